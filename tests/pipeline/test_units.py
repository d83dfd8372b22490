from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from skimage.draw import disk

from napari_cellseg.errors import RecipeError
from napari_cellseg.io.images import Stack, open_image
from napari_cellseg.pipeline import Pipeline, resolve, segment_stack
from napari_cellseg.preprocess import Scale
from napari_cellseg.recipe import load_recipe, override
from napari_cellseg.session.engine import Engine
from napari_cellseg.session.requests import Answer, Request

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.recipe import Recipe


@pytest.fixture(scope="module")
def stack() -> Stack:
    """Discs of 20 px, two of them touching; a pixel is 0.5 µm."""
    image = np.zeros((2, 80, 120), np.uint8)
    for y, x in ((20, 20), (20, 39), (55, 40), (50, 90)):
        image[:, *disk((y, x), 10)] = 200
    return Stack.from_array(image, pixel_size=0.5)


@pytest.fixture
def physical(recipe: Recipe) -> Recipe:
    """A recipe of µm alone, and what it is in px for 0.5 µm a pixel."""
    return override(
        recipe,
        [
            "scale.to=pixel size",
            "scale.pixel_size=1",
            "scale.diameter=",
            "postprocess.h=1 µm",
            "postprocess.smallest_area=5 µm²",
            "postprocess.smallest_blob=3 um",
            "cells.area=300 µm^2",
        ],
    )


def test_micrometres_become_pixels(stack: Stack, physical: Recipe) -> None:
    ready = resolve(physical, Pipeline(stack, "cpu"))
    assert ready.scale == Scale(to="factor", factor=0.5, pixel_size=1)
    assert ready.postprocess.h == 2
    assert ready.postprocess.smallest_area == 20
    assert ready.postprocess.smallest_blob == 6
    assert ready.cells.area == 1200
    assert not ready.needs_pixel_size
    assert resolve(ready, Pipeline(stack, "cpu")) == ready


def test_what_is_not_known_is_asked_for(stack: Stack, physical: Recipe) -> None:
    bare = Pipeline(replace(stack, pixel_size=None), "cpu")
    said = r"^scale\.pixel_size is 1 µm, .* not known: give it \(--pixel-size .*dock"
    with pytest.raises(RecipeError, match=said):
        resolve(physical, bare)
    plain = physical.change("scale", to="factor")
    with pytest.raises(RecipeError, match=r"^postprocess\.\w+ is .* µm.?, but"):
        resolve(plain, bare)


def test_pixels_that_are_not_square_are_refused(
    stack: Stack, physical: Recipe, recipe: Recipe
) -> None:
    flat = replace(stack, pixel_height=0.8)
    with pytest.raises(RecipeError, match=r"0\.5 µm wide, but 0\.8 µm high: resample"):
        resolve(physical, Pipeline(flat, "cpu"))
    assert Engine(flat, "cpu", 0).resolve(physical) is None
    # what is in px has no need of them
    assert resolve(recipe, Pipeline(flat, "cpu")) == recipe.settle(None)


def test_readers_say_where_pixels_are_not_square(tmp_path: Path) -> None:
    image = np.zeros((8, 9), np.uint16)
    for name, height in (("flat.ome.tif", 0.8), ("square.ome.tif", 0.5)):
        sides = {"PhysicalSizeX": 0.5, "PhysicalSizeY": height}
        tifffile.imwrite(tmp_path / name, image, metadata={"axes": "YX", **sides})
    tifffile.imwrite(
        tmp_path / "flat.tif",
        image,
        imagej=True,
        resolution=(2, 1.25),
        metadata={"unit": "um"},
    )
    found = [
        open_image(tmp_path / name).stack().pixel_height
        for name in ("flat.ome.tif", "square.ome.tif", "flat.tif")
    ]
    assert found == [pytest.approx(0.8), None, pytest.approx(0.8)]


def test_a_pixel_size_that_cannot_be_is_refused(stack: Stack, physical: Recipe) -> None:
    far = Pipeline(replace(stack, pixel_size=1e-6), "cpu")
    # the scale is looked at first where there is one to a pixel size, else a length
    said = (
        r"that of the image 1e-06 µm|^postprocess\.\w+ is .* px for pixels of 1e-06 µm"
    )
    with pytest.raises(RecipeError, match=said):
        resolve(physical, far)


def test_microns_and_their_pixels_give_one_result(
    stack: Stack, physical: Recipe
) -> None:
    pipeline = Pipeline(stack, "cpu")
    ready = resolve(physical, pipeline)
    given = physical.change("scale", to="factor", factor=0.5).change(
        "postprocess", h=2, smallest_area=20, smallest_blob=6
    )
    given = given.change("cells", area=1200)
    found = pipeline.segment(0, ready).labels
    np.testing.assert_array_equal(found, pipeline.segment(0, given).labels)
    assert found.max() == 3


@pytest.mark.parametrize(
    "scale",
    [{"to": "factor", "factor": 1.0}, {"to": "image size", "side": 96}],
)
def test_a_diameter_is_estimated_only_where_it_decides(
    stack: Stack, recipe: Recipe, scale: dict[str, object]
) -> None:
    own = recipe.change("scale", diameter=None, **scale)
    pipeline = Pipeline(stack, "cpu")
    assert resolve(own, pipeline) == own
    automatic = own.change("postprocess", h=None)
    assert automatic.estimates_diameter
    ready = resolve(automatic, pipeline)
    assert ready.scale.diameter == pytest.approx(20, rel=0.15)
    assert ready.postprocess.h == pytest.approx(0.1 * 20, rel=0.15)


def test_what_splits_without_h_needs_no_diameter(recipe: Recipe) -> None:
    own = recipe.change("scale", diameter=None, to="factor")
    spaced = own.change("postprocess", h=None, markers="spacing")
    assert not spaced.uses_diameter
    settled = spaced.settle(None)
    assert settled is not None
    assert settled.postprocess.h == 0


@pytest.mark.parametrize("free", [("postprocess.h=1 µm",), ("postprocess.h=",)])
@pytest.mark.parametrize("to", ["pixel size", "image size", "cell diameter"])
def test_the_window_gives_what_the_command_line_gives(
    stack: Stack, recipe: Recipe, to: str, free: tuple[str, ...]
) -> None:
    wanted = override(recipe.change("scale", diameter=None, to=to), free)
    pipeline = Pipeline(stack, "cpu", memory=0)
    ready = resolve(wanted, pipeline)
    theirs = [s.labels for _, s in segment_stack(pipeline, ready) if s is not None]
    engine = Engine(stack, "cpu", 2**26)
    answers = [
        a
        for a in engine.segment((0, 1), lambda t: Request(t + 1, t, wanted))
        if isinstance(a, Answer)
    ]
    assert [a.error for a in answers] == ["", ""]
    assert [a.recipe for a in answers] == [ready, ready]
    for answer, labels in zip(answers, theirs, strict=True):
        assert answer.segmentation is not None
        np.testing.assert_array_equal(answer.segmentation.labels, labels)


def test_the_window_says_that_a_pixel_size_is_missing(
    stack: Stack, physical: Recipe
) -> None:
    engine = Engine(replace(stack, pixel_size=None), "cpu", 2**26)
    assert engine.resolve(physical) is None
    assert engine.with_maps(physical) == set()
    (answer,) = (
        step
        for step in engine.segment((0,), lambda t: Request(1, t, physical))
        if isinstance(step, Answer)
    )
    assert "Pixel size in the dock" in answer.error
    # it is entered: what is known of the stack is its own again
    engine.stack = stack
    resolved = engine.resolve(physical)
    assert resolved is not None
    assert resolved.postprocess.h == 2
    engine.stack = replace(stack, pixel_size=0.25)
    resolved = engine.resolve(physical)
    assert resolved is not None
    assert resolved.postprocess.h == 4


def test_only_what_decides_the_scale_asks_the_network_anew(
    stack: Stack, recipe: Recipe
) -> None:
    pipeline = Pipeline(stack, "cpu")
    own = recipe.change("scale", to="factor", factor=1.0)
    pipeline.maps(0, own)
    assert pipeline.has_maps(0, own.change("scale", diameter=50, side=64))
    assert not pipeline.has_maps(0, own.change("scale", factor=2.0))


def test_a_model_of_another_recipe_is_refused(stack: Stack, recipe: Recipe) -> None:
    other = recipe.change("postprocess", map="nucleus").change("cells", grow=True)
    with pytest.raises(
        RecipeError, match=r"needs the map 'nucleus' .*predicts foreground, distance"
    ):
        Pipeline(stack, "cpu").maps(0, other)


def test_a_model_without_a_histogram_cannot_match(stack: Stack, recipe: Recipe) -> None:
    matching = recipe.change("preprocess", method="match")
    with pytest.raises(RecipeError, match="holds no histogram to match"):
        Pipeline(stack, "cpu").maps(0, matching)
    answer = Engine(stack, "cpu", 0).respond(Request(1, 0, matching, preview=True))
    assert "holds no histogram to match" in answer.error


def test_a_published_recipe_says_how_to_get_its_model(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("NAPARI_CELLSEG_MODELS", str(tmp_path))
    engine = Engine(stack, "cpu", 0)
    wanted = load_recipe("draghici2025")
    answers = list(engine.segment((0,), lambda t: Request(1, t, wanted)))
    assert isinstance(answers[-1], Answer)
    assert answers[-1].error.endswith("napari-cellseg train DATA --recipe draghici2025")
