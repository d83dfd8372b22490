"""Whole cells around their nuclei: Al-Kofahi et al. (2018), step 3.

What stands out of the background is found in the enhanced image, and divided among the
nuclei and the background by a watershed of the image itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from napari_cellseg.postprocess._smooth import smooth
from napari_cellseg.postprocess.hierarchy import smallest_type
from napari_cellseg.postprocess.otsu import histogram
from napari_cellseg.postprocess.spacing import mean_radius

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP = 255
"""Highest level of the image."""

CLASSES = 4
"""Three thresholds divide what is enhanced into as many classes."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What cells of a frame grow in, whatever their nuclei.

    Attributes
    ----------
    levels : uint8 (Y, X)
        The image, smoothed, rescaled and log-transformed: what is flooded, the
        brightest first.
    enhanced : uint8 (Y, X)
        The same times the probability of a cell, as bins of its histogram.
    lowest, highest : int
        The first and the last of the three Otsu thresholds, as bins: what lies in
        higher ones is foreground.
    """

    levels: NDArray[np.uint8]
    enhanced: NDArray[np.uint8]
    lowest: int
    highest: int

    @property
    def nbytes(self) -> int:
        """Memory held (bytes)."""
        return self.levels.nbytes + self.enhanced.nbytes


def ground(
    image: NDArray[np.floating], probability: NDArray[Any], smoothing: float
) -> Ground:
    """Enhance the cells of an image.

    The paper leaves open how intensities are scaled: here the smoothed image goes from
    0 to 255, and its logarithm is that of 1 more.

    Parameters
    ----------
    image : float (Y, X)
        Bright cytoplasm; finite.
    probability : real (Y, X)
        Probability of a cell; finite. The paper has "cell probability maps", and means
        those of the cytoplasm and, as it is taken here, of the nucleus: their sum keeps
        what is between them from falling below the threshold.
    smoothing : float
        Sigma of the Gaussian filter (px); 0 for none.

    Returns
    -------
    Ground
        A constant image is all background.

    Raises
    ------
    ValueError
        If the shapes differ, or a value is NaN or infinite.

    Examples
    --------
    >>> found = ground(np.array([[0.0, 0.5, 1.0]]), np.array([[0.0, 0.5, 1.0]]), 0)
    >>> found.levels, found.enhanced
    (array([[  0, 223, 255]], dtype=uint8), array([[  0, 112, 255]], dtype=uint8))
    """
    if image.shape != probability.shape or image.ndim != 2:
        raise ValueError(f"image {image.shape} and map {probability.shape} differ")
    bright = _log(smooth(np.asarray(image, np.float32), smoothing))
    enhanced = np.empty(image.shape, np.uint8)
    found = histogram(bright * np.asarray(probability, np.float32), enhanced)
    lowest, *_, highest = found.divide(CLASSES).tolist()
    levels = (bright * np.float32(TOP) + np.float32(0.5)).astype(np.uint8)
    return Ground(levels, enhanced, lowest, highest)


def grow(
    nuclei: NDArray[np.unsignedinteger], where: Ground, area: float
) -> NDArray[np.unsignedinteger]:
    """Grow one cell around each nucleus.

    The threshold that divides cells from background is "equal or between the three
    thresholds", the one whose foreground, nuclei included, has the area nearest to
    what so many cells are expected to have; of equals the lower. The watershed then
    floods the foreground, the brightest first, from the nuclei and from the background,
    which is a marker of its own.

    What the paper leaves open: nuclei are dark, and so is the rim around them. So they
    are flooded from at once all the same, the background from each of its pixels when
    it is its turn; and each nucleus begins with what is nearest to it within half the
    mean radius of the frame's nuclei, or else its cell would often be flooded from
    elsewhere before the rim is passed.

    Parameters
    ----------
    nuclei : unsigned (Y, X)
        1 ... K, 0 elsewhere.
    where : Ground
        Of the same frame.
    area : float
        Expected area of a cell, nucleus included (px²).

    Returns
    -------
    uint16 or uint32 (Y, X)
        Equal, but for ties, to scikit-image's ``watershed``. Each cell holds its
        nucleus and its rim and has its number; 0 is background, and so is foreground
        that no nucleus reaches. A pixel that two reach at once falls to the first in
        raster order.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> image = np.array([[0.0, 0.6, 0.1, 0.9, 0.3, 0.8, 0.1, 0.8, 0.0, 0.0]])
    >>> nuclei = np.array([[0, 0, 1, 0, 0, 0, 2, 0, 0, 0]], np.uint16)
    >>> grow(nuclei, ground(image, image > 0.2, smoothing=0), area=3.5)
    array([[0, 1, 1, 1, 1, 2, 2, 2, 0, 0]], dtype=uint16)
    """
    # numba takes most of a second to import: parameters alone must not pay for it
    from napari_cellseg.postprocess._flood import spread, widen
    from napari_cellseg.postprocess._lookup import relabel

    if nuclei.shape != where.levels.shape:
        raise ValueError(f"nuclei {nuclei.shape} and image {where.levels.shape} differ")
    count = int(nuclei.max(initial=0))
    if not count:
        return nuclei.copy()
    threshold = _threshold(nuclei, where, count * area)
    width = nuclei.shape[1] + 2
    # the numbers after the last are the background's and the padding's
    regions = np.full((nuclei.shape[0] + 2, width), count + 2, np.int32)
    inner = regions[1:-1, 1:-1]
    inner[:] = (where.enhanced <= threshold) * np.int32(count + 1)
    np.copyto(inner, nuclei, where=nuclei > 0, casting="unsafe")
    levels = np.pad(where.levels, 1)
    edges = (-width, -1, 1, width)
    rim = round(mean_radius(int(np.count_nonzero(nuclei)), count) / 2)
    widen(regions.reshape(-1), count + 1, rim, edges)
    spread(levels.reshape(-1), regions.reshape(-1), count + 1, edges)
    cells = np.empty(nuclei.shape, smallest_type(count))
    table = np.append(np.arange(count + 1), 0).astype(cells.dtype)
    relabel(np.ascontiguousarray(inner, np.uint32), table, cells)
    return cells


def _threshold(
    nuclei: NDArray[np.unsignedinteger], where: Ground, expected: float
) -> int:
    inside = nuclei > 0
    nuclear = int(np.count_nonzero(inside))
    counts = np.bincount(where.enhanced[~inside], minlength=TOP + 1)
    above = nuclear + counts.sum() - np.cumsum(counts)
    off = np.abs(above[where.lowest : where.highest + 1] - expected)
    return where.lowest + int(off.argmin())


def _log(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale an image to 0 ... 1, by the logarithm of what goes from 1 to 256."""
    low, high = (float(image.min()), float(image.max())) if image.size else (0.0, 0.0)
    if low == high:
        return np.zeros_like(image)
    scaled = 1 + np.float32(TOP / (high - low)) * (image - np.float32(low))
    return np.asarray(cv2.log(scaled), np.float32) * np.float32(1 / log(TOP + 1))
