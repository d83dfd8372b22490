"""Whose pixel it is where nuclei overlap."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.simulate.outline import Outline, rasterize
from napari_cellseg.simulate.scene import territory

SHAPE = (60, 80)


def test_a_nucleus_that_is_cut_in_two_keeps_its_larger_part() -> None:
    long = rasterize(Outline(y=30, x=36, radius=12, aspect=9), SHAPE)
    across = rasterize(Outline(y=30, x=45, radius=8), SHAPE)
    assert long is not None
    owner = territory([long, across], SHAPE)
    parts, _ = cv2.connectedComponents((owner == 1).astype(np.uint8), connectivity=4)
    assert parts == 2
    assert owner[30, 20] == 1
    assert owner[30, 45] == 2
    assert owner[30, 65] == 0
    assert long.rho[30 - long.box[0].start, 65 - long.box[1].start] < 1


def test_the_first_of_equals_has_the_pixel() -> None:
    patch = rasterize(Outline(y=30, x=40, radius=10), SHAPE)
    assert set(np.unique(territory([patch, patch], SHAPE))) == {0, 1}


def test_no_nucleus_no_territory() -> None:
    assert not territory([], SHAPE).any()
    assert not territory([None], SHAPE).any()


@pytest.mark.parametrize(("y", "x"), [(-30.0, 40.0), (30.0, 200.0)])
def test_a_nucleus_outside_the_frame_has_no_patch(y: float, x: float) -> None:
    assert rasterize(Outline(y=y, x=x, radius=10), SHAPE) is None


@given(
    aspect=st.floats(1, 3),
    angle=st.floats(0, 6.3),
    bend=st.floats(-0.3, 0.3),
    swell=st.complex_numbers(max_magnitude=0.2),
)
def test_area_is_the_disks_and_the_box_holds_it_all(
    aspect: float, angle: float, bend: float, swell: complex
) -> None:
    outline = Outline(100, 100, 20, aspect, angle, bend, (swell,))
    patch = rasterize(outline, (200, 200))
    assert patch is not None
    inside = patch.rho < 1
    # a harmonic of the logarithm swells the area by its squared size
    expected = np.pi * 400 * (1 + abs(swell) ** 2)
    assert inside.sum() == pytest.approx(expected, rel=0.06)
    rim = np.r_[inside[0], inside[-1], inside[:, 0], inside[:, -1]]
    assert not rim.any()
