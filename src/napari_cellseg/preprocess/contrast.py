"""From a frame of any type to the image that a network sees: about 0 ... 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.errors import ImageError, RecipeError
from napari_cellseg.preprocess.background import remove_background
from napari_cellseg.preprocess.histogram import match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.preprocess.histogram import Reference
    from napari_cellseg.preprocess.parameters import Preprocess

# half of what float32 holds, so that the difference of two pixels fits as well
_LARGEST = np.float64(np.finfo(np.float32).max / 2)


def normalize(
    frame: NDArray[np.generic],
    parameters: Preprocess,
    where: str = "the frame",
    reference: Reference | None = None,
) -> NDArray[np.float32]:
    """Take the background of one frame away, set its contrast and filter it.

    Parameters
    ----------
    frame : array of shape (Y, X)
        Any integer or float dtype.
    parameters : Preprocess
        The steps and their settings. The background goes first, then come the contrast
        and the median filter, which repeats the pixels at the border; the frame is
        standardised in the end.
    where : str
        Words that name the frame in an error.
    reference : Reference, optional
        What the method "match" gives the frame: its darkest pixels become 0, its
        brightest 1.

    Returns
    -------
    float32 array of shape (Y, X)
        About 0 ... 1; with ``percentile`` values outside the percentiles go beyond. A
        constant frame gives zeros; with ``equalize`` and ``match`` another constant.
        Standardised, the mean is 0 and the standard deviation 1; a constant gives
        zeros.

    Raises
    ------
    ImageError
        If the frame holds pixels that are NaN, infinite or beyond 1.7e38 and
        ``parameters.nan`` is "refuse", or holds no others.
    RecipeError
        If the method is "match" and there is no reference.

    References
    ----------
    Stretching and equalisation: R. C. Gonzalez, R. E. Woods, "Digital Image
    Processing", 4th ed. (2018), chapter 3. CLAHE: K. Zuiderveld, "Contrast Limited
    Adaptive Histogram Equalization", Graphics Gems IV (1994), on 256 levels. The three
    as C.-C. Drăghici and C. Neghină (2025) compare them.

    Examples
    --------
    >>> from napari_cellseg.preprocess import Preprocess
    >>> frame = np.array([[10, 20], [30, 50]], np.uint8)
    >>> normalize(frame, Preprocess(method="stretch"))
    array([[0.  , 0.25],
           [0.5 , 1.  ]], dtype=float32)
    """
    image = _finite(frame, parameters, where)
    if parameters.background:
        image = _flatten(image, frame.dtype, parameters.background)
    image = _contrast(image, parameters, reference)
    image = _median(image, parameters.median)
    return _standardize(image) if parameters.standardize else image


def _flatten(
    image: NDArray[np.float32], dtype: np.dtype[np.generic], side: int
) -> NDArray[np.float32]:
    """Remove the background, of integers as integers: that is ten times as fast."""
    if dtype == np.uint8:
        return remove_background(image.astype(np.uint8), side).astype(np.float32)
    if dtype == np.uint16:
        return remove_background(image.astype(np.uint16), side).astype(np.float32)
    return remove_background(image, side)


def _contrast(
    image: NDArray[np.float32], parameters: Preprocess, reference: Reference | None
) -> NDArray[np.float32]:
    if parameters.method == "percentile":
        return _between(image, *np.percentile(image, [parameters.low, parameters.high]))
    if parameters.method == "match":
        return _matched(image, reference)
    stretched = _between(image, image.min(), image.max())
    if parameters.method == "stretch":
        return stretched
    if parameters.method == "equalize":
        return _equalize(stretched)
    return _clahe(stretched, parameters)


def _matched(
    image: NDArray[np.float32], reference: Reference | None
) -> NDArray[np.float32]:
    if reference is None:
        raise RecipeError(
            "preprocess.method is 'match', but the model holds no histogram to match: "
            "choose another contrast, or a model that was trained with 'match'."
        )
    low, high = reference.values[0], reference.values[-1]
    scale = 1 / (high - low) if high > low else 0.0
    return ((match(image, reference) - low) * scale).astype(np.float32)


def _median(image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    if side == 0:
        return image
    return np.asarray(cv2.medianBlur(image, side), np.float32)


def _standardize(image: NDArray[np.float32]) -> NDArray[np.float32]:
    if image.min() == image.max():
        return np.zeros_like(image)
    mean, spread = image.mean(dtype=np.float64), image.std(dtype=np.float64)
    return np.asarray((image - mean) / spread, np.float32)


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
    # of 65536 levels a tile has hardly two pixels in one, and nothing would change
    levels = np.round(stretched * 255).astype(np.uint8)
    grid = (parameters.grid, parameters.grid)
    result = cv2.createCLAHE(parameters.clip, grid).apply(levels)
    return (result / np.float32(255)).astype(np.float32)
