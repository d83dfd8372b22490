"""The same cell in another frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.correction.edits._pixels import best, pixels_of

if TYPE_CHECKING:
    from napari_cellseg.correction.edits._pixels import Labels

SAME = 0.3
"""Least IoU of a cell with the one that continues it."""


def same_cell(
    labels_from: Labels, label: int, labels_to: Labels, by_number: bool
) -> int:
    """Find the cell of another frame that is the same one.

    Parameters
    ----------
    labels_from, labels_to : unsigned arrays of shape (Y, X)
        The frame of the cell and the other.
    label : int
        Number of the cell.
    by_number : bool
        Whether a cell keeps its number over time: it is then the one of that number,
        wherever it lies, if there is one.

    Returns
    -------
    int
        Otherwise the cell of the greatest IoU, if that is at least 0.3; the lowest
        number of equals. 0 if there is none, or no cell of that number to begin with.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.array([[1, 1, 1, 0, 2, 2]], np.uint16)
    >>> after = np.array([[2, 2, 2, 2, 5, 5]], np.uint16)
    >>> same_cell(before, 2, after, by_number=False)
    5
    >>> same_cell(before, 2, after, by_number=True)
    2
    """
    if by_number and (labels_to == label).any():
        return label
    return best(pixels_of(labels_from, label), labels_to, SAME)[0]
