"""The outline of a cell, along the edges of its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from napari_cellseg.correction.shape import Shape
from napari_cellseg.widgets.layers.outline import outline


def length(lines: np.ndarray) -> float:
    return float(np.abs(lines[:, 0] - lines[:, 1]).sum())


@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_lines_are_the_edges_between_a_cell_and_others(mask: np.ndarray) -> None:
    cell = Shape.of(mask, y=3, x=5)
    if cell is None:
        return
    padded = np.pad(mask, 1).astype(int)
    edges = sum(np.abs(np.diff(padded, axis=axis)).sum() for axis in (0, 1))
    lines = outline(cell)
    assert length(lines) == edges
    assert lines.min(axis=(0, 1)).tolist() == [cell.y - 0.5, cell.x - 0.5]
    assert length(outline(cell, dashed=True)) <= edges


@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_dashes_and_gaps_alternate_on_cells_of_every_direction(angle: int) -> None:
    y, x = np.mgrid[-40:41, -40:41]
    turn = np.radians(angle)
    along = x * np.cos(turn) + y * np.sin(turn)
    beside = x * np.sin(turn) - y * np.cos(turn)
    cell = Shape.of((np.abs(along) < 36) & (np.abs(beside) < 6))
    assert cell is not None
    share = length(outline(cell, dashed=True)) / length(outline(cell))
    assert 0.35 < share < 0.65
    # of either long side, every part has both
    middles = outline(cell, dashed=True).mean(axis=1) - 40
    at = middles @ [np.sin(turn), np.cos(turn)]
    side = middles @ [-np.cos(turn), np.sin(turn)] > 0
    for of in (side, ~side):
        assert np.diff(np.sort(at[of & (np.abs(at) < 34)])).max() < 12
