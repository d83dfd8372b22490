"""Contrast: bring a frame's intensities to about 0 ... 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.errors import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.preprocess.parameters import Preprocess

# half of what float32 holds, so that the difference of two pixels fits as well
_LARGEST = np.float64(np.finfo(np.float32).max / 2)


def normalize(
    frame: NDArray[np.generic], parameters: Preprocess, where: str = "the frame"
) -> NDArray[np.float32]:
    """Normalise the contrast of one frame.

    Parameters
    ----------
    frame : array of shape (Y, X)
        Any integer or float dtype.
    parameters : Preprocess
        The method and its settings.
    where : str
        Words that name the frame in an error.

    Returns
    -------
    float32 array of shape (Y, X)
        About 0 ... 1; with ``percentile`` values outside the percentiles go beyond. A
        constant frame gives zeros.

    Raises
    ------
    ImageError
        If the frame holds pixels that are NaN, infinite or beyond 1.7e38 and
        ``parameters.nan`` is "refuse", or holds no others.

    Examples
    --------
    >>> frame = np.array([[10, 20], [30, 50]], np.uint8)
    >>> normalize(frame, Preprocess(method="stretch"))
    array([[0.  , 0.25],
           [0.5 , 1.  ]], dtype=float32)
    """
    image = _finite(frame, parameters, where)
    if parameters.method == "percentile":
        return _between(image, *np.percentile(image, [parameters.low, parameters.high]))
    stretched = _between(image, image.min(), image.max())
    if parameters.method == "stretch":
        return stretched
    if parameters.method == "equalize":
        return _equalize(stretched)
    return _clahe(stretched, parameters)


def _finite(
    frame: NDArray[np.generic], parameters: Preprocess, where: str
) -> NDArray[np.float32]:
    missing = ~(np.abs(frame) < _LARGEST)
    if not missing.any():
        # the offset goes in double precision: float32 would round 32-bit images
        offset = np.subtract(frame, frame.min(), dtype=np.float64)
        return np.asarray(offset, np.float32)
    if parameters.nan == "refuse" or missing.all():
        y, x = np.argwhere(missing)[0]
        remedy = (
            "There are no others: leave the frame out."
            if missing.all()
            else "Replace them, or set preprocess.nan to 'background' to read them as "
            "background."
        )
        raise ImageError(
            f"{where} has {np.count_nonzero(missing)} pixels that are not numbers "
            f"(NaN, infinite or beyond 1.7e38), the first at y={y}, x={x}. {remedy}"
        )
    return _finite(np.where(missing, frame[~missing].min(), frame), parameters, where)


def _between(
    image: NDArray[np.float32], low: float, high: float
) -> NDArray[np.float32]:
    if high <= low:
        # e.g. a few bright pixels on black: more than `high` percent are background
        low, high = float(image.min()), float(image.max())
    scale = 1.0 / (high - low) if high > low else 0.0
    return ((image - np.float32(low)) * np.float32(scale)).astype(np.float32)


def _equalize(stretched: NDArray[np.float32]) -> NDArray[np.float32]:
    levels = np.round(stretched * 65535).astype(np.uint16)
    counts = np.bincount(levels.ravel(), minlength=65536)
    cumulative = np.cumsum(counts) / levels.size
    return np.asarray(cumulative[levels], np.float32)


def _clahe(
    stretched: NDArray[np.float32], parameters: Preprocess
) -> NDArray[np.float32]:
    levels = np.round(stretched * 65535).astype(np.uint16)
    grid = (parameters.grid, parameters.grid)
    result = cv2.createCLAHE(parameters.clip, grid).apply(levels)
    return (result / np.float32(65535)).astype(np.float32)
