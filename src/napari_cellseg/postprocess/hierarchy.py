"""The basins of a landscape, and the cut at every h.

Each basin keeps its *dynamics*, the height of its peak above the highest saddle that
leads to a higher peak (Grimaud 1992), and the basin across that saddle. The result of a
watershed from the h-maxima is then a lookup for any h, as in the hierarchies of
watersheds of Najman and Schmitt (1996) and Cousty and Najman (2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Saddle:
    """Where two regions meet, or would if h were smaller.

    Regions of still smaller dynamics may lie between the pixel and the basin's own.

    Attributes
    ----------
    basin : int
        The basin that survives h as long as its dynamics are greater.
    dynamics : float
        In the landscape's unit (px for distances).
    regions : (int, int)
        The regions of the basin and of the one across the saddle, at the h asked for.
    pixel : (int, int)
        The place (y, x) where they meet.
    """

    basin: int
    dynamics: float
    regions: tuple[int, int]
    pixel: tuple[int, int]

    @property
    def split(self) -> bool:
        """Whether the two are apart."""
        return self.regions[0] != self.regions[1]


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
        return self.curve()[0][1:]

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """How many regions each h gives.

        Returns
        -------
        levels : float64 (L + 1,)
            0, then rising values of h at which the number changes.
        numbers : int64 (L + 1,)
            Regions from each level to just below the next.

        Examples
        --------
        >>> from napari_cellseg.postprocess import build
        >>> height = np.array([[3, 2, 3, 1, 3, 2, 5]])
        >>> levels, numbers = build(height > 0, height).curve()
        >>> levels, numbers
        (array([0., 1., 2.]), array([4, 2, 1]))
        """
        finite = self._rising[np.isfinite(self._rising)]
        levels, deaths = np.unique(finite, return_counts=True)
        numbers = self.count - np.cumsum(np.append(0, deaths))
        return np.append(0.0, levels), numbers

    def number(self, h: float) -> int:
        """Count the regions at h."""
        return int(self.count - np.searchsorted(self._rising, _finite(h), "right"))

    def areas(self, h: float) -> NDArray[np.int64]:
        """Area of each region at h, without a look at the pixels.

        Returns
        -------
        int64 (K,)
            Areas of the regions 1 ... K (px²).

        Examples
        --------
        >>> from napari_cellseg.postprocess import build
        >>> height = np.array([[1, 3, 2, 2, 4, 1, 0]])
        >>> split = build(height > 0, height)
        >>> split.areas(0.5), split.areas(1)
        (array([3, 3]), array([6]))
        """
        areas = np.zeros(self.number(h) + 1, np.int64)
        np.add.at(areas, self.cut(h), self.sizes)
        return areas[1:]

    def doubtful(self, h: float, margin: float | None = None) -> list[Saddle]:
        """List the splits, and the merges, that a slightly different h would undo.

        Parameters
        ----------
        h : float
            As in `cut`.
        margin : float, optional
            Those whose dynamics are no further from h (landscape's unit); half of h
            by default.

        Returns
        -------
        list of Saddle
            The nearest to h first; ties by falling dynamics.

        Examples
        --------
        >>> from napari_cellseg.postprocess import build
        >>> height = np.array([[5, 3, 5, 4, 9, 1, 9]])
        >>> split = build(height > 0, height)
        >>> for saddle in split.doubtful(1.5):
        ...     print(saddle.basin, saddle.dynamics, saddle.regions, saddle.pixel)
        3 2.0 (3, 1) (0, 1)
        4 1.0 (1, 1) (0, 3)
        """
        table = self.cut(h)
        away = np.abs(self.dynamics - _finite(h))
        margin = h / 2 if margin is None else margin
        near = np.flatnonzero((away <= margin) & (self.parents > 0))
        return [
            Saddle(
                basin,
                float(self.dynamics[basin]),
                (int(table[basin]), int(table[self.parents[basin]])),
                (int(self.saddles[basin, 0]), int(self.saddles[basin, 1])),
            )
            for basin in near[np.argsort(away[near], kind="stable")].tolist()
        ]

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

    def labels(
        self, h: float, out: NDArray[np.unsignedinteger] | None = None
    ) -> NDArray[np.unsignedinteger]:
        """Label image at h.

        Parameters
        ----------
        h : float
            As in `cut`.
        out : uint16 or uint32 (Y, X), optional
            Where to write it, C-contiguous: a frame of a movie, say.

        Returns
        -------
        uint16 (Y, X)
            Regions 1 ... K, 0 in the background; uint32 where K exceeds 65535. `out`
            where it is given.

        Raises
        ------
        ValueError
            If h is negative or NaN, or `out` cannot take the labels.

        Examples
        --------
        >>> from napari_cellseg.postprocess import build
        >>> mask = np.array([[0, 1, 1, 1, 1, 1, 1, 0]], bool)
        >>> height = np.array([[0, 1, 3, 2, 2, 4, 1, 0]])
        >>> split = build(mask, height)
        >>> split.labels(0.5)
        array([[0, 2, 2, 2, 1, 1, 1, 0]], dtype=uint16)
        >>> split.labels(1)
        array([[0, 1, 1, 1, 1, 1, 1, 0]], dtype=uint16)
        """
        # numba takes most of a second to import: parameters alone must not pay for it
        from napari_cellseg.postprocess._lookup import relabel

        table = self.cut(h)
        dtype = smallest_type(int(table.max()))
        if out is None:
            out = np.empty(self.basins.shape, dtype)
        elif (
            out.shape != self.basins.shape
            or out.dtype not in (dtype, np.uint32)
            or not out.flags.c_contiguous
        ):
            raise ValueError(
                f"labels {self.basins.shape} of {np.dtype(dtype)} do not fit into an "
                f"array {out.shape} of {out.dtype}, or it is not contiguous"
            )
        relabel(self.basins, table.astype(out.dtype), out)
        return out


def smallest_type(top: int) -> type[np.uint16 | np.uint32]:
    """Type of labels whose greatest number is `top`."""
    return np.uint16 if top <= np.iinfo(np.uint16).max else np.uint32


def _finite(h: float) -> float:
    """Check h, and keep it below the infinite dynamics that never merge."""
    if not h >= 0:
        raise ValueError(f"h must be at least 0, but it is {h}")
    return min(float(h), np.finfo(np.float64).max)
