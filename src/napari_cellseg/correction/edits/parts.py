"""Tools for cells that lie in pieces: separate, keep the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._cells import (
    Labels,
    boxes,
    find,
    frame,
    free,
    number,
    numbers,
)
from napari_cellseg.correction.edits._masks import by_area, components
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.correction.patch import Patch


def separate(labels: Labels, label: int, new: int) -> Patch:
    """Make the pieces of a cell cells of their own.

    Pieces are what hangs together by edges or corners.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    label : int
        The cell; its largest piece keeps the number, of equal ones that which begins
        first.
    new : int
        The others get new, new + 1, ... by falling area.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If the cell is not in the frame or in one piece, or a number is not valid or
        taken.

    Examples
    --------
    >>> separate(np.array([[1, 0, 1, 1]], np.uint8), 1, 2).after
    array([[2]], dtype=uint8)
    """
    labels, label = frame(labels), number(label)
    crop = find(labels, [label])
    pieces = by_area(components(crop.before == label))
    count = int(pieces.max())
    if count < 2:
        raise EditError(f"cell {label} is in one piece: there is nothing to separate")
    free(labels, new, count - 1)
    after = crop.copy(new + count - 2)
    others = pieces > 1
    # numbers go beyond what the pieces' type can hold
    after[others] = pieces[others].astype(np.int64) + (new - 2)
    return crop.patch(after)


def keep_largest(labels: Labels, ids: Sequence[int]) -> Patch:
    """Remove all but the largest piece of cells.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    ids : sequence of int
        At least one cell.

    Returns
    -------
    Patch
        Empty if all are in one piece. Pieces and ties are as in `separate`.

    Raises
    ------
    EditError
        If there is no cell, or one is not in the frame.

    Examples
    --------
    >>> keep_largest(np.array([[1, 0, 1, 1]], np.uint8), [1]).after
    array([[0]], dtype=uint8)
    """
    labels, ids = frame(labels), numbers(ids)
    crop = find(labels, ids)
    after = crop.copy()
    for label, box in boxes(crop.before, ids).items():
        pieces = by_area(components(crop.before[box] == label))
        after[box][pieces > 1] = 0
    return crop.patch(after)
