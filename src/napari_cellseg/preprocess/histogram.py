"""Histogram matching: a frame's intensities take the distribution of another's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MOST = 4096
"""Intensities that a reference holds at most; those between are interpolated."""


@dataclass(frozen=True)
class Reference:
    """Distribution of an image's intensities.

    Attributes
    ----------
    values : tuple of float
        Intensities, ascending.
    quantiles : tuple of float
        Share of the pixels that are no brighter than each, up to 1.
    """

    values: tuple[float, ...]
    quantiles: tuple[float, ...]

    @classmethod
    def of(cls, image: NDArray[np.generic]) -> Reference:
        """Distribution of an image of any shape, finite, with at least one pixel.

        Of more than 4096 different intensities at most so many are kept: half of them
        at evenly spaced quantiles, for the many dark pixels, half at evenly spaced
        intensities, for the few bright ones. What `match` makes of it is then off by
        no more than 1/1024 of the range of intensities, and by much less for most
        pixels.
        """
        values, counts = np.unique(image, return_counts=True)
        quantiles = np.cumsum(counts) / image.size
        if values.size > MOST:
            kept = _kept(values, quantiles)
            values, quantiles = values[kept], quantiles[kept]
        return cls(tuple(map(float, values)), tuple(map(float, quantiles)))

    def dumps(self) -> str:
        """Write it as JSON."""
        return json.dumps({"values": self.values, "quantiles": self.quantiles})

    @classmethod
    def loads(cls, text: str) -> Reference:
        """Read it from JSON.

        Raises
        ------
        ValueError
            If the text is not what `dumps` writes.
        """
        try:
            found = json.loads(text)
            values, quantiles = (
                tuple(map(float, found[name])) for name in ("values", "quantiles")
            )
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"this is no histogram: {error}") from error
        if not values or len(values) != len(quantiles):
            raise ValueError("this is no histogram: it has no values, or unequal lists")
        return cls(values, quantiles)


def _kept(values: NDArray[Any], quantiles: NDArray[np.float64]) -> NDArray[np.intp]:
    """Choose at most MOST of many intensities: their indices, both ends among them."""
    spread = np.linspace(quantiles[0], quantiles[-1], MOST // 2)
    among = np.searchsorted(quantiles, spread)
    # of each step of intensity the first and the last: what is left out lies between
    # two that are no further apart than the step
    steps = np.linspace(values[0], values[-1], MOST // 4, dtype=np.float64)
    first = np.searchsorted(values, steps)
    last = first[1:] - 1
    return np.unique(np.concatenate([among, first, last]))


def brightest(images: Iterable[NDArray[np.generic]]) -> Reference:
    """Distribution of the image with the highest mean intensity.

    Parameters
    ----------
    images : iterable of array of shape (Y, X)
        Looked at once; of equally bright ones the first counts.

    Raises
    ------
    ImageError
        If there is none, or one holds NaN or infinite pixels.

    References
    ----------
    M. Aydın et al., "A Deep Learning Model for Automated Segmentation of Fluorescence
    Cell images", J. Phys.: Conf. Ser. 2191:012003 (2022): every image is matched to
    that of the highest mean intensity.

    Examples
    --------
    >>> brightest([np.array([[1, 2]]), np.array([[3, 9]]), np.array([[0, 4]])])
    Reference(values=(3.0, 9.0), quantiles=(0.5, 1.0))
    """
    found, highest = None, -np.inf
    for image in images:
        mean = float(np.asarray(image, np.float64).mean()) if image.size else np.nan
        if not np.isfinite(mean):
            raise ImageError(
                "the brightest training image is looked for, and one holds pixels "
                "that are not numbers, or none: leave it out"
            )
        if mean > highest:
            found, highest = image, mean
    if found is None:
        raise ImageError("there is no image whose histogram the others can be given")
    return Reference.of(found)


def match(image: NDArray[np.generic], reference: Reference) -> NDArray[np.float64]:
    """Give an image the distribution of intensities of another.

    Each pixel takes the intensity below which the reference has the same share of its
    pixels, interpolated.

    Parameters
    ----------
    image : array of shape (Y, X)
        Any integer or float dtype, finite. Only the order of its pixels counts.
    reference : Reference
        The distribution.

    Returns
    -------
    float64 array of shape (Y, X)
        In the reference's intensities; without pixels, without pixels.

    References
    ----------
    R. C. Gonzalez, R. E. Woods, "Digital Image Processing", 4th ed. (2018), 3.3.

    Examples
    --------
    >>> match(np.array([[0, 1, 7, 7]]), Reference((10.0, 20.0), (0.5, 1.0)))
    array([[10., 10., 20., 20.]])
    """
    _, where, counts = np.unique(image, return_inverse=True, return_counts=True)
    quantiles = np.cumsum(counts) / max(image.size, 1)
    matched = np.interp(quantiles, reference.quantiles, reference.values)
    return np.asarray(matched[where.reshape(image.shape)], np.float64)
