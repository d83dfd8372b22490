from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg.errors import ImageError, RecipeError
from napari_cellseg.metrics import overlap
from napari_cellseg.metrics.similarity import sm
from napari_cellseg.recipe import load_recipe
from napari_cellseg.simulate import CellsFrame, simulate_cells, write_cells
from napari_cellseg.training.dataset import load_examples
from napari_cellseg.training.folders import find_pairs
from napari_cellseg.training.two_channel import two_channel_labels

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = load_recipe("alkofahi2018")


@pytest.fixture(scope="module")
def frames() -> list[CellsFrame]:
    return [simulate_cells(np.random.default_rng(s), (320, 320)) for s in range(6)]


def test_labels_of_two_channels_are_near_the_truth(frames: list[CellsFrame]) -> None:
    found = [
        two_channel_labels(f.nuclear_channel, f.cell_channel, RECIPE, 0.65)
        for f in frames
    ]
    nuclei = [sm(overlap(n, f.nuclei)) for (n, _), f in zip(found, frames, strict=True)]
    cells = [sm(overlap(c, f.cells)) for (_, c), f in zip(found, frames, strict=True)]
    assert np.mean(nuclei) > 0.9
    assert np.mean(cells) > 0.77
    for (nucleus, cell), frame in zip(found, frames, strict=True):
        inside = nucleus > 0
        np.testing.assert_array_equal(cell[inside], nucleus[inside])
        assert set(np.unique(cell)) == set(np.unique(nucleus))
        number = len(np.unique(frame.nuclei)) - 1
        assert nucleus.max() == pytest.approx(number, rel=0.1)


def test_lengths_follow_the_pixel_size(frames: list[CellsFrame]) -> None:
    frame = frames[0]
    channels = (frame.nuclear_channel, frame.cell_channel)
    by = RECIPE.postprocess.calibrate(0.65), RECIPE.cells.calibrate(0.65)
    plain = RECIPE.replace(postprocess=by[0], cells=by[1])
    for one, two in zip(
        two_channel_labels(*channels, RECIPE, 0.65),
        two_channel_labels(*channels, plain),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(RecipeError, match=r"pixel size is not known.*--pixel-size"):
        two_channel_labels(*channels, RECIPE)


def test_a_recipe_that_grows_no_cells_is_refused(frames: list[CellsFrame]) -> None:
    channels = (frames[0].nuclear_channel, frames[0].cell_channel)
    with pytest.raises(RecipeError, match=r"nuclei cannot make them .*cells\.grow"):
        two_channel_labels(*channels, load_recipe("nuclei"))


def test_channels_of_two_sizes_are_refused(frames: list[CellsFrame]) -> None:
    with pytest.raises(ImageError, match="320 x 320 px, its nuclear channel 9 x 320"):
        two_channel_labels(
            frames[0].nuclear_channel[:9], frames[0].cell_channel, RECIPE
        )


def test_a_folder_of_two_channels_gives_examples(tmp_path: Path) -> None:
    write_cells(tmp_path, 2, shape=(128, 128), truth=False)
    pairs = find_pairs(tmp_path, {})
    assert [p.labels for p in pairs] == [None, None]
    example = load_examples(pairs, RECIPE)[0]
    assert example.nuclei is not None
    assert example.nuclei.shape == example.image.shape == (128, 128)
    inside = example.nuclei > 0
    assert inside.any()
    np.testing.assert_array_equal(example.nuclei[inside], example.labels[inside])
    (tmp_path / "nuclear/001.tif").unlink()
    with pytest.raises(ImageError, match=r"001\.tif has no image of the nuclear"):
        find_pairs(tmp_path, {})
