"""Tools that put pixels and take them: delete, draw, erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._cells import (
    Crop,
    Labels,
    among,
    find,
    frame,
    number,
    numbers,
)
from napari_cellseg.correction.edits._masks import clipped
from napari_cellseg.correction.shape import box_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch


def delete(labels: Labels, ids: Sequence[int]) -> Patch:
    """Remove cells.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    ids : sequence of int
        At least one cell.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If there is no cell, or one is not in the frame.

    Examples
    --------
    >>> delete(np.array([[1, 2, 2]], np.uint8), [2]).after
    array([[0, 0]], dtype=uint8)
    """
    labels, ids = frame(labels), numbers(ids)
    crop = find(labels, ids)
    after = crop.copy()
    after[among(after, ids)] = 0
    return crop.patch(after)


def draw(
    labels: Labels,
    label: int,
    mask: NDArray[np.bool_],
    y: int,
    x: int,
    over: bool = False,
) -> Patch:
    """Put pixels to a cell, which need not be in the frame yet.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    label : int
        The cell.
    mask : bool array of shape (height, width)
        True where pixels are put.
    y, x : int
        Where the mask begins in the frame; what of it lies outside is left out.
    over : bool
        Whether the pixels of other cells are taken, too.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If the number is not valid.

    Examples
    --------
    >>> draw(np.array([[0, 0, 2]], np.uint8), 1, np.ones((1, 2), bool), 0, 1).after
    array([[1]], dtype=uint8)
    """
    labels, label = frame(labels), number(label)
    crop, inside = _under(labels, mask, y, x)
    after = crop.copy(label)
    after[inside if over else inside & (crop.before == 0)] = label
    return crop.patch(after)


def erase(labels: Labels, mask: NDArray[np.bool_], y: int, x: int) -> Patch:
    """Take pixels from whatever cells have them.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    mask : bool array of shape (height, width)
        True where pixels are taken.
    y, x : int
        Where the mask begins in the frame; what of it lies outside is left out.

    Returns
    -------
    Patch

    Examples
    --------
    >>> erase(np.array([[1, 1, 2]], np.uint8), np.ones((1, 9), bool), 0, 1).after
    array([[0, 0]], dtype=uint8)
    """
    crop, inside = _under(frame(labels), mask, y, x)
    after = crop.copy()
    after[inside] = 0
    return crop.patch(after)


def _under(
    labels: Labels, mask: NDArray[np.bool_], y: int, x: int
) -> tuple[Crop, NDArray[np.bool_]]:
    """Return the box under a mask, and the part of the mask that lies in the frame."""
    mask = np.asarray(mask, bool)
    if mask.ndim != 2:
        raise ValueError(f"the mask must be (h, w), but its shape is {mask.shape}")
    inside, y, x = clipped(mask, y, x, labels.shape)
    return Crop(y, x, labels[box_at(y, x, inside.shape)]), inside
