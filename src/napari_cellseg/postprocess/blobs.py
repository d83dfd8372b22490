"""What stands out as a blob: the seeds of Al-Kofahi et al. (2018), step 2."""

from __future__ import annotations

from math import ceil, hypot, sqrt
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.postprocess._smooth import smooth
from napari_cellseg.postprocess.otsu import multi_otsu

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALES = 4
THRESHOLDS = 5

_ALONG = np.array([-1, 16, -30, 16, -1], np.float32) / 12
# of fourth order: the usual one of 3 x 3 is 7 % too low for blobs of 3 px
_LAPLACIAN = np.zeros((5, 5), np.float32)
_LAPLACIAN[2] += _ALONG
_LAPLACIAN[:, 2] += _ALONG

LEAST = 1e-3
"""Responses no greater are the rounding of a map of probabilities."""


def response(
    image: NDArray[np.floating], smallest: float, largest: float, scales: int = SCALES
) -> NDArray[np.float32]:
    """Response to bright blobs of a range of sizes, the greatest over the scales.

    The scale-normalised Laplacian of Gaussian of Lindeberg (1993), ``-sigma² LoG``: a
    disk responds most where ``sigma = diameter / (2 sqrt 2)``. The Laplacian is that of
    differences of fourth order: blobs of 3 px respond within 0.02 as by the Gaussian's
    own derivatives, those of 6 px within 0.002.

    Parameters
    ----------
    image : float (Y, X)
        Bright blobs. It is mirrored at its border.
    smallest, largest : float
        Diameters of the blobs (px), in either order.
    scales : int
        How many, evenly spaced in their logarithm; one where both diameters are equal.

    Returns
    -------
    float32 (Y, X)
        Greater than 0 within blobs, less around them.

    Examples
    --------
    >>> y, x = np.indices((41, 41)) - 20
    >>> disk = (x**2 + y**2 <= 36).astype(np.float32)
    >>> found = response(disk, 8, 16)
    >>> bool(found[20, 20] > 0.5), bool(found[20, 30] < 0)
    (True, True)
    """
    low, high = sorted((smallest, largest))
    wanted = np.unique(np.geomspace(low, high, scales)) / (2 * sqrt(2))
    blurred = np.ascontiguousarray(image, np.float32)
    found, before = np.full(blurred.shape, -np.inf, np.float32), 0.0
    for sigma in wanted.tolist():
        # Gaussians of Gaussians are Gaussians: each scale begins at the one before
        step = sqrt(sigma**2 - before**2)
        blurred, before = smooth(blurred, step), hypot(before, step)
        kernel = np.float32(-(sigma**2)) * _LAPLACIAN
        curved = cv2.filter2D(blurred, -1, kernel, borderType=cv2.BORDER_REFLECT)
        cv2.max(found, curved, found)
    return found


def blobs(
    image: NDArray[np.floating], smallest: float, largest: float, sensitivity: float
) -> NDArray[np.bool_]:
    """Mask of bright blobs.

    The response is divided by multi-level Otsu with five thresholds, and the
    sensitivity says which of them is taken: each fifth of its range is one, so that 60
    is the third as in the paper, (60, 80] the second, (80, 100] the lowest, and
    [0, 20] the highest.

    Parameters
    ----------
    image : float (Y, X)
        Map of nuclei, say; NaN is 0.
    smallest, largest : float
        Diameters of the blobs (px), in either order.
    sensitivity : float
        0 to 100; the greater, the lower the threshold.

    Returns
    -------
    bool (Y, X)
        Where the response is greater than the threshold and than `LEAST`: where it is
        negative, there is a blob beside and not here. A constant image has none.

    Examples
    --------
    >>> y, x = np.indices((41, 41)) - 20
    >>> disk = (x**2 + y**2 <= 36).astype(np.float32)
    >>> mask = blobs(disk, 8, 16, 60)
    >>> mask[20, 20], mask[0, 0]
    (np.True_, np.False_)
    """
    if not image.size:
        return np.zeros(image.shape, bool)
    found = response(np.nan_to_num(image), smallest, largest)
    which = THRESHOLDS - max(ceil(sensitivity * THRESHOLDS / 100), 1)
    threshold = multi_otsu(found, THRESHOLDS + 1)[which]
    mask: NDArray[np.bool_] = found > max(float(threshold), LEAST)
    return mask
