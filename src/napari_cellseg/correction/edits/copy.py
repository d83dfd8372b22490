"""A cell put into another frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.correction.edits._pixels import asked, painted
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from napari_cellseg.correction.edits._pixels import Labels
    from napari_cellseg.correction.patch import Patch

FREE = 0.5
"""Least share of a cell that must lie on background where it is copied to."""


def copy_cell(labels_from: Labels, label: int, labels_to: Labels, new: int) -> Patch:
    """Put a cell into another frame, where no other cell lies.

    Parameters
    ----------
    labels_from, labels_to : unsigned arrays of shape (Y, X)
        The frame of the cell, and the one that it is put into.
    label : int
        Number of the cell, which it keeps if no cell there has it.
    new : int
        Its number otherwise.

    Raises
    ------
    EditError
        If there is no such cell, or more than half of it lies on other cells.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.array([[1, 1, 1, 0]], np.uint16)
    >>> copy_cell(before, 1, np.array([[0, 0, 2, 2]], np.uint16), new=3).after
    array([[1, 1]], dtype=uint16)
    """
    pixels = asked(labels_from, label)
    free = pixels[labels_to.ravel()[pixels] == 0]
    if free.size < FREE * pixels.size:
        raise EditError(
            f"More than half of cell {label} would lie on other cells: delete or "
            "redraw those first."
        )
    taken = (labels_to == label).any()
    return painted(labels_to, {new if taken else label: free})
