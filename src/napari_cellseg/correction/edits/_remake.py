"""A correction made again on the cells of another frame."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._pixels import moved, pixels_of, step, under

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from napari_cellseg.correction.edits._pixels import Labels, Pixels


def remade(
    before: Mapping[int, Pixels],
    after: Mapping[int, Pixels],
    replaced: Collection[int],
    labels: Labels,
) -> dict[int, Pixels]:
    """Turn some cells of a frame into what a correction made of their likes.

    Parameters
    ----------
    before, after : mapping of int to int64 (K,)
        Pixels of the cells before the correction and after it.
    replaced : collection of int
        Cells of the frame that are like those before.
    labels : unsigned array of shape (Y, X)
        The frame.

    Returns
    -------
    dict of int to int64 (K,)
        Pixels in the frame of each cell after; none for what would lie outside of it or
        under other cells. A cell that only got another outline gets that outline;
        others share the pixels of those replaced, and the background that was filled.

    Examples
    --------
    >>> labels = np.array([[3, 3, 3, 3, 3, 0]], np.uint16)
    >>> whole, halves = np.arange(4), {1: np.arange(2), 2: np.arange(2, 4)}
    >>> remade({1: whole}, halves, [3], labels)
    {1: array([0, 1]), 2: array([2, 3, 4])}
    """
    old = np.concatenate([pixels_of(labels, one) for one in sorted(replaced)])
    known = np.concatenate(list(before.values()))
    way = step(known, old, labels)
    there = {one: moved(pixels, way, labels) for one, pixels in after.items()}
    free = labels.ravel() == 0
    if len(before) == len(after) == 1:
        free[old] = True
        return {one: pixels[free[pixels]] for one, pixels in there.items()}
    filled = np.setdiff1d(np.concatenate(list(after.values())), known)
    filled = moved(filled, way, labels)
    return _shared_out(np.union1d(old, filled[free[filled]]), there, labels)


def numbered(
    parts: Mapping[int, Pixels], labels: Labels, replaced: Collection[int], new: int
) -> dict[int, int]:
    """Find numbers in a frame for cells that come to it.

    Each keeps its own where that is free or of a cell that is replaced; else it takes
    that of the replaced cell that it covers most, else the lowest from `new` on.

    Examples
    --------
    >>> labels = np.array([[4, 4, 9, 1]], np.uint16)
    >>> parts = {1: np.arange(2), 2: np.array([2]), 4: np.array([2])}
    >>> numbered(parts, labels, [4, 9], new=10)
    {2: 2, 4: 4, 1: 10}
    """
    given = {one: one for one in parts if one in replaced or not (labels == one).any()}
    fresh = (number for number in count(new) if number not in parts)
    for one, pixels in parts.items():
        if one not in given:
            left = set(replaced) - set(given.values())
            shares = [(n, -i) for i, n in under(pixels, labels) if i in left]
            given[one] = -max(shares)[1] if shares else next(fresh)
    return given


def _shared_out(
    region: Pixels, cells: Mapping[int, Pixels], labels: Labels
) -> dict[int, Pixels]:
    """Give each pixel of a region to the nearest cell, of equals to the lowest."""
    if len(cells) == 1:
        return dict.fromkeys(cells, region)
    # scipy takes a while to import
    from scipy.spatial import cKDTree

    ids, width = sorted(cells), labels.shape[1]
    at = np.column_stack(np.divmod(region, width))
    away = np.full((len(ids), region.size), np.inf)
    for row, one in enumerate(ids):
        if cells[one].size:
            points = np.column_stack(np.divmod(cells[one], width))
            away[row] = cKDTree(points).query(at)[0]
    nearest = away.argmin(axis=0)
    return {one: region[nearest == row] for row, one in enumerate(ids)}
