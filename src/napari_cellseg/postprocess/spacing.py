"""Markers from the distances and the mean size: El Mokhtari (2023), section II.G."""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from napari_cellseg.postprocess._levels import squared_distance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def spaced(
    mask: NDArray[np.bool_], landscape: ArrayLike | None = None
) -> NDArray[np.int32]:
    """Split a mask by a watershed from maxima that keep a distance from each other.

    The paper finds markers "using distance map and average nuclei size". What it leaves
    open is chosen as follows. The size is the mean radius of the mask's components,
    each taken for a disk. Of the maxima of the landscape, none is nearer than that to a
    higher one of the same component, along both axes; of equals, one stays. A component
    has at least one marker.

    Parameters
    ----------
    mask : bool (Y, X)
        Foreground.
    landscape : real (Y, X), optional
        Height, great inside cells. The Euclidean distance to the background (px)
        without it.

    Returns
    -------
    int32 (Y, X)
        Labels of scikit-image's ``watershed`` on the negative landscape, from the
        markers of its ``peak_local_max``; 0 outside the mask.

    Examples
    --------
    >>> row = np.array([[0, 1, 2, 3, 2, 1, 2, 3, 2, 1, 0]])
    >>> spaced(row > 0, row)
    array([[0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0]], dtype=int32)
    """
    # scikit-image's segmentation takes long to import, and most recipes need none
    import skimage.segmentation

    if not mask.any():
        return np.zeros(mask.shape, np.int32)
    image = np.ascontiguousarray(mask).view(np.uint8)
    count, parts = cv2.connectedComponents(image)
    components = np.asarray(parts, np.int32)
    height = np.sqrt(squared_distance(mask)) if landscape is None else landscape
    heights = np.asarray(height, np.float32)
    radius = mean_radius(int(mask.sum()), count - 1)
    markers = _markers(heights, components, max(round(radius), 1))
    # a piece that only a corner joins to a marker would else be left out
    segmentation: Any = skimage.segmentation
    found = segmentation.watershed(-heights, markers, connectivity=2, mask=mask)
    return np.asarray(found, np.int32)


def mean_radius(area: float, number: int) -> float:
    """Radius of the disk whose area is the mean of a number of objects.

    Examples
    --------
    >>> round(mean_radius(628.3, 2), 2)
    10.0
    """
    return sqrt(area / number / pi)


def _markers(
    heights: NDArray[np.float32], components: NDArray[np.int32], apart: int
) -> NDArray[np.int32]:
    import skimage.feature

    feature: Any = skimage.feature
    peaks = feature.peak_local_max(
        heights, min_distance=apart, exclude_border=False, labels=components
    )
    inside = np.flatnonzero(components)
    # the highest pixel of each component: one that is all of one height has no peak
    by = np.lexsort((-inside, heights.flat[inside], components.flat[inside]))
    ends = np.flatnonzero(np.diff(components.flat[inside[by]], append=0))
    highest = inside[by[ends]]
    at = np.ravel_multi_index(tuple(peaks.T), heights.shape)
    bare = ~np.isin(components.flat[highest], components.flat[at])
    markers = np.zeros(heights.shape, np.int32)
    seeds = np.append(at, highest[bare])
    markers.flat[seeds] = np.arange(1, seeds.size + 1)
    return markers
