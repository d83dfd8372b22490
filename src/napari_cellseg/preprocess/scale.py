"""Scale: bring a frame's cells to the size that the network was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rescale(image: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resize an image, averaging where it shrinks and interpolating where it grows.

    Parameters
    ----------
    image : float32 array of shape (Y, X)
        The image.
    shape : tuple of int
        New ``(Y, X)`` (px).

    Returns
    -------
    float32 array of the new shape

    Examples
    --------
    >>> rescale(np.array([[0, 2], [4, 6]], np.float32), (1, 1))
    array([[3.]], dtype=float32)
    """
    if image.shape == shape:
        return image
    shrinks = shape[0] * shape[1] < image.size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, shape[::-1], interpolation=how), np.float32)
