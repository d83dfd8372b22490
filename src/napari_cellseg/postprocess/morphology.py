"""Binary morphology by OpenCV, equal to scikit-image and scipy at every pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def remove_small(mask: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    """Remove objects whose area is less than `smallest`.

    Parameters
    ----------
    mask : bool (Y, X)
    smallest : float
        Area (px²); an object of exactly this area stays.

    Returns
    -------
    bool (Y, X)
        As scikit-image's ``remove_small_objects`` with its connectivity of 1: pixels
        of an object share edges.

    Examples
    --------
    >>> remove_small(np.array([[1, 0, 1, 1]], bool), 2).astype(int)
    array([[0, 0, 1, 1]])
    """
    # numba takes most of a second to import: parameters alone must not pay for it
    from napari_cellseg.postprocess._lookup import areas, look_up

    if smallest <= 1 or not mask.size:
        return mask.copy()
    mask = np.ascontiguousarray(mask)
    # its own statistics take six times as long as the components themselves
    count, parts = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    labels = np.asarray(parts, np.int32).reshape(-1)
    keep = areas(labels, count - 1) >= smallest
    keep[0] = False
    kept = np.empty_like(mask)
    look_up(keep, labels, kept.reshape(-1))
    return kept


def element(shape: Literal["diamond", "disk"], size: int) -> NDArray[np.uint8]:
    """Structuring element as scikit-image draws it.

    Parameters
    ----------
    shape : {"diamond", "disk"}
        Pixels within the radius by city-block or by Euclidean distance.
    size : int
        Full width (px), odd; the radius is ``(size - 1) / 2``.

    Returns
    -------
    uint8 (size, size)

    Examples
    --------
    >>> element("diamond", 3)
    array([[0, 1, 0],
           [1, 1, 1],
           [0, 1, 0]], dtype=uint8)
    """
    radius = size // 2
    away = np.abs(np.arange(-radius, radius + 1))
    if shape == "diamond":
        inside = away[:, None] + away <= radius
    else:
        inside = away[:, None] ** 2 + away**2 <= radius**2
    return inside.astype(np.uint8)


def dilate(mask: NDArray[np.bool_], kernel: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Dilate; outside the image is background."""
    image = np.ascontiguousarray(mask).view(np.uint8)
    return cv2.dilate(image, kernel).view(np.bool_)


def erode(mask: NDArray[np.bool_], kernel: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Erode; outside the image is foreground."""
    image = np.ascontiguousarray(mask).view(np.uint8)
    return cv2.erode(image, kernel).view(np.bool_)


def fill_holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill the background that no path of edge neighbours joins to the image border.

    Returns
    -------
    bool (Y, X)
        As ``scipy.ndimage.binary_fill_holes``.

    Examples
    --------
    >>> fill_holes(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)).astype(int)
    array([[0, 1, 0],
           [1, 1, 1],
           [0, 1, 0]])
    """
    image = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.uint8)
    image[1:-1, 1:-1] = mask
    cv2.floodFill(image, None, (0, 0), 2, flags=4)
    return np.ascontiguousarray(image[1:-1, 1:-1] != 2)
