"""Labels that are decided already, as a hierarchy in which nothing merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.postprocess.hierarchy import Hierarchy, smallest_type

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def from_labels(
    labels: NDArray[np.integer], landscape: ArrayLike | None = None
) -> Hierarchy:
    """Make a hierarchy whose regions are those of a label image, at every h.

    Parameters
    ----------
    labels : integer (Y, X)
        0 in the background. A region may be in several pieces.
    landscape : real (Y, X), optional
        Height, for the peaks alone; 0 everywhere without it.

    Returns
    -------
    Hierarchy
        Each region is a basin of infinite dynamics, numbered 1 ... N in the order of
        the labels; its place is that of its greatest height, of equals the first in
        raster order.

    Raises
    ------
    ValueError
        If a label is negative, or the shapes differ.

    Examples
    --------
    >>> split = from_labels(np.array([[7, 7, 0, 3, 7]]))
    >>> split.basins, split.number(0), split.number(99)
    (array([[2, 2, 0, 1, 2]], dtype=uint16), 2, 2)
    """
    height = np.zeros(labels.shape) if landscape is None else np.asarray(landscape)
    if labels.ndim != 2 or height.shape != labels.shape:
        raise ValueError(f"labels {labels.shape} and landscape {height.shape} differ")
    basins, count = consecutive(labels)
    inside = np.flatnonzero(basins)
    inner, heights = basins.ravel()[inside], height.ravel()[inside]
    # by basin, the greatest height last; of equals the first in raster order
    by = np.lexsort((-inside, heights, inner))
    sizes = np.bincount(inner, minlength=count + 1)
    last = by[np.cumsum(sizes)[1:] - 1]
    sizes[0] = labels.size - inside.size
    places = np.zeros((count + 1, 2), np.int64)
    places[0] = -1
    places[1:] = np.stack(np.divmod(inside[last], max(labels.shape[1], 1)), axis=1)
    none = np.zeros(count + 1, np.int32)
    return Hierarchy(
        basins=basins,
        sizes=sizes.astype(np.int64),
        peaks=np.append(0.0, heights[last]),
        saddles=np.full(count + 1, -np.inf),
        parents=none,
        across=none.copy(),
        places=places,
        meetings=np.empty((0, 2), np.int32),
    )


def keep(
    labels: NDArray[np.integer], mask: NDArray[np.bool_], smallest: float
) -> NDArray[np.integer]:
    """Restrict labels to a mask and drop those that are small then.

    Parameters
    ----------
    labels : integer (Y, X)
        At least 0.
    mask : bool (Y, X)
    smallest : float
        Area (px²) of a label, all its pieces together; exactly this stays.

    Returns
    -------
    integer (Y, X)
        Under the numbers that they had.

    Examples
    --------
    >>> keep(np.array([[1, 1, 2, 2, 3]]), np.array([[1, 1, 1, 0, 1]], bool), 2)
    array([[1, 1, 0, 0, 0]])
    """
    inside = np.where(mask, labels, 0)
    sizes = np.bincount(inside.ravel())
    return np.where(sizes[inside] >= smallest, inside, 0) if labels.size else inside


def consecutive(
    labels: NDArray[np.integer],
) -> tuple[NDArray[np.unsignedinteger], int]:
    """Close the gaps in the numbers of labels.

    Parameters
    ----------
    labels : integer (Y, X)
        0 in the background.

    Returns
    -------
    labels : uint16 or uint32 (Y, X)
        1 ... N, in the order that they had.
    count : int
        N.

    Raises
    ------
    ValueError
        If a label is negative.

    Examples
    --------
    >>> consecutive(np.array([[7, 7, 0, 3]]))
    (array([[2, 2, 0, 1]], dtype=uint16), 2)
    """
    if labels.size and labels.min() < 0:
        raise ValueError(f"labels must be at least 0, but one is {labels.min()}")
    held = np.unique(labels[labels > 0])
    numbers = np.searchsorted(held, labels) + 1
    dtype: type[np.unsignedinteger] = smallest_type(held.size)
    return np.where(labels > 0, numbers, 0).astype(dtype), held.size
