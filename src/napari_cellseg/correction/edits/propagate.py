"""A correction made again in a neighbouring frame.

A correction is the cells before it, which are automatic, and the cells after it, as
they are shown. What it was, a merge, a split, another outline, follows from the two;
it is made in a neighbouring frame where the cells there are like those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._likes import likes, nearer
from napari_cellseg.correction.edits._pixels import (
    asked,
    best,
    painted,
    pixels_of,
    under,
)
from napari_cellseg.correction.edits._remake import numbered, remade
from napari_cellseg.correction.patch import Patch

if TYPE_CHECKING:
    from napari_cellseg.correction.edits._pixels import Labels, Pixels
    from napari_cellseg.correction.shape import Shape

TOGETHER = 0.5
"""Cells that share more than this of the smaller one belong to one correction."""


@dataclass(frozen=True, eq=False)
class Propagated:
    """A correction in the next frame.

    Attributes
    ----------
    patch : Patch
        What it changes there; empty where the frame is already like that.
    label : int
        Number there of the cell from which to go on.
    """

    patch: Patch
    label: int


def propagate(
    auto_from: Labels,
    shown_from: Labels,
    label: int,
    shown_to: Labels,
    new: int,
    fits: float = 0.5,
) -> Propagated | None:
    """Make the correction that made a cell in the neighbouring frame too.

    The cells before the correction and those after it are the automatic and the shown
    cells that share more than half of the smaller's pixels with one another, and with
    this one. A frame that is nearer to the cells after than to those before is left as
    it is. Otherwise, where each of the cells before has its like, these are divided as
    the cells after are:

    - merged or split cells take the pixels of theirs there, each pixel that of the
      nearest cell after; background that was filled in between is filled there;
    - a single cell with another outline takes that outline;
    - a cell that was drawn on nothing is copied where there is still nothing.

    What is brought over moves with the cells, by whole pixels; no other cell is
    written over. Cells keep their numbers where these are free or those of the cells
    that they replace; else they take that of the cell that they cover most, else `new`
    and those above.

    Parameters
    ----------
    auto_from, shown_from : unsigned arrays of shape (Y, X)
        The automatic labels of the corrected frame, and what is shown.
    label : int
        The corrected cell, as it is shown.
    shown_to : unsigned array of shape (Y, X)
        The neighbouring frame as it is shown.
    new : int
        A number from which on all are free there.
    fits : float
        Least IoU of a cell with its like there, and least share of a drawn cell that
        must lie on background.

    Returns
    -------
    Propagated or None
        None where the correction does not fit any more.

    Raises
    ------
    EditError
        If there is no such cell.

    Examples
    --------
    Two halves that were merged:

    >>> auto = np.array([[0, 1, 1, 2, 2, 0]], np.uint16)
    >>> shown = np.array([[0, 1, 1, 1, 1, 0]], np.uint16)
    >>> there = np.array([[0, 0, 6, 6, 4, 4]], np.uint16)
    >>> found = propagate(auto, shown, 1, there, new=7, fits=0.3)
    >>> found.label, found.patch.applied(there)
    (1, array([[0, 0, 1, 1, 1, 1]], dtype=uint16))
    >>> propagate(auto, shown, 1, np.zeros_like(there), new=7) is None
    True
    """
    asked(shown_from, label)
    before, after = _group(auto_from, shown_from, label)
    done = likes(after, shown_to, fits)
    undone = likes(before, shown_to, fits)
    if done and (not undone or nearer(done, undone)):
        unchanged = Patch(0, 0, shown_to[:0, :0], shown_to[:0, :0])
        return Propagated(unchanged, done[label][0])
    if not before:
        return _drawn(label, after[label], shown_to, new, fits)
    if not undone:
        return None
    replaced = sorted(like for like, _ in undone.values())
    parts = remade(before, after, replaced, shown_to)
    if not all(part.size for part in parts.values()):
        return None
    numbers = numbered(parts, shown_to, replaced, new)
    old = np.concatenate([pixels_of(shown_to, one) for one in replaced])
    written = {0: old} | {numbers[one]: part for one, part in parts.items()}
    return Propagated(painted(shown_to, written), numbers[label])


def propagate_deletion(
    shape: Shape, shown_to: Labels, fits: float = 0.5
) -> Propagated | None:
    """Delete the like of a deleted cell in the neighbouring frame.

    Parameters
    ----------
    shape : Shape
        Pixels of the cell that was deleted.
    shown_to : unsigned array of shape (Y, X)
        The neighbouring frame as it is shown.
    fits : float
        Least IoU of the two.

    Returns
    -------
    Propagated or None
        With the number of the cell there; to go on from it, its pixels are where
        ``patch.before`` has that number. None where no cell is like it.

    Examples
    --------
    >>> from napari_cellseg.correction.shape import Shape
    >>> there = np.array([[0, 6, 6, 4]], np.uint16)
    >>> found = propagate_deletion(Shape.of(there == 6), there)
    >>> found.label, found.patch.applied(there)
    (6, array([[0, 0, 0, 4]], dtype=uint16))
    """
    mask = np.zeros(shown_to.shape, np.bool_)
    mask[shape.box] = shape.mask
    like, _ = best(np.flatnonzero(mask), shown_to, fits)
    if not like:
        return None
    return Propagated(painted(shown_to, {0: pixels_of(shown_to, like)}), like)


def _group(
    auto: Labels, shown: Labels, label: int
) -> tuple[dict[int, Pixels], dict[int, Pixels]]:
    """Pixels of the automatic cells before a correction and of the shown ones after."""
    frames: tuple[Labels, Labels] = (auto, shown)
    cells: tuple[dict[int, Pixels], dict[int, Pixels]] = ({}, {})
    waiting = [(1, label)]
    while waiting:
        side, one = waiting.pop()
        if one in cells[side]:
            continue
        pixels = cells[side][one] = pixels_of(frames[side], one)
        for other, shared in under(pixels, frames[1 - side]):
            small = pixels.size
            if shared <= TOGETHER * small:
                small = min(small, int(np.count_nonzero(frames[1 - side] == other)))
            if shared > TOGETHER * small:
                waiting.append((1 - side, other))
    return cells


def _drawn(
    label: int, pixels: Pixels, labels: Labels, new: int, fits: float
) -> Propagated | None:
    """Copy a cell to where there is nothing."""
    free = pixels[labels.ravel()[pixels] == 0]
    if free.size < fits * pixels.size or not free.size:
        return None
    (number,) = numbered({label: free}, labels, (), new).values()
    return Propagated(painted(labels, {number: free}), number)
