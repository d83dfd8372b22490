"""Split touching cells for every h at once: flood a landscape from all its maxima.

The landscape (distance to the outline, say) is flooded once from all its regional
maxima, and where the floods meet gives the `Hierarchy`.

Which maxima there are and how deep the saddles between them is decided among all 8
neighbours, as in scikit-image's `h_maxima`, `reconstruction` and `label`; what lies
below the markers is flooded across edges, as in its `watershed`. What no edge joins to
a marker, which `watershed` leaves out, is reached across corners in the end.

The flood itself works on flat images and steps to neighbours and knows no dimensions.
Two-dimensional are the distance transform, the components and the border around the
image, all of them in `build` or called by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.postprocess._levels import distance_levels, landscape_levels
from napari_cellseg.postprocess.hierarchy import Hierarchy, smallest_type
from napari_cellseg.postprocess.morphology import remove_small

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def build(mask: NDArray[np.bool_], landscape: ArrayLike | None = None) -> Hierarchy:
    """Flood a landscape from all its regional maxima within a mask.

    Parameters
    ----------
    mask : bool (Y, X)
        Foreground. It may touch the image border, be empty (no basin) or full.
    landscape : real (Y, X), optional
        Height, great inside cells: intensity, say. Only the order of its values
        decides how it is flooded, and none is rounded. Whole numbers and those of half
        precision, a network's map, are fastest. Without it, the exact Euclidean
        distance (px) to the background, for which the image border does not count as
        background; a mask without background is one region.

    Returns
    -------
    Hierarchy

    Raises
    ------
    ValueError
        If the mask is not two-dimensional, the shapes differ, or the landscape is not
        finite somewhere in the mask, not real, or of a range that float64 cannot hold.

    Examples
    --------
    >>> split = build(np.array([[1, 1, 1, 0, 1]], bool))
    >>> split.basins
    array([[1, 1, 1, 0, 2]], dtype=uint16)
    >>> split.dynamics[1:]
    array([inf, inf])
    """
    mask = np.ascontiguousarray(mask, dtype=bool)
    if mask.ndim != 2:
        raise ValueError(f"the mask must be (Y, X), but its shape is {mask.shape}")
    if landscape is None:
        levels, heights = distance_levels(mask)
    else:
        landscape = np.asarray(landscape)
        if landscape.shape != mask.shape:
            raise ValueError(
                f"mask {mask.shape} and landscape {landscape.shape} differ in shape"
            )
        levels, heights = landscape_levels(mask, landscape)
    return _flooded(levels, heights)


def _flooded(levels: NDArray[np.int32], heights: NDArray[np.float64]) -> Hierarchy:
    """Flood levels 1 ... L, 0 in the background, whose heights are given."""
    # numba takes most of a second to import: parameters alone must not pay for it
    from napari_cellseg.postprocess import _flood

    padded = np.zeros((levels.shape[0] + 2, levels.shape[1] + 2), np.int32)
    padded[1:-1, 1:-1] = levels
    components, order, bounds = _components(padded)
    # OpenCV numbers components by blocks of pixels, and `group` sorts them by falling
    # number: where each begins, in raster order yet, tells theirs
    begins = np.append(order[bounds[:-1]], 0)[::-1]
    ranks, width = padded.reshape(-1), padded.shape[1]
    _flood.sort_by_level(order, bounds, ranks)
    first, values = _flood.rank(order, components, ranks)
    edges = (-width, -1, 1, width)
    corners = (-width - 1, -width + 1, width - 1, width + 1)
    basins, tree, passes, leaps = _flood.flood(ranks, order, first, edges, corners)
    peak, saddle, parent, _ = tree.T
    height = heights[values]
    return _numbered(
        basins.reshape(padded.shape),
        tree,
        np.concatenate([passes, leaps]),
        height[ranks[peak]],
        np.where(parent > 0, height[ranks[saddle]], -np.inf),
        begins[components[peak]],
    )


def _components(
    padded: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Components, flat, and the order of their pixels; see `_flood.group`."""
    from napari_cellseg.postprocess import _flood

    count, parts = cv2.connectedComponents(padded.astype(np.bool_).view(np.uint8))
    components = np.asarray(parts, np.int32).reshape(-1)
    return components, *_flood.group(components, count - 1)


def _numbered(
    padded: NDArray[np.int32],
    tree: NDArray[np.int32],
    meetings: NDArray[np.int32],
    peaks: NDArray[np.float64],
    saddles: NDArray[np.float64],
    begins: NDArray[np.int32],
) -> Hierarchy:
    """Make the hierarchy, its basins renumbered; `begins` orders their components."""
    from napari_cellseg.postprocess import _flood

    peak, saddle, parent, across = tree.T
    by = np.lexsort((begins, saddles - peaks))
    # flat index 0 is in the border, and so before every basin: the background stays 0
    numbers = np.empty_like(parent)
    numbers[by] = np.arange(by.size)
    height, width = padded.shape
    basins = np.empty((height - 2, width - 2), smallest_type(by.size - 1))
    sizes = _flood.crop(padded, numbers.astype(basins.dtype), basins)
    places = np.stack(np.divmod(np.where(parent > 0, saddle, peak), width), axis=1) - 1
    return Hierarchy(
        basins=basins,
        sizes=sizes,
        peaks=peaks[by],
        saddles=saddles[by],
        parents=numbers[parent[by]],
        across=numbers[across[by]],
        places=places[by],
        meetings=numbers[meetings],
    )


def warm_up() -> None:
    """Compile the kernels, or load them from disk, before they are needed."""
    mask = remove_small(np.eye(3, dtype=bool), 2) | np.eye(3, dtype=bool)
    build(mask).labels(0)
