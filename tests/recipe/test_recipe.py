from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.errors import ModelError, RecipeError
from napari_cellseg.network.files import find_model
from napari_cellseg.parameters import Microns
from napari_cellseg.preprocess import Scale
from napari_cellseg.recipe import Recipe, installed_recipes, load_recipe, override

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", installed_recipes())
def test_installed_recipes_load_and_bear_their_name(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.title
    assert recipe.source


def test_the_default_comes_first() -> None:
    assert next(iter(installed_recipes())) == "nuclei"


def test_save_then_load(tmp_path: Path) -> None:
    recipe = override(load_recipe(), ["postprocess.h=2.5", "scale.diameter=31"])
    recipe.save(tmp_path / "r.toml")
    assert load_recipe(tmp_path / "r.toml") == recipe


@given(
    h=st.none() | st.floats(0, 100),
    threshold=st.floats(0, 1),
    diameter=st.none() | st.floats(2, 1000),
)
def test_any_recipe_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory,
    h: float | None,
    threshold: float,
    diameter: float | None,
) -> None:
    recipe = load_recipe().change("postprocess", h=h, threshold=threshold)
    recipe = recipe.change("scale", diameter=diameter)
    path = tmp_path_factory.mktemp("recipes") / "r.toml"
    recipe.save(path)
    assert load_recipe(path) == recipe


def test_override_sets_and_frees() -> None:
    recipe = override(load_recipe(), ["postprocess.h=2.5", "postprocess.element=disk"])
    assert recipe.postprocess.h == 2.5
    assert recipe.postprocess.element == "disk"
    assert override(recipe, ["postprocess.h="]).postprocess.h is None


def test_recipes_are_keys() -> None:
    assert hash(load_recipe()) == hash(load_recipe())
    assert load_recipe() != load_recipe().change("postprocess", threshold=0.4)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("postprocess.hh=2", r"postprocess\.hh is not known\. Did you mean 'h'\?"),
        ("postproces.h=2", r"postproces is not known\. Did you mean 'postprocess'\?"),
        ("postprocess.h=-1", r"postprocess\.h = -1 is not allowed: .*greater than"),
        ("postprocess.element=star", r"'diamond' or 'disk'"),
        ("postprocess.landscape=instance", r"Did you mean 'instances'\?$"),
        ("scale.to=Pixel", r"or 'factor'\. Did you mean 'pixel size'\?$"),
        ("preprocess.median=4", r"= 4 is not allowed: .*0, 3 or 5\.$"),
        ("postprocess.h=3 mm", r"the unit 'mm' is not one of px, µm"),
        ("postprocess.h=3 µm²", r"not one of px, µm \(did you mean 'µm'\?\)\.$"),
        ("scale.pixel_size=3 px", r"expected a number of µm, as 0\.65 or '0\.65 µm'"),
        ("postprocess.h=-3 µm", r"greater than or equal to 0"),
        ("training.architecture.maps=['nuclei']", r"Did you mean 'nucleus'\?$"),
        ("postprocess.h=two", r"= 'two' is not allowed: .*number"),
        ("h=2", "expected SECTION.FIELD=VALUE"),
        ("postprocess.h", "expected SECTION.FIELD=VALUE"),
        ("name.x=2", "not allowed"),
        ("network.tile=64", r"--set network: .*overlap \(64 px\) must be below tile"),
        ("training.crop=88", r"--set training: .*crop \(88 px\).*multiple of 16"),
    ],
)
def test_bad_settings_are_refused_in_words(setting: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        override(load_recipe(), [setting])


def test_fields_that_do_not_fit_each_other_are_refused_in_words() -> None:
    with pytest.raises(RecipeError) as refused:
        override(load_recipe(), ["preprocess.low=50", "preprocess.high=50"])
    assert str(refused.value) == (
        "--set preprocess: preprocess is not allowed: low (50.0 %) must be below high "
        "(50.0 %)."
    )


def test_a_bad_file_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\n\n[postprocess]\nthreshold = 0.5\nh = -2\n')
    with pytest.raises(RecipeError, match=r"r\.toml, line 5: postprocess\.h = -2"):
        load_recipe(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('kind = "unett"', r"line 6: .*Did you mean 'unet'\?"),
        ('maps = ["foreground", "nuclei"]', r"line 6: .*maps\.1 = 'nuclei'"),
        ("widths = [8, 0]", r"line 6: .*widths\.1 = 0 .*greater than or equal to 1"),
        ("depth = 4", r"line 6: .*depth is not known.*Known here: activation"),
    ],
)
def test_a_bad_part_is_refused_with_the_line(
    tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        f'name = "x"\n[training]\nepochs = 3\n\n[training.architecture]\n{line}\n'
    )
    with pytest.raises(RecipeError, match=said):
        load_recipe(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('training.architecture.kind = "u"', 2),
        ('training = { architecture = { kind = "u" } }', 2),
        ('[training]\narchitecture.kind = "u"', 3),
        ('[ training . "architecture" ]\n"kind" = "u"', 3),
    ],
)
def test_a_line_is_found_however_it_is_written(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'name = "x"\n{text}\n')
    with pytest.raises(
        RecipeError, match=rf"line {line}: training\.architecture\.kind"
    ):
        load_recipe(path)


def test_lengths_keep_their_unit_in_the_file(tmp_path: Path) -> None:
    settings = ["postprocess.h=3 µm", "postprocess.smallest_area=20 um2"]
    recipe = override(load_recipe(), settings)
    assert str(recipe.postprocess.h) == "3 µm"
    assert override(recipe, ["postprocess.threshold=0.4"]).postprocess.h == Microns(3)
    recipe.save(tmp_path / "r.toml")
    assert load_recipe(tmp_path / "r.toml") == recipe
    assert override(recipe, ["postprocess.h=3 px"]).postprocess.h == 3


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('format = 2\nname = "x"\n')
    with pytest.raises(RecipeError, match=r"line 1: format = 2 is not allowed"):
        load_recipe(path)


def test_what_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("name = ")
    with pytest.raises(RecipeError, match="not a recipe file"):
        load_recipe(path)


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("name = " + 9999 * "[")
    with pytest.raises(RecipeError, match="not a recipe file: it is nested too deeply"):
        load_recipe(path)
    with pytest.raises(RecipeError, match=r"--set postprocess\.h.*is not allowed"):
        override(load_recipe(), ["postprocess.h=" + 9999 * "["])


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RecipeError, match=r"'nuclear'.*installed: nuclei"):
        load_recipe("nuclear")


def test_the_nearest_name_is_asked_for() -> None:
    with pytest.raises(RecipeError, match=r"Did you mean 'alkofahi2018'\?$"):
        load_recipe("alkofahi")
    with pytest.raises(ModelError, match=r"Did you mean 'nuclei'\?$"):
        find_model("nucleii")


def test_errors_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        'name = "x"\n[tracking]\na = 1\n[scale]\nb = 2\n[preprocess]\nc = 3\n'
    )
    with pytest.raises(RecipeError) as refused:
        load_recipe(path)
    lines = [
        said.split(",")[1].split(":")[0] for said in str(refused.value).split("\n")
    ]
    assert lines == [" line 3", " line 5", " line 7"]


@pytest.mark.parametrize("written", ["0.5 µm", "0.5um", "0.5", 0.5])
def test_a_pixel_size_may_have_its_unit(written: object) -> None:
    assert Scale.model_validate({"pixel_size": written}).pixel_size == 0.5


@pytest.mark.parametrize(("size", "words"), [(65.0, "much"), (0.01, "little")])
def test_a_pixel_size_that_is_hardly_right_is_refused(size: float, words: str) -> None:
    recipe = load_recipe("alkofahi2018")
    assert recipe.calibrate(0.065).scale.factor == pytest.approx(0.1)
    with pytest.raises(
        RecipeError, match=rf"0\.65 µm .*{size:g} µm.* as {words}.*--pix"
    ):
        recipe.calibrate(size)


def test_part_of_a_recipe_is_a_recipe(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('name = "x"\n')
    assert load_recipe(path) == Recipe(name="x")
