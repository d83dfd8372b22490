"""Tools for the outline of a cell: fill holes, smooth."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._cells import (
    Labels,
    boxes,
    cut_out,
    find,
    frame,
    numbers,
)
from napari_cellseg.correction.edits._masks import components
from napari_cellseg.errors import EditError
from napari_cellseg.postprocess import morphology
from napari_cellseg.postprocess._smooth import smooth as gaussian

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch


def fill_holes(labels: Labels, ids: Sequence[int]) -> Patch:
    """Give a cell the background that it encloses.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    ids : sequence of int
        At least one cell. Of two that lie in each other, the inner fills first.

    Returns
    -------
    Patch
        Empty if no cell has a hole. Enclosed is what no path of edge neighbours, be it
        through other cells, joins to the frame's border. Other cells in a hole stay.

    Raises
    ------
    EditError
        If there is no cell, or one is not in the frame.

    Examples
    --------
    >>> ring = np.array([[1, 1, 1, 1], [1, 0, 2, 1], [1, 1, 1, 1]], np.uint8)
    >>> fill_holes(ring, [1]).after
    array([[1]], dtype=uint8)
    """
    labels, ids = frame(labels), numbers(ids)
    crop = find(labels, ids)
    after = crop.copy()
    # a cell within a hole has the smaller box
    found = boxes(crop.before, ids).items()
    for label, box in sorted(found, key=lambda cell: crop.before[cell[1]].size):
        inside = after[box]
        filled = morphology.fill_holes(inside == label)
        inside[filled & (inside == 0)] = label
    return crop.patch(after)


def smooth(labels: Labels, ids: Sequence[int], radius: float = 2) -> Patch:
    """Smooth the outline of cells.

    A cell is where a Gaussian filter of it reaches a half: straight outlines stay where
    they are, spurs and clefts thinner than about the radius go. At the frame's border
    it is as if the cell went on.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    ids : sequence of int
        At least one cell. Each is smoothed from the labels as they are, whatever their
        order.
    radius : float
        Standard deviation of the filter (px), positive.

    Returns
    -------
    Patch
        No pixel of another cell changes. A cell that would vanish or fall apart stays
        as it is.

    Raises
    ------
    EditError
        If there is no cell, one is not in the frame, or the radius is not positive and
        finite.

    Examples
    --------
    >>> labels = np.zeros((9, 9), np.uint8)
    >>> labels[:6], labels[6, 4] = 1, 1
    >>> patch = smooth(labels, [1])
    >>> patch.y, patch.x, patch.after
    (6, 4, array([[0]], dtype=uint8))
    """
    labels, ids = frame(labels), numbers(ids)
    if not 0 < radius < np.inf:
        raise EditError(f"the radius is {radius}: it must be greater than 0 px")
    margin = ceil(4 * radius)
    whole = find(labels, ids, margin)
    after = whole.copy()
    for label, box in boxes(whole.before, ids).items():
        crop = cut_out(whole.before, box, margin)
        cell, now = crop.before == label, after[crop.box]
        wanted = _smoothed(cell, radius) & (cell | (crop.before == 0))
        if not 0 < components(wanted).max() <= components(cell).max():
            continue
        now[cell & ~wanted] = 0
        # less than half of what surrounds a pixel is left for another cell to get it
        now[wanted] = label
    return whole.patch(after)


def _smoothed(cell: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Where the filtered mask (h, w) is at least a half."""
    return np.asarray(gaussian(cell.astype(np.float32), radius) >= 0.5)
