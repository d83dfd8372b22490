"""Test-time augmentation: an image turned and mirrored, and its maps turned back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Predictor = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def predict_turned(
    image: NDArray[np.float32], predictor: Predictor
) -> NDArray[np.float32]:
    """Average the maps of an image's four quarter turns and two mirror images.

    Parameters
    ----------
    image : float32 array of shape (Y, X)
        The image.
    predictor : callable
        ``(y, x) -> (C, y, x)``, float32; asked six times.

    Returns
    -------
    float32 array of shape (C, Y, X)
        The mean, each prediction turned back.

    References
    ----------
    N. Moshkov et al., "Test-time augmentation for deep learning-based cell segmentation
    on microscopy images", Scientific Reports 10:5068 (2020); the turns and mirror
    images are those of Y. El Mokhtari (2023).
    """
    plane = 1, 2  # the axes of a map (C, Y, X)
    found = [
        np.rot90(predictor(_whole(np.rot90(image, k))), -k, plane) for k in range(4)
    ]
    found += [
        np.flip(predictor(_whole(np.flip(image, axis))), axis + 1) for axis in range(2)
    ]
    return np.asarray(np.mean(found, axis=0, dtype=np.float32))


def _whole(view: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(view)
