"""Kernels of the split: flooding from all maxima at once, and the lookup of a cut.

Images are flat and padded by one background pixel on every side, and neighbours are
steps in the flat index: no bounds are checked, and nothing here knows the number of
dimensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int32: TypeAlias = NDArray[np.int32]


@compiled
def sort_by_level(levels: Int32, top: int) -> tuple[Int32, Int32]:
    """Sort the pixels above 0 by counting.

    Returns
    -------
    order : int32 (N,)
        Flat indices by rising level, in raster order within a level.
    first : int32 (top + 2,)
        ``order[first[v]:first[v + 1]]`` are the pixels of level v.
    """
    first = np.zeros(top + 2, np.int32)
    for level in levels:
        if level > 0:
            first[level + 1] += 1
    for level in range(1, top + 2):
        first[level] += first[level - 1]
    order = np.empty(first[top + 1], np.int32)
    free = first.copy()
    for pixel in range(levels.size):
        level = levels[pixel]
        if level > 0:
            order[free[level]] = pixel
            free[level] += 1
    return order, first


@compiled
def find(survivor: Int32, basin: int) -> int:
    """Find the highest basin of the set of `basin`, halving the path to it."""
    while survivor[basin] != basin:
        survivor[basin] = survivor[survivor[basin]]
        basin = survivor[basin]
    return basin


@compiled
def flood(
    levels: Int32, order: Int32, first: Int32, steps: NDArray[np.int64]
) -> tuple[Int32, Int32, Int32, Int32]:
    """Flood from the highest level down, from every regional maximum.

    A pixel joins the basin that reaches it first; within a level, first come. When the
    flood of a level is over, what is left of it can only be regional maxima: they
    start new basins. Two sets of basins that touch at a pixel of the current level are
    joined there (Kruskal's order), and the lower of the two peaks dies.

    Parameters
    ----------
    levels : int32 (P,)
        Flat padded landscape, 0 in the background.
    order, first
        From `sort_by_level`.
    steps : int64 (K,)
        Steps of the flat index to the neighbours.

    Returns
    -------
    basins : int32 (P,)
        -1 in the background, else 1 ... N, by falling peak, ties in raster order.
    peaks, saddles, parents : int32 (N + 1,)
        Level of the peak; level at which it meets a peak that is higher (or equal and
        of a lower number), and the basin across that saddle; 0 where there is none.
    """
    top = first.size - 2
    basins = np.where(levels > 0, np.int32(0), np.int32(-1))
    queue = np.empty_like(order)
    tail = first.copy()
    peaks = np.zeros(order.size + 1, np.int32)
    saddles = np.zeros(order.size + 1, np.int32)
    parents = np.zeros(order.size + 1, np.int32)
    survivor = np.zeros(order.size + 1, np.int32)
    count = 0
    for level in range(top, 0, -1):
        head, seed, end = first[level], first[level], first[level + 1]
        while head < end:
            if head == tail[level]:
                while basins[order[seed]] != 0:
                    seed += 1
                count += 1
                peaks[count] = level
                survivor[count] = count
                basins[order[seed]] = count
                queue[head] = order[seed]
                tail[level] += 1
            pixel = queue[head]
            head += 1
            here = basins[pixel]
            for step in steps:
                other = pixel + step
                there = basins[other]
                if there == here or there < 0:
                    continue
                if there == 0:
                    basins[other] = here
                    slot = tail[levels[other]]
                    queue[slot] = other
                    tail[levels[other]] = slot + 1
                elif levels[other] >= level:
                    a, b = find(survivor, here), find(survivor, there)
                    if a < b:
                        survivor[b], saddles[b], parents[b] = a, level, here
                    elif b < a:
                        survivor[a], saddles[a], parents[a] = b, level, there
    n = count + 1
    return basins, peaks[:n].copy(), saddles[:n].copy(), parents[:n].copy()


@compiled
def look_up(table: NDArray[Any], index: NDArray[Any], out: NDArray[Any]) -> None:
    """``out[i] = table[index[i]]`` for flat arrays."""
    for i in range(index.size):
        out[i] = table[index[i]]
