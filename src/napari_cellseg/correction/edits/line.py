"""Split cells by a line drawn across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._cells import (
    Crop,
    Labels,
    cut_out,
    frame,
    free,
    number,
)
from napari_cellseg.correction.edits._masks import by_area, components, flood
from napari_cellseg.correction.edits._path import path, within
from napari_cellseg.correction.edits.look import ids_along
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from napari_cellseg.correction.patch import Patch

CRUMB = 0.01
"""A part smaller than this share of what was cut is no cell: a loop of the hand."""
MARGIN = 32
"""How far around the line a cell is looked for at first (px)."""


def split_line(
    labels: Labels, line: ArrayLike, label: int | None = None, new: int | None = None
) -> Patch:
    """Cut the cells that a line crosses.

    Of each cell the largest part keeps the number; what the line leaves whole keeps it,
    too. Parts are what hangs together by edges or corners once the line's pixels are
    gone; these then go to the part that is nearest within the cell, of equally near
    ones to either. A part of less than a hundredth of what was cut is none, and goes to
    the others.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    line : float array of shape (N, 2)
        Its points y, x (px).
    label : int, optional
        Cut this cell alone; otherwise every cell that the line separates.
    new : int, optional
        The first of the numbers new, new + 1, ... of the other parts: by the order in
        which the line reaches their cells, then by falling area; those of equal area
        from the top left. Without it one above the highest of the frame.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If no cell is separated, `label` is not under the line, or a number is not valid
        or taken.

    Examples
    --------
    >>> labels = np.full((1, 5), 3, np.uint8)
    >>> split_line(labels, [[0, 3], [0, 3]], new=7).after
    array([[7, 7]], dtype=uint8)
    """
    labels = frame(labels)
    ids = _under(labels, line, label)
    pixels = within(path(line), labels.shape)
    first = int(labels.max(initial=0)) + 1 if new is None else number(new)
    pieces = []
    for value in ids:
        on = pixels[labels[tuple(pixels.T)] == value]
        crop = _around(labels, on, value)
        parts = _parts(crop.before == value, on - (crop.y, crop.x))
        if parts is not None:
            pieces.append((crop, parts))
    if not pieces:
        raise EditError(
            "the line separates no cell: draw it from outside a cell across it and out "
            "again"
        )
    count = sum(int(parts.max()) - 1 for _, parts in pieces)
    free(labels, first, count)
    return _numbered(labels, pieces, first, first + count - 1)


def _under(labels: Labels, line: ArrayLike, label: int | None) -> list[int]:
    """Return the cells to cut: those under the line, or the one."""
    ids = ids_along(labels, line)
    if not ids:
        raise EditError("the line crosses no cell: draw it across one")
    if label is None:
        return ids
    if number(label) not in ids:
        raise EditError(f"the line does not reach cell {label}: draw it across that")
    return [label]


def _around(labels: Labels, on: NDArray[np.int64], label: int) -> Crop:
    """Return a box that holds whatever of a cell hangs together with its pixels `on`.

    A box that the cell leaves is made wider, until it is the frame. The rest of the
    frame is not read.
    """
    low, high = on.min(axis=0), on.max(axis=0) + 1
    margin = MARGIN
    while True:
        box = slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))
        crop = cut_out(labels, box, margin)
        cell, (rows, columns) = crop.before == label, crop.box
        leaves = (
            (rows.start > 0 and cell[0].any())
            or (columns.start > 0 and cell[:, 0].any())
            or (rows.stop < labels.shape[0] and cell[-1].any())
            or (columns.stop < labels.shape[1] and cell[:, -1].any())
        )
        if not leaves:
            return crop
        margin *= 2


def _parts(cell: NDArray[np.bool_], on: NDArray[np.int64]) -> NDArray[np.int32] | None:
    """Return the parts of a cell (h, w) by falling area, 0 elsewhere; None if one."""
    whole = components(cell)
    rest = cell.copy()
    rest[tuple(on.T)] = False
    pieces = components(rest)
    sizes = np.bincount(pieces.reshape(-1))
    owner = np.zeros(sizes.size, np.intp)
    owner[pieces[rest]] = whole[rest]
    kept = sizes >= CRUMB * np.bincount(whole.reshape(-1))[owner]
    kept[0] = False
    # a component of the cell is cut where two of its pieces are left
    kept &= (np.bincount(owner[kept], minlength=owner.max() + 1) > 1)[owner]
    if not kept.any():
        return None
    markers = np.where(kept[pieces], pieces, 0)
    cut = np.isin(whole, np.unique(owner[kept]))
    return by_area(flood(np.zeros(cell.shape), markers, cut))


def _numbered(
    labels: Labels,
    pieces: list[tuple[Crop, NDArray[np.int32]]],
    first: int,
    last: int,
) -> Patch:
    """Write new numbers to all parts but the first of each cell."""
    rows, columns = (
        slice(min(side.start for side in sides), max(side.stop for side in sides))
        for sides in zip(*(crop.box for crop, _ in pieces), strict=True)
    )
    everything = cut_out(labels, (rows, columns))
    after = everything.copy(last)
    for crop, parts in pieces:
        y, x = crop.y - everything.y, crop.x - everything.x
        view = after[y : y + parts.shape[0], x : x + parts.shape[1]]
        others = parts > 1
        # numbers go beyond what parts can hold
        view[others] = parts[others].astype(np.int64) + (first - 2)
        first += int(parts.max()) - 1
    return everything.patch(after)
