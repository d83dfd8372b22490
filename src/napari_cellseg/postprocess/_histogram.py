"""Histograms of many values, as NumPy counts them, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def count(
    values: NDArray[Any], edges: NDArray[np.float64], bins: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Count values between edges, equal to ``numpy.histogram(values, edges)``.

    Parameters
    ----------
    values : float (N,)
        All between the first and the last edge.
    edges : float64 (B + 1,)
        Evenly spaced and rising; at most 256 bins.
    bins : uint8 (N,) or (0,)
        Takes the bin of each value, unless it is empty.

    Returns
    -------
    int64 (B,)
    """
    top = edges.size - 2
    counts = np.zeros(top + 1, np.int64)
    low, step = edges[0], (top + 1) / (edges[-1] - edges[0])
    for i in range(values.size):
        value = values[i]
        at = min(int((value - low) * step), top)
        # rounding can put a value that lies on an edge to its other side
        if value < edges[at]:
            at -= 1
        elif at < top and value >= edges[at + 1]:
            at += 1
        counts[at] += 1
        if bins.size:
            bins[i] = at
    return counts
