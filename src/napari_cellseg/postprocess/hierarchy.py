"""Split touching cells for every h at once: a hierarchy of basins.

The landscape (distance to the outline, say) is flooded once from all its regional
maxima. Each basin keeps its *dynamics*, the height of its peak above the highest saddle
that leads to a higher peak (Grimaud 1992), and the basin across that saddle. The
result of a watershed from the h-maxima is then a lookup for any h, as in the
hierarchies of watersheds of Najman and Schmitt (1996) and Cousty and Najman (2011).

Which maxima there are and where they meet is decided among all 8 neighbours, as in
scikit-image's `h_maxima`, `reconstruction` and `label`; a pixel is flooded from one of
its 4 neighbours wherever that is possible, as in its `watershed`.

The flood itself works on flat images and steps to neighbours and knows no dimensions.
Two-dimensional are the distance transform, the components and the border around the
image, all of them in or called by `build`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.postprocess._levels import distance_levels, landscape_levels
from napari_cellseg.postprocess.morphology import remove_small

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Basins of a landscape, and at which h each merges into which other.

    Basins are numbered by persistence: 1 ... C are the highest of each 8-connected
    component, in raster order of the components, the others follow by falling
    dynamics; ties by component, then by falling peak, then in raster order. So the
    basins that survive h are the first ones, and a region keeps its number as long as
    h lets it live.

    Attributes
    ----------
    basins : uint16 (Y, X)
        0 in the background, else 1 ... N; uint32 where N exceeds 65535.
    dynamics : float64 (N + 1,)
        Height of the peak above its saddle, in the landscape's unit (px for distances);
        infinite for the highest basin of each 8-connected component, and for the
        background, which never merges.
    parents : int32 (N + 1,)
        The basin across the saddle; 0 where the dynamics are infinite.
    sizes : int64 (N + 1,)
        Area of each basin, and of the background (px²).
    saddles : int32 (N + 1, 2)
        Pixel (y, x) at which a basin, with what has merged into it, first meets its
        parent; a pixel of its peak where the dynamics are infinite. (0, 0) for the
        background.
    """

    basins: NDArray[np.unsignedinteger]
    dynamics: NDArray[np.float64]
    parents: NDArray[np.int32]
    sizes: NDArray[np.int64]
    saddles: NDArray[np.int32]

    @property
    def count(self) -> int:
        """Number of basins, N: the regional maxima of the landscape."""
        return self.dynamics.size - 1

    @property
    def nbytes(self) -> int:
        """Memory held (bytes)."""
        arrays = (self.basins, self.dynamics, self.parents, self.sizes, self.saddles)
        return sum(array.nbytes for array in arrays)

    @cached_property
    def _rising(self) -> NDArray[np.float64]:
        return self.dynamics[:0:-1].copy()

    def levels(self) -> NDArray[np.float64]:
        """Rising values of h at which the result changes.

        The result is the same for every h from one of them to just below the next.
        """
        return np.unique(self._rising[np.isfinite(self._rising)])

    def number(self, h: float) -> int:
        """Count the regions at h."""
        return int(self.count - np.searchsorted(self._rising, _finite(h), "right"))

    def cut(self, h: float) -> NDArray[np.int32]:
        """Region of each basin at h.

        A basin survives if its dynamics are greater than h; the others join the basin
        across their saddle, or what that one joins.

        Parameters
        ----------
        h : float
            Depth (landscape's unit, at least 0). At 0 every basin survives; beyond the
            greatest finite dynamics each connected component is one region.

        Returns
        -------
        int32 (N + 1,)
            Region of each basin, 1 ... K with K = ``number(h)``, which is the number
            of its surviving basin; 0 for the background.

        Raises
        ------
        ValueError
            If h is negative or NaN.
        """
        regions = self.number(h)
        target = np.arange(self.dynamics.size, dtype=np.int32)
        target[regions + 1 :] = self.parents[regions + 1 :]
        while target.max() > regions:
            target = target[target]
        return target

    def labels(self, h: float) -> NDArray[np.unsignedinteger]:
        """Label image at h.

        Parameters
        ----------
        h : float
            As in `cut`.

        Returns
        -------
        uint16 (Y, X)
            Regions 1 ... K, 0 in the background; uint32 where K exceeds 65535.

        Examples
        --------
        >>> mask = np.array([[0, 1, 1, 1, 1, 1, 1, 0]], bool)
        >>> height = np.array([[0, 1, 3, 2, 2, 4, 1, 0]])
        >>> split = build(mask, height)
        >>> split.labels(0.5)
        array([[0, 2, 2, 2, 1, 1, 1, 0]], dtype=uint16)
        >>> split.labels(1)
        array([[0, 1, 1, 1, 1, 1, 1, 0]], dtype=uint16)
        """
        from napari_cellseg.postprocess._lookup import look_up

        table = self.cut(h)
        dtype = smallest_type(int(table.max()))
        labels = np.empty(self.basins.shape, dtype)
        look_up(table.astype(dtype), self.basins.reshape(-1), labels.reshape(-1))
        return labels


def build(mask: NDArray[np.bool_], landscape: ArrayLike | None = None) -> Hierarchy:
    """Flood a landscape from all its regional maxima within a mask.

    Parameters
    ----------
    mask : bool (Y, X)
        Foreground. It may touch the image border, be empty (no basin) or full.
    landscape : real (Y, X), optional
        Height, great inside cells. It is rounded to at most 65,536 levels over its
        range in the mask, a power of two apart: whole numbers stay exact. Without it,
        the exact Euclidean distance (px) to the background, for which the image border
        does not count as background; a mask without background is one region.

    Returns
    -------
    Hierarchy

    Raises
    ------
    ValueError
        If the mask is not two-dimensional, the shapes differ, or the landscape is not
        finite somewhere in the mask.

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

    padded = np.pad(levels, 1)
    ranks, width = padded.reshape(-1), padded.shape[1]
    count, parts = cv2.connectedComponents(padded.astype(np.bool_).view(np.uint8))
    components = np.asarray(parts, np.int32).reshape(-1)
    order, begins = _flood.group(components, count - 1)
    # OpenCV numbers components by blocks of pixels, and `group` sorts them by falling
    # number: where each begins tells their raster order
    begin = np.append(order[begins[:-1]], 0)[::-1]
    _flood.sort_by_level(order, begins, ranks)
    first, values = _flood.rank(order, components, ranks)
    edges = np.array([-width, -1, 1, width])
    corners = np.array([-width - 1, -width + 1, width - 1, width + 1])
    flat, peaks, saddles, parents = _flood.flood(ranks, order, first, edges, corners)
    height = heights[values]
    dynamics = height[ranks[peaks]] - height[ranks[saddles]]
    dynamics[parents == 0] = np.inf
    by = np.lexsort((begin[components[peaks]], -dynamics))
    # flat index 0 is in the border, and so before every basin: the background stays 0
    numbers = np.empty_like(parents)
    numbers[by] = np.arange(by.size)
    basins = np.empty(levels.shape, smallest_type(by.size - 1))
    sizes = _flood.crop(
        flat.reshape(padded.shape), numbers.astype(basins.dtype), basins
    )
    pixels = np.where(parents > 0, saddles, peaks)[by]
    places = np.stack(np.divmod(pixels, width), axis=1) - 1
    places[0] = 0
    return Hierarchy(basins, dynamics[by], numbers[parents[by]], sizes, places)


def smallest_type(top: int) -> type[np.uint16 | np.uint32]:
    """Type of labels whose greatest number is `top`."""
    return np.uint16 if top <= np.iinfo(np.uint16).max else np.uint32


def warm_up() -> None:
    """Compile the kernels, or load them from disk, before they are needed."""
    mask = remove_small(np.eye(3, dtype=bool), 2) | np.eye(3, dtype=bool)
    build(mask).labels(0)


def _finite(h: float) -> float:
    """Check h, and keep it below the infinite dynamics that never merge."""
    if not h >= 0:
        raise ValueError(f"h must be at least 0, but it is {h}")
    return min(float(h), np.finfo(np.float64).max)
