"""Numbers for new cells where the greatest is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOM = 64
"""A gap between numbers is wide if so many are free."""


def first_gap(taken: NDArray[np.int64], limit: int) -> int:
    """Find the first number of a gap that has room for a split into many.

    Parameters
    ----------
    taken : int64 array of shape (N,)
        Numbers in any order, 0 ... limit.
    limit : int
        The highest number that can be given.

    Returns
    -------
    int
        Of the first wide gap, else of the widest.

    Raises
    ------
    EditError
        If no number is free.

    Examples
    --------
    >>> first_gap(np.array([1, 2, 5, 9]), 9)
    6
    >>> first_gap(np.array([3, 1, 500]), 500)
    4
    """
    numbers = np.unique(np.append(taken, [0, limit + 1]))
    free = np.diff(numbers) - 1
    if not free.any():
        raise EditError("All numbers that these labels can hold are taken.")
    wide = np.flatnonzero(free >= ROOM)
    return int(numbers[wide[0] if wide.size else free.argmax()]) + 1
