"""What the network learns: the maps that belong to a label image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray


def distance_to_outline(labels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Distance of every cell pixel to its own cell's outline.

    Parameters
    ----------
    labels : integer array of shape (Y, X)
        Cells, 0 is background.

    Returns
    -------
    float32 array of shape (Y, X)
        In pixels, from a pixel's centre to the outline, which runs half a pixel before
        the nearest pixel of another cell or of the background; 0 in the background.
        The image's border is no outline.

    Examples
    --------
    >>> distance_to_outline(np.array([[0, 1, 1, 1, 2]]))
    array([[0. , 0.5, 1.5, 0.5, 0.5]], dtype=float32)
    """
    distance = np.zeros(labels.shape, np.float32)
    for index, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        rows, columns = (slice(max(s.start - 1, 0), s.stop + 1) for s in box)
        cell = labels[rows, columns] == index
        inside = _distance(cell)
        distance[rows, columns][cell] = inside[cell] - 0.5
    return distance


def median_diameter(labels: NDArray[np.integer]) -> float:
    """Median diameter of the discs that have the cells' areas (px); nan without cells.

    Examples
    --------
    >>> round(median_diameter(np.ones((10, 10), int)), 2)
    11.28
    """
    areas = np.bincount(labels.ravel())[1:]
    areas = areas[areas > 0]
    return float(np.median(np.sqrt(4 / np.pi * areas))) if areas.size else float("nan")


def _distance(cell: NDArray[np.bool_]) -> NDArray[np.float32]:
    if cell.all():
        return np.full(cell.shape, np.hypot(*cell.shape), np.float32)
    # a cell at the border keeps its box there, so the border is not an outline
    return np.asarray(
        cv2.distanceTransform(cell.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    )
