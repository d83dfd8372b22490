"""Split touching cells for every h at once: a hierarchy of basins.

The landscape (distance to the outline, say) is flooded once from all its regional
maxima. Each basin keeps its *dynamics*, the height of its peak above the highest saddle
that leads to a higher peak (Grimaud 1992), and the basin across that saddle. The
result of a watershed from the h-maxima is then a lookup for any h, as in the
hierarchies of watersheds of Najman and Schmitt (1996) and Cousty and Najman (2011).

Which maxima there are and where they meet is decided among all 8 neighbours, as in
scikit-image's `h_maxima`, `reconstruction` and `label`; a pixel is flooded from one of
its 4 neighbours wherever that is possible, as in its `watershed`.
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

    Attributes
    ----------
    basins : int32 (Y, X)
        0 in the background, else 1 ... N: by connected component in raster order, then
        by falling height of the peak, ties in raster order.
    dynamics : float64 (N + 1,)
        Height of the peak above its saddle, in the landscape's unit (px for distances);
        infinite for the highest basin of each 8-connected component, and for the
        background, which never merges.
    parents : int32 (N + 1,)
        The basin across the saddle; 0 where the dynamics are infinite.
    """

    basins: NDArray[np.int32]
    dynamics: NDArray[np.float64]
    parents: NDArray[np.int32]

    @property
    def count(self) -> int:
        """Number of basins, N: the regional maxima of the landscape."""
        return self.dynamics.size - 1

    @property
    def nbytes(self) -> int:
        """Memory held (bytes)."""
        return self.basins.nbytes + self.dynamics.nbytes + self.parents.nbytes

    @cached_property
    def _sorted(self) -> NDArray[np.float64]:
        return np.sort(self.dynamics[1:])

    def levels(self) -> NDArray[np.float64]:
        """Rising values of h at which the result changes.

        The result is the same for every h from one of them to just below the next.
        """
        return np.unique(self._sorted[np.isfinite(self._sorted)])

    def number(self, h: float) -> int:
        """Count the regions at h."""
        return int(self.count - np.searchsorted(self._sorted, _finite(h), "right"))

    def cut(self, h: float, *, consecutive: bool = True) -> NDArray[np.int32]:
        """Region of each basin at h.

        A basin survives if its dynamics are greater than h; the others join the basin
        across their saddle, or what that one joins.

        Parameters
        ----------
        h : float
            Depth (landscape's unit, at least 0). At 0 every basin survives; beyond the
            greatest finite dynamics each connected component is one region.
        consecutive : bool
            Number the regions 1 ... K in the order of the basins. If false a region has
            the number of its surviving basin, which does not change with h: cells that
            are the same at two values of h then carry the same number.

        Returns
        -------
        int32 (N + 1,)
            Region of each basin; 0 for the background.

        Raises
        ------
        ValueError
            If h is negative or NaN.
        """
        alive = self.dynamics > _finite(h)
        target = np.where(alive, np.arange(alive.size), self.parents)
        while not alive[target].all():
            target = target[target]
        if consecutive:
            target = (np.cumsum(alive) - 1)[target]
        return target.astype(np.int32)

    def labels(
        self, h: float, *, consecutive: bool = True
    ) -> NDArray[np.unsignedinteger]:
        """Label image at h.

        Parameters
        ----------
        h, consecutive
            As in `cut`.

        Returns
        -------
        uint16 (Y, X)
            0 in the background; uint32 where a number exceeds 65535.

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

        table = self.cut(h, consecutive=consecutive)
        dtype = np.uint16 if table.max() <= np.iinfo(np.uint16).max else np.uint32
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
    array([[1, 1, 1, 0, 2]], dtype=int32)
    >>> split.dynamics[1:]
    array([inf, inf])
    """
    # numba takes most of a second to import: parameters alone must not pay for it
    from napari_cellseg.postprocess import _flood

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
    count, parts = cv2.connectedComponents(np.pad(mask.view(np.uint8), 1))
    components = np.asarray(parts, np.int32).reshape(-1)
    padded = np.pad(levels, 1)
    ranks, width = padded.reshape(-1), padded.shape[1]
    order, begins = _flood.group(components, count - 1)
    _flood.sort_by_level(order, begins, ranks)
    first, values = _flood.rank(order, components, ranks)
    edges = np.array([-width, -1, 1, width])
    corners = np.array([-width - 1, -width + 1, width - 1, width + 1])
    flat, peaks, saddles, parents = _flood.flood(ranks, order, first, edges, corners)
    basins = np.maximum(flat.reshape(padded.shape)[1:-1, 1:-1], 0)
    height = heights[values]
    dynamics = np.where(parents > 0, height[peaks] - height[saddles], np.inf)
    return Hierarchy(basins, dynamics, parents)


def warm_up() -> None:
    """Compile the kernels, or load them from disk, before they are needed."""
    mask = remove_small(np.eye(3, dtype=bool), 2) | np.eye(3, dtype=bool)
    build(mask).labels(0)


def _finite(h: float) -> float:
    """Check h, and keep it below the infinite dynamics that never merge."""
    if not h >= 0:
        raise ValueError(f"h must be at least 0, but it is {h}")
    return min(float(h), np.finfo(np.float64).max)
