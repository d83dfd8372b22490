"""A cell that is missing between two frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.correction.edits import interpolate
from napari_cellseg.correction.shape import Shape
from napari_cellseg.errors import EditError

ROWS, COLUMNS = np.ogrid[:60, :60]


def ellipse(y: float, x: float, high: float, wide: float, label: int) -> np.ndarray:
    inside = ((ROWS - y) / high) ** 2 + ((COLUMNS - x) / wide) ** 2 <= 1
    return np.where(inside, label, 0).astype(np.uint16)


def centroid(shape: Shape) -> np.ndarray:
    return np.argwhere(shape.mask).mean(axis=0) + np.array([shape.y, shape.x])


positions = st.floats(5, 55)
sizes = st.floats(1, 20)
ellipses = st.builds(ellipse, positions, positions, sizes, sizes, st.just(3))


@given(ellipses, ellipses)
def test_the_ends_are_the_cells_themselves(one: np.ndarray, other: np.ndarray) -> None:
    assert interpolate(one, other, 3, 3, 0) == Shape.of(one > 0)
    assert interpolate(one, other, 3, 3, 1) == Shape.of(other > 0)


@given(ellipses, st.floats(0, 1))
def test_a_cell_that_stays_stays(one: np.ndarray, fraction: float) -> None:
    assert interpolate(one, one, 3, 3, fraction) == Shape.of(one > 0)


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.8])
def test_centroid_and_area_go_straight(fraction: float) -> None:
    one, other = ellipse(20, 15, 6, 9, 2), ellipse(38.3, 41.6, 10, 5, 7)
    shape = interpolate(one, other, 2, 7, fraction)
    areas = np.count_nonzero(one), np.count_nonzero(other)
    expected = (1 - fraction) * areas[0] + fraction * areas[1]
    assert shape.area == pytest.approx(expected, rel=0.03)
    middles = [np.argwhere(labels).mean(axis=0) for labels in (one, other)]
    at = (1 - fraction) * middles[0] + fraction * middles[1]
    np.testing.assert_allclose(centroid(shape), at, atol=0.2)


def test_a_disk_between_two_disks_is_a_disk() -> None:
    shape = interpolate(ellipse(20, 20, 5, 5, 1), ellipse(20, 30, 11, 11, 1), 1, 1, 0.5)
    radius = np.sqrt((5**2 + 11**2) / 2)
    ideal = ellipse(20, 25, radius, radius, 1) > 0
    found = np.zeros_like(ideal)
    shape.paint(found, 1)
    assert np.count_nonzero(found & ideal) / np.count_nonzero(found | ideal) > 0.92


def test_what_leaves_the_frame_is_cut_off() -> None:
    one, other = ellipse(0, 3, 8, 8, 1), ellipse(2, 58, 8, 8, 1)
    for fraction in (0.1, 0.5, 0.9):
        shape = interpolate(one, other, 1, 1, fraction)
        assert shape.fits(one.shape)
        assert shape.y == 0


def test_thin_cells_across_each_other_do_not_vanish() -> None:
    one, other = np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8)
    one[4], other[:, 4] = 1, 1
    assert interpolate(one, other, 1, 1, 0.5).area >= 9


def test_what_cannot_be_interpolated_is_refused() -> None:
    one = ellipse(20, 20, 5, 5, 1)
    with pytest.raises(EditError, match="cell 2 is not"):
        interpolate(one, one, 1, 2, 0.5)
    for fraction in (-0.1, 1.1, np.nan):
        with pytest.raises(EditError, match="fraction"):
            interpolate(one, one, 1, 1, fraction)
    with pytest.raises(ValueError, match="differ in shape"):
        interpolate(one, one[1:], 1, 1, 0.5)
