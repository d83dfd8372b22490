"""The Gaussian filter of blobs and of cells to grow."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def smooth(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Filter an image, float32 (Y, X), by a Gaussian of a sigma (px); 0 is none.

    The kernel ends at four sigma, the image is mirrored at its border.
    """
    if not sigma or not image.size:
        return image
    side = 2 * ceil(4 * sigma) + 1
    border = cv2.BORDER_REFLECT
    return np.asarray(
        cv2.GaussianBlur(image, (side, side), sigma, borderType=border), np.float32
    )
