from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg import segment
from napari_cellseg.errors import ImageError, ModelError, RecipeError
from napari_cellseg.io.images import Stack
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.network.predict import Predictor
from napari_cellseg.pipeline import (
    Pipeline,
    estimate_diameter,
    resolve,
    segment_stack,
)
from napari_cellseg.pipeline.fast import split_key

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.recipe import Recipe


def _discs(diameter: float, shape: tuple[int, int] = (200, 200)) -> np.ndarray:
    """Bright discs on a grid, two diameters apart."""
    y, x = np.indices(shape)
    pitch = 2 * diameter
    distance = np.hypot(y % pitch - pitch / 2, x % pitch - pitch / 2)
    return (1000 * (distance < diameter / 2)).astype(np.uint16)


@pytest.fixture
def movie() -> Stack:
    return Stack.from_array(np.stack([_discs(24), _discs(24).T, 0 * _discs(24)]))


def test_every_disc_is_a_cell(movie: Stack, recipe: Recipe) -> None:
    pipeline = Pipeline(movie, "cpu")
    result = pipeline.segment(0, recipe)
    assert result.count == 16
    assert result.labels.max() == 16
    np.testing.assert_array_equal(result.mask, result.labels > 0)
    agreement = (result.mask == (movie.frame(0) > 0)).mean()
    assert agreement > 0.99


def test_a_frame_without_cells(movie: Stack, recipe: Recipe) -> None:
    result = Pipeline(movie, "cpu").segment(2, recipe)
    assert result.count == 0
    assert not result.labels.any()


def test_a_new_h_predicts_nothing_anew(
    movie: Stack, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(movie, "cpu")
    pipeline.segment(0, recipe)
    assert pipeline.has_maps(0, recipe)

    def refuse(*_: object) -> None:
        raise AssertionError("the network ran again")

    monkeypatch.setattr(Predictor, "steps", refuse)
    for change in ({"h": 0.5}, {"threshold": 0.4}, {"element_size": 5}):
        changed = recipe.change("postprocess", **change)
        assert pipeline.has_maps(0, changed)
        assert pipeline.segment(0, changed).count == 16
    assert not pipeline.has_maps(0, recipe.change("preprocess", method="clahe"))
    assert not pipeline.has_maps(0, recipe.change("scale", diameter=12.0))
    assert not pipeline.has_maps(1, recipe)


def _train(path: Path, start: Path, bias: float) -> None:
    """Write a model that is another than the one to start from."""
    old = load_bundle(start)
    weights = dict(old.network.state_dict())
    weights["head.bias"] = weights["head.bias"] + bias
    save_bundle(path, weights, old.architecture, old.diameter, {}, old.unit)


def test_a_model_saved_anew_under_its_name_is_noticed(
    movie: Stack, recipe: Recipe, model_file: Path, tmp_path: Path
) -> None:
    model = tmp_path / "mine.safetensors"
    recipe = recipe.change("network", model=str(model))
    pipeline = Pipeline(movie, "cpu")
    for bias in (0.0, 1.0, 2.0):
        _train(model, model_file, bias)
        assert not pipeline.has_maps(0, recipe)
        assert pipeline.with_maps(recipe) == set()
        assert pipeline.follow(0, recipe) is None
        alone = Pipeline(movie, "cpu").maps(0, recipe)
        np.testing.assert_array_equal(pipeline.maps(0, recipe).data, alone.data)
        *_, maps = pipeline.predict(0, recipe)
        assert maps is pipeline.maps(0, recipe)
        assert pipeline.with_maps(recipe) == {0}
    # the same model again, or none: what it said still holds
    _train(model, model_file, 2.0)
    assert pipeline.follow(0, recipe) is not None
    model.unlink()
    assert pipeline.follow(0, recipe) is not None
    assert pipeline.segment(1, recipe).count == 16
    model.write_bytes(b"damaged")
    assert pipeline.follow(0, recipe) is None
    with pytest.raises(ModelError, match="not a readable model file"):
        pipeline.segment(0, recipe)


def test_a_request_asks_once_for_the_model(
    movie: Stack, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(movie, "cpu")
    pipeline.segment(0, recipe)
    asked = []

    def stated(model: str) -> str:
        asked.append(model)
        return load_bundle(model).checksum

    monkeypatch.setattr("napari_cellseg.pipeline.stages.stated_checksum", stated)
    assert pipeline.follow(0, recipe.change("postprocess", threshold=0.4))
    assert pipeline.with_maps(recipe) == {0}
    assert len(asked) == 2


def test_maps_and_hierarchies_share_one_limit(movie: Stack, recipe: Recipe) -> None:
    pipeline = Pipeline(movie, "cpu")
    pipeline.segment(0, recipe)
    maps, split = pipeline.cache.held, pipeline.splits.held
    # room for the maps of all three frames, and for one hierarchy beside them
    pipeline.grant(3 * maps + split + split // 2)
    for t in range(3):
        pipeline.segment(t, recipe)
    assert pipeline.held <= pipeline.memory
    assert pipeline.with_maps(recipe) == {0, 1, 2}
    pipeline.grant(2 * maps)
    assert pipeline.held <= pipeline.memory
    assert pipeline.with_maps(recipe) == {2}
    assert pipeline.follow(0, recipe) is None
    pipeline.grant(0)
    assert pipeline.held == 0


def test_a_pass_pushes_out_no_maps_and_not_its_own_work(
    movie: Stack, recipe: Recipe
) -> None:
    pipeline = Pipeline(movie, "cpu")
    for t in range(3):
        pipeline.segment(t, recipe)
    maps, split = pipeline.cache.held, pipeline.splits.held // 3
    pipeline.grant(maps + 2 * split + split // 2)
    assert pipeline.with_maps(recipe) == {0, 1, 2}
    changed = recipe.change("postprocess", threshold=0.4)
    for t in range(3):
        found = pipeline.follow(t, changed, beside=True)
        assert found is not None
        np.testing.assert_array_equal(found.labels, _alone(movie, changed, t))
    source = pipeline._source(changed)
    kept = [split_key(t, changed, source) in pipeline.splits for t in range(3)]
    assert kept == [True, True, False]
    assert pipeline.with_maps(recipe) == {0, 1, 2}


def _alone(movie: Stack, recipe: Recipe, t: int) -> np.ndarray:
    return Pipeline(movie, "cpu", memory=0).segment(t, recipe).labels


def test_with_and_without_a_cache_the_same(movie: Stack, recipe: Recipe) -> None:
    pipeline = Pipeline(movie, "cpu")
    frames = {t: s for t, s in segment_stack(pipeline, recipe) if s is not None}
    np.testing.assert_array_equal(
        np.stack([frames[t].labels for t in range(3)]),
        segment(movie, recipe, device="cpu"),
    )


def test_a_stack_yields_between_steps(movie: Stack, recipe: Recipe) -> None:
    tiled = recipe.change("network", tile=96, overlap=0)
    steps = list(segment_stack(Pipeline(movie, "cpu"), tiled))
    assert [t for t, s in steps if s is not None] == [0, 1, 2]
    assert sum(s is None for _, s in steps) > 20


def test_an_image_gives_an_image(movie: Stack, recipe: Recipe) -> None:
    labels = segment(movie.frame(0), recipe, device="cpu")
    assert labels.shape == (200, 200)
    assert labels.dtype == np.uint16


@pytest.mark.parametrize("diameter", [9, 16, 30, 60, 110])
def test_the_diameter_is_found(recipe: Recipe, diameter: int) -> None:
    side = max(256, 5 * diameter)
    stack = Stack.from_array(_discs(diameter, (side, side)))
    automatic = recipe.change("scale", diameter=None)
    estimate = estimate_diameter(Pipeline(stack, "cpu"), automatic)
    assert estimate.diameter == pytest.approx(diameter, rel=0.1)
    assert estimate.cells > 0


def test_nothing_to_estimate_from_is_said(
    recipe: Recipe, caplog: pytest.LogCaptureFixture
) -> None:
    stack = Stack.from_array(np.zeros((50, 60), np.uint8))
    automatic = recipe.change("scale", diameter=None)
    assert estimate_diameter(Pipeline(stack, "cpu"), automatic).cells == 0
    assert "no cell found" in caplog.text


def test_resolving_leaves_nothing_automatic(movie: Stack, recipe: Recipe) -> None:
    automatic = recipe.change("scale", diameter=None)
    automatic = automatic.change("postprocess", h=None, smallest_area=None)
    pipeline = Pipeline(movie, "cpu")
    ready = resolve(automatic, pipeline)
    assert ready.scale.diameter == pytest.approx(24, rel=0.1)
    assert None not in (ready.postprocess.h, ready.postprocess.smallest_area)
    assert resolve(ready, pipeline) == ready


def test_an_automatic_recipe_is_not_guessed(movie: Stack, recipe: Recipe) -> None:
    with pytest.raises(RecipeError, match="resolve the recipe first"):
        Pipeline(movie, "cpu").segment(0, recipe.change("scale", diameter=None))


def test_nan_is_named_with_its_frame(recipe: Recipe) -> None:
    frames = np.ones((3, 8, 8), np.float32)
    frames[1, 2, 3] = np.nan
    pipeline = Pipeline(Stack.from_array(frames, "movie"), "cpu")
    with pytest.raises(ImageError, match=r"frame 1 of movie has 1 pixels"):
        list(segment_stack(pipeline, recipe))


def test_a_path_is_not_an_array() -> None:
    with pytest.raises(TypeError, match=r"images is a str: .*open_image"):
        segment("movie.tif")


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (17, 3)])
def test_any_image_size(shape: tuple[int, int], recipe: Recipe) -> None:
    frame = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    automatic = recipe.change("scale", diameter=None)
    assert segment(frame, automatic, device="cpu").shape == shape
