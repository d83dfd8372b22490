"""Tools for the number of a cell: merge, relabel, renew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._cells import (
    Labels,
    among,
    find,
    frame,
    number,
    numbers,
)
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.correction.patch import Patch


def merge(labels: Labels, ids: Sequence[int]) -> Patch:
    """Give cells the number of the first of them.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    ids : sequence of int
        At least two cells. They need not touch; a gap between them stays.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If there are fewer than two cells, or one is not in the frame.

    Examples
    --------
    >>> merge(np.array([[1, 1, 2, 0, 3]], np.uint8), [2, 3]).after
    array([[2]], dtype=uint8)
    """
    labels, ids = frame(labels), numbers(ids)
    if len(ids) < 2:
        raise EditError(f"cell {ids[0]} alone cannot be merged: choose another one too")
    crop = find(labels, ids)
    after = crop.copy()
    after[among(after, ids[1:])] = ids[0]
    return crop.patch(after)


def relabel(labels: Labels, old: int, new_label: int, join: bool = False) -> Patch:
    """Give a cell another number.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    old, new_label : int
        Its number, and the number that it gets.
    join : bool
        Whether the number may be that of another cell of the frame, which makes them
        one cell.

    Returns
    -------
    Patch
        Empty if both numbers are equal.

    Raises
    ------
    EditError
        If the cell is not in the frame, or the number is not valid or taken.

    Examples
    --------
    >>> relabel(np.array([[1, 1, 2]], np.uint8), 1, 300).after
    array([[300, 300]], dtype=uint16)
    """
    labels, old, new_label = frame(labels), number(old), number(new_label)
    crop = find(labels, [old])
    if not join and old != new_label and np.any(labels == new_label):
        raise EditError(
            f"{new_label} is the number of another cell in this frame: choose a free "
            f"number, or merge {old} with it"
        )
    after = crop.copy(new_label)
    after[crop.before == old] = new_label
    return crop.patch(after)


def renew(labels: Labels, label: int, new: int) -> Patch:
    """Make a cell a new one: `relabel` to a number that no cell has.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    label, new : int
        Its number, and a free one.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If the cell is not in the frame, or the number is not valid or taken.

    Examples
    --------
    >>> renew(np.array([[1, 0, 2]], np.uint8), 1, 3).after
    array([[3]], dtype=uint8)
    """
    if number(label) == number(new):
        raise EditError(f"cell {label} has that number: choose a free one")
    return relabel(labels, label, new)
