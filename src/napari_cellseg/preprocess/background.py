"""Background: what is wider than the cells is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Grey = TypeVar("Grey", np.uint8, np.uint16, np.float32)


def remove_background(image: NDArray[Grey], side: int) -> NDArray[Grey]:
    """White top-hat by a square: an image less its opening.

    Parameters
    ----------
    image : uint8, uint16 or float32 array of shape (Y, X)
        Finite. The integers are the faster.
    side : int
        Side of the square (px), greater than that of the objects; of an even one the
        centre is the pixel before the middle. 0 leaves the image.

    Returns
    -------
    array of shape (Y, X) and the image's dtype
        At least 0. Beyond the border there is nothing, which neither raises nor lowers
        the background. Without pixels, without pixels.

    References
    ----------
    Y. Al-Kofahi et al., "A deep learning-based algorithm for 2-D cell segmentation in
    microscopy images", BMC Bioinformatics 19:365 (2018): side 200.

    Examples
    --------
    >>> remove_background(np.array([[5, 5, 9, 5, 6, 6, 6]], np.uint8), 3)
    array([[0, 0, 4, 0, 0, 0, 0]], dtype=uint8)
    """
    if side == 0 or image.size == 0:
        return image
    square = np.ones((side, side), np.uint8)
    before, after = (side - 1) // 2, side // 2
    eroded = cv2.erode(image, square, anchor=(before, before))
    # mirrored, or an even square would move what it opens
    opened = cv2.dilate(eroded, square, anchor=(after, after))
    return cv2.subtract(image, opened)  # type: ignore[return-value]
