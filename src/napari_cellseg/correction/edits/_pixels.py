"""Cells as the positions of their pixels in the flat frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellseg.correction.edits._cells import copy_for
from napari_cellseg.correction.patch import Patch, patch_of
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

Labels: TypeAlias = "NDArray[np.unsignedinteger]"
Pixels: TypeAlias = "NDArray[np.int64]"
"""Positions in the flat frame."""


def pixels_of(labels: Labels, label: int) -> Pixels:
    """Where a cell lies in a frame (Y, X), rising; nowhere for the background."""
    return np.flatnonzero(labels == label) if label else np.zeros(0, np.int64)


def asked(labels: Labels, label: int) -> Pixels:
    """Where a cell lies that a tool was asked for.

    Raises
    ------
    EditError
        If there is no such cell.
    """
    pixels = pixels_of(labels, label)
    if not pixels.size:
        raise EditError(f"There is no cell {label} in this frame: pick another.")
    return pixels


def under(pixels: Pixels, labels: Labels) -> Iterator[tuple[int, int]]:
    """Cells that lie at some pixels, and on how many of them; by rising number.

    Examples
    --------
    >>> list(under(np.array([0, 1, 2]), np.array([[7, 0], [7, 4]])))
    [(7, 2)]
    """
    ids, counts = np.unique(labels.ravel()[pixels], return_counts=True)
    found = zip(ids.tolist(), counts.tolist(), strict=True)
    return ((label, count) for label, count in found if label)


def best(pixels: Pixels, labels: Labels, least: float) -> tuple[int, float]:
    """Cell of the greatest IoU with some pixels, and that IoU; (0, 0) below `least`.

    Of equals the one of the lowest number.

    Examples
    --------
    >>> best(np.array([0, 1, 2]), np.array([[4, 4, 0], [0, 0, 0]]), least=0.5)
    (4, 0.6666666666666666)
    """
    found = 0, 0.0
    for label, shared in under(pixels, labels):
        # the whole frame is counted only for the one or two cells that can reach it
        if shared >= max(least, found[1]) * pixels.size:
            area = int(np.count_nonzero(labels == label))
            iou = shared / (pixels.size + area - shared)
            if iou >= least and iou > found[1]:
                found = label, iou
    return found


def step(one: Pixels, other: Pixels, labels: Labels) -> NDArray[np.float64]:
    """Way (y, x) from the centre of some pixels to that of others (px)."""
    width = labels.shape[1]
    begin, end = (
        np.array([at.mean() for at in np.divmod(pixels, width)])
        for pixels in (one, other)
    )
    way: NDArray[np.float64] = end - begin
    return way


def moved(pixels: Pixels, way: NDArray[np.float64], labels: Labels) -> Pixels:
    """Move pixels by whole pixels; what leaves the frame is left out.

    Examples
    --------
    >>> moved(np.array([0, 1]), np.array([1.2, 0.8]), np.zeros((2, 2)))
    array([3])
    """
    (height, width), (down, right) = labels.shape, np.rint(way).astype(int)
    y, x = np.divmod(pixels, width)
    y, x = y + down, x + right
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    flat: Pixels = (y * width + x)[inside]
    return flat


def painted(labels: Labels, parts: Mapping[int, Pixels]) -> Patch:
    """Return the smallest patch that writes numbers to pixels, in their order.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        The frame.
    parts : mapping of int to int64 (K,)
        By number its pixels; at least one pixel in all. Its type is wider than the
        frame's where a number needs it.

    Raises
    ------
    EditError
        If a number is higher than that of any cell can be.

    Examples
    --------
    >>> patch = painted(np.array([[1, 1, 0]], np.uint16), {2: np.array([1, 2])})
    >>> patch.x, patch.after
    (1, array([[2, 2]], dtype=uint16))
    """
    y, x = np.divmod(np.concatenate(list(parts.values())), labels.shape[1])
    top, left = int(y.min()), int(x.min())
    before = labels[top : int(y.max()) + 1, left : int(x.max()) + 1]
    after = copy_for(before, max(parts))
    for number, pixels in parts.items():
        rows, columns = np.divmod(pixels, labels.shape[1])
        after[rows - top, columns - left] = number
    patch = patch_of(before, after)
    return replace(patch, y=patch.y + top, x=patch.x + left)
