from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg.errors import RecipeError
from napari_cellseg.io.images import Stack
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.network.files import stated
from napari_cellseg.pipeline import Pipeline
from napari_cellseg.pipeline.needs import check_model, trained_otherwise, unfit
from napari_cellseg.preprocess import Preprocess, Scale
from napari_cellseg.recipe import Recipe, load_recipe

if TYPE_CHECKING:
    from pathlib import Path


def trained(path: Path, model_file: Path, **sections: Preprocess | Scale) -> Recipe:
    """A recipe of default sections whose model was trained with these."""
    old = load_bundle(model_file)
    card = {name: part.model_dump(mode="json") for name, part in sections.items()}
    save_bundle(path, old.network.state_dict(), old.architecture, 24.0, card)
    return Recipe(name="a").change("network", model=str(path))


@pytest.mark.parametrize(
    ("before", "changes", "named"),
    [
        (Preprocess(), {}, ""),
        (Preprocess(method="stretch"), {}, "method = stretch (the recipe has perc"),
        (Preprocess(low=3), {}, "preprocess.low = 3.0 (the recipe has 1.0)"),
        (Preprocess(clip=9, grid=4, nan="background"), {}, ""),
        (Preprocess(method="clahe", clip=9), {"method": "clahe"}, "clip = 9.0"),
        (Preprocess(median=3), {}, "median = 3"),
        (Preprocess(standardize=True), {}, "standardize = True"),
    ],
)
def test_other_contrast_is_named(
    tmp_path: Path,
    model_file: Path,
    before: Preprocess,
    changes: dict[str, str],
    named: str,
) -> None:
    recipe = trained(tmp_path / "m.safetensors", model_file, preprocess=before)
    words = trained_otherwise(recipe.change("preprocess", **changes))
    assert named in words
    assert bool(words) == bool(named)


@pytest.mark.parametrize(
    ("before", "now", "named"),
    [
        (Scale(diameter=9), Scale(diameter=30), ""),
        (Scale(to="image size"), Scale(), "scale.to = image size (the recipe has cell"),
        (Scale(to="factor"), Scale(to="factor", factor=2), "scale.factor = 1.0"),
        (Scale(to="pixel size"), Scale(to="factor", factor=0.5), ""),
    ],
)
def test_another_scale_is_named(
    tmp_path: Path, model_file: Path, before: Scale, now: Scale, named: str
) -> None:
    recipe = trained(tmp_path / "m.safetensors", model_file, scale=before)
    words = trained_otherwise(recipe.replace(scale=now))
    assert named in words
    assert bool(words) == bool(named)


def test_another_kind_of_network_that_serves_is_named(recipe: Recipe) -> None:
    other = load_recipe("aydin2022").change("network", model=recipe.network.model)
    assert "kind = unet (the recipe has plain-unet)" in trained_otherwise(other)
    assert not unfit(other)


def test_the_shipped_model_is_as_its_recipe_has_it() -> None:
    assert stated("nuclei").card
    assert not trained_otherwise(load_recipe())
    assert not unfit(load_recipe())


def test_a_model_that_is_not_there_is_not_compared() -> None:
    recipe = load_recipe().change("network", model="not-there")
    assert trained_otherwise(recipe) == unfit(recipe) == ""


@pytest.mark.parametrize(
    ("recipe", "model", "needs"),
    [
        ("lin2022", "elmokhtari2023", "instances"),
        ("nuclei", "aydin2022", "'distance'"),
        ("alkofahi2018", "nuclei", "'nucleus' .*'cytoplasm'"),
        ("lin2022", "lin2022", ""),
        ("elmokhtari2023", "lin2022", ""),
    ],
)
def test_a_model_serves_or_is_refused(recipe: str, model: str, needs: str) -> None:
    wanted = load_recipe(recipe)
    architecture = load_recipe(model).training.architecture
    if not needs:
        check_model(wanted, architecture)
        return
    with pytest.raises(RecipeError, match=f"needs .*{needs}.*, but the model"):
        check_model(wanted, architecture)


def test_what_cannot_serve_is_refused_before_a_frame_is_read(recipe: Recipe) -> None:
    frame = np.full((32, 32), np.nan, np.float32)
    pipeline = Pipeline(Stack.from_array(frame), "cpu")
    with pytest.raises(RecipeError, match="needs instances"):
        list(pipeline.predict(0, recipe.change("postprocess", landscape="instances")))
