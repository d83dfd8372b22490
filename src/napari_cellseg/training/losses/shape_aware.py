"""The weights of the shape-aware loss: pixels near an outline count more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA, SIGMA = 10.0, 5.0


def shape_weights(labels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Weights of the pixels, which fall from the cells' outlines.

    ``w_c + 10 exp(-D ** 2 / (2 * 5 ** 2))``, D the distance from the pixel's centre to
    the nearest outline of any cell (px), which runs between pixels; touching cells have
    one between them, the image's border is none. ``w_c`` is 1 in the background, and
    the number of background pixels divided by that of cell pixels in cells. Distances
    are exact.

    Parameters
    ----------
    labels : integer array of shape (Y, X)
        Cells, 0 is background.

    Returns
    -------
    float32 array of shape (Y, X)
        1 everywhere without cells.

    References
    ----------
    "An Effective Deep Learning Framework for Cell Segmentation in Microscopy Images"
    (lin2022), equation 3 and the values of section II A.

    Examples
    --------
    >>> shape_weights(np.array([[0, 0, 1]])).round(2)
    array([[10.56, 10.95, 11.95]], dtype=float32)
    """
    cells = labels > 0
    inside = np.count_nonzero(cells)
    if not inside:
        return np.ones(labels.shape, np.float32)
    balance = np.float32((labels.size - inside) / inside)
    near = np.exp(-(_distance_to_outlines(labels) ** 2) / (2 * SIGMA**2))
    return np.asarray(np.where(cells, balance, 1) + ALPHA * near, np.float32)


def _distance_to_outlines(labels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Distance from each pixel's centre to the nearest edge between two labels (px).

    The nearest place of an edge is its middle or one of its ends. On a grid of half
    pixels all these are points, and pixels' centres too.
    """
    height, width = labels.shape
    free = np.ones((2 * height + 1, 2 * width + 1), np.uint8)
    y, x = np.nonzero(labels[1:] != labels[:-1])
    for end in (0, 1, 2):
        free[2 * y + 2, 2 * x + end] = 0
    y, x = np.nonzero(labels[:, 1:] != labels[:, :-1])
    for end in (0, 1, 2):
        free[2 * y + end, 2 * x + 2] = 0
    if free.all():
        return np.full(labels.shape, np.inf, np.float32)
    halves = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(halves[1::2, 1::2] / 2, np.float32)
