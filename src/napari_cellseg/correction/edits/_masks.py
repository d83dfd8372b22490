"""Masks (h, w) in pieces, flooded, cut at the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def components(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return what hangs together by edges or corners in a mask (h, w), as 1, 2, ..."""
    _, pieces = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    return np.asarray(pieces, np.int32)


def by_area(parts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sort parts (h, w) 1, 2, ... by falling area; equal ones by where they begin.

    Examples
    --------
    >>> by_area(np.array([[4, 0, 2, 9, 9]], np.int32))
    array([[2, 0, 3, 1, 1]], dtype=int32)
    """
    values, first, sizes = np.unique(parts, return_index=True, return_counts=True)
    cells = np.flatnonzero(values)
    order = cells[np.lexsort((first[cells], -sizes[cells]))]
    table = np.zeros(int(parts.max(initial=0)) + 1, np.int32)
    table[values[order]] = np.arange(1, len(order) + 1)
    return np.asarray(table[parts])


def distance(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance (px) of the pixels of a mask (h, w) to what is not in it; 0 there.

    Examples
    --------
    >>> distance(np.array([[False, True, True]]))
    array([[0., 1., 2.]])
    """
    inside = mask.view(np.uint8)
    found = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(found, np.float64)


def flood(
    depth: NDArray[np.float64],
    markers: NDArray[np.int32],
    mask: NDArray[np.bool_],
    compactness: float = 0.0,
) -> NDArray[np.int32]:
    """Flood from markers within a mask; compact on flat ground is by nearness."""
    # takes a moment to import: only who splits pays for it
    import skimage.segmentation

    segmentation: Any = skimage.segmentation
    parts = segmentation.watershed(
        depth, markers, connectivity=2, mask=mask, compactness=compactness
    )
    return np.asarray(parts, np.int32)


def clipped(
    mask: NDArray[np.bool_], y: int, x: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_], int, int]:
    """Cut a mask that begins at y, x to a frame (Y, X); return it and where it begins.

    Examples
    --------
    >>> clipped(np.array([[False, True, True]]), 0, -1, (5, 2))
    (array([[ True,  True]]), 0, 0)
    """
    top, left = max(-y, 0), max(-x, 0)
    inside = mask[top : max(shape[0] - y, 0), left : max(shape[1] - x, 0)]
    return inside, y + top, x + left
