from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage

from napari_cellseg.errors import RecipeError
from napari_cellseg.io.images import Stack
from napari_cellseg.network.maps import Maps
from napari_cellseg.pipeline import Pipeline
from napari_cellseg.recipe import Recipe

if TYPE_CHECKING:
    from napari_cellseg.pipeline import Segmentation

CENTERS = ((20, 20), (20, 48), (60, 40))


def discs(radius: float) -> np.ndarray:
    """Discs around the centres; the first two cells touch."""
    y, x = np.indices((90, 90))
    away = [np.hypot(y - cy, x - cx) for cy, cx in CENTERS]
    return np.min(away, axis=0) < radius


NUCLEI, CELLS = discs(6), discs(15)
IMAGE = ndimage.gaussian_filter(np.where(NUCLEI, 0.1, 0.9) * CELLS, 1).astype("f4")


def maps_of(**channels: np.ndarray) -> Maps:
    return Maps(tuple(channels), np.stack(list(channels.values())).astype(np.float16))


MAPS = maps_of(nucleus=NUCLEI, cytoplasm=CELLS & ~NUCLEI)


@pytest.fixture
def recipe() -> Recipe:
    recipe = Recipe(name="cells")
    recipe = recipe.change(
        "postprocess",
        map="nucleus",
        threshold_by="blobs",
        smallest_area=10,
        landscape="distance transform",
        h=2,
    )
    return recipe.change("cells", grow=True, area=float(CELLS.sum()) / 3)


@pytest.fixture
def pipeline(recipe: Recipe) -> Pipeline:
    """A pipeline that has the maps of its two frames, and no network."""
    pipeline = Pipeline(Stack.from_array(np.stack([IMAGE, IMAGE[::-1]])), "cpu")
    source = pipeline._source(recipe)
    flipped = Maps(MAPS.names, MAPS.data[:, ::-1].copy())
    pipeline.cache.put((0, source), MAPS)
    pipeline.cache.put((1, source), flipped)
    return pipeline


def followed(pipeline: Pipeline, recipe: Recipe) -> Segmentation:
    found = pipeline.follow(0, recipe)
    assert found is not None
    return found


def test_each_nucleus_has_its_cell(pipeline: Pipeline, recipe: Recipe) -> None:
    found = followed(pipeline, recipe)
    assert found.nuclei is not None
    assert found.count == found.labels.max() == found.nuclei.max() == 3
    inside = found.nuclei > 0
    np.testing.assert_array_equal(found.labels[inside], found.nuclei[inside])
    assert (found.mask == CELLS).mean() > 0.99
    assert len({int(found.labels[c]) for c in CENTERS}) == 3
    np.testing.assert_array_equal(
        found.labels, pipeline.segment(0, recipe, MAPS).labels
    )


def test_without_growing_there_are_nuclei_alone(
    pipeline: Pipeline, recipe: Recipe
) -> None:
    grown = followed(pipeline, recipe)
    found = followed(pipeline, recipe.change("cells", grow=False))
    assert found.nuclei is None
    assert grown.nuclei is not None
    np.testing.assert_array_equal(found.labels, grown.nuclei)


def test_a_new_h_regrows_the_cells_alone(
    pipeline: Pipeline, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed(pipeline, recipe)
    monkeypatch.setattr(Pipeline, "contrast", None)
    changed = recipe.change("postprocess", h=1.0).change("cells", area=300.0)
    found = followed(pipeline, changed)
    assert found.count == 3
    assert NUCLEI.sum() < found.mask.sum() < 0.9 * CELLS.sum()


def test_what_is_gone_is_not_followed(pipeline: Pipeline, recipe: Recipe) -> None:
    grown = pipeline.segment(0, recipe)
    pipeline.cache.resize(0)
    assert followed(pipeline, recipe).count == grown.count
    assert pipeline.follow(0, recipe.change("cells", smoothing=2.0)) is None
    assert pipeline.follow(1, recipe) is None


def test_what_the_model_lacks_is_named(pipeline: Pipeline, recipe: Recipe) -> None:
    bare = maps_of(foreground=NUCLEI, background=~NUCLEI)
    with pytest.raises(RecipeError, match=r"'nucleus' .*'cytoplasm' \(cells\.grow\)"):
        pipeline.segment(0, recipe, bare)
    by_foreground = recipe.change("postprocess", map="foreground")
    with pytest.raises(RecipeError, match=r"'cytoplasm' .* predicts foreground"):
        pipeline.segment(0, by_foreground, bare)
    alone = recipe.change("postprocess", landscape="instances")
    with pytest.raises(RecipeError, match=r"needs instances \(postprocess\.landscape"):
        pipeline.segment(1, alone)


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("postprocess", "h", "3 µm"),
        ("postprocess", "smallest_blob", "5 µm"),
        ("cells", "area", "400 µm²"),
    ],
)
def test_lengths_in_microns_are_to_be_resolved(
    pipeline: Pipeline, recipe: Recipe, section: str, field: str, value: str
) -> None:
    with pytest.raises(RecipeError, match=rf"{section}\.{field} is {value}.*pixel"):
        pipeline.follow(0, recipe.change(section, **{field: value}))


def test_instances_are_cells(pipeline: Pipeline, recipe: Recipe) -> None:
    own = ndimage.label(NUCLEI)[0].astype(np.uint16)
    maps = Maps(MAPS.names, MAPS.data, own)
    instances = recipe.change(
        "postprocess", landscape="instances", threshold_by="value"
    )
    pipeline.cache.put((0, pipeline._source(recipe)), maps)
    found = pipeline.segment(0, instances.change("cells", grow=False), maps)
    np.testing.assert_array_equal(found.labels, own)
    assert pipeline.follow(0, instances.change("postprocess", h=30.0)).count == 3
