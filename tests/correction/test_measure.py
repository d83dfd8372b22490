"""Measurements of cells against scikit-image's and drawings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import regionprops

from napari_cellseg.correction.measure import measure

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
FRAMES = arrays(np.uint16, SIZES, elements=st.integers(0, 4))


@given(FRAMES)
def test_what_scikit_image_measures_too(labels):
    image = np.arange(labels.size, dtype=np.float32).reshape(labels.shape)
    table = measure(labels, image)
    known = regionprops(labels, image)
    assert table.label.tolist() == [cell.label for cell in known]
    assert table.area.tolist() == [cell.area for cell in known]
    assert table.box.tolist() == [list(cell.bbox) for cell in known]
    for row, cell in enumerate(known):
        assert table.centroid[row] == pytest.approx(cell.centroid)
        assert table.intensity[row] == pytest.approx(cell.intensity_mean)


@given(FRAMES)
def test_solidity_is_a_share_and_forgets_numbers_and_turns(labels):
    table = measure(labels)
    assert ((table.solidity > 0) & (table.solidity <= 1)).all()
    turned = measure(np.rot90(np.where(labels, labels + 300, 0)))
    assert turned.solidity == pytest.approx(table.solidity)


def test_a_disk_has_no_dent_and_a_ring_has():
    y, x = np.mgrid[:41, :41] - 20
    disk = (y**2 + x**2 <= 15**2).astype(np.uint16)
    assert measure(disk).solidity == 1
    hole = y**2 + x**2 <= 7**2
    assert measure(np.where(hole, 0, disk)).solidity == pytest.approx(
        1 - np.count_nonzero(hole) / disk.sum()
    )


def test_touching_the_border_is_to_have_a_pixel_there():
    labels = np.zeros((8, 8), np.uint32)
    for label, where in enumerate([(0, 3), (7, 3), (3, 0), (3, 7), (1, 1)], 1):
        labels[where] = label
    assert measure(labels).touches_border.tolist() == [True] * 4 + [False]


@pytest.mark.parametrize(
    ("value", "threshold", "doubt"),
    [(0.5, 0.5, 1), (1, 0.5, 0), (0.75, 0.5, 0.5), (0.1, 0.2, 0.5), (0.6, 0.2, 0.5)],
)
def test_doubt_is_the_distance_to_the_threshold_at_the_outline_alone(
    value, threshold, doubt
):
    labels = np.zeros((7, 7), np.uint16)
    labels[1:6, 1:6] = 3
    probability = np.full(labels.shape, 0.123)
    probability[1:6, 1:6] = value
    probability[2:5, 2:5] = threshold
    table = measure(labels, probability=probability, threshold=threshold)
    assert table.doubt == pytest.approx(doubt)


def test_a_cell_without_outline_is_not_doubted():
    labels = np.ones((3, 3), np.uint16)
    assert np.isnan(measure(labels, probability=np.ones((3, 3))).doubt).all()


@pytest.mark.parametrize("shape", [(4, 5), (0, 5), (0, 0)])
def test_no_cells_give_no_rows(shape):
    empty = np.zeros(shape, np.uint16)
    table = measure(empty, np.zeros(shape), np.zeros(shape))
    assert len(table) == 0
    assert table.box.shape == (0, 4)
    assert table.centroid.shape == (0, 2)
    assert table.row(1) is None


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"the image is \(2, 2\)"):
        measure(np.ones((3, 3), int), np.ones((2, 2)))
