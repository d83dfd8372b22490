"""Kernels of the split: flooding from all maxima at once.

Images are flat and padded by one background pixel on every side, and neighbours are
steps in the flat index: no bounds are checked, and nothing but `crop` knows the number
of dimensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int32: TypeAlias = NDArray[np.int32]
    Int64: TypeAlias = NDArray[np.int64]


@compiled
def group(components: Int32, count: int) -> tuple[Int32, Int32]:
    """Sort the foreground by falling component, in raster order within each.

    Parameters
    ----------
    components : int32 (P,)
        Flat padded components 1 ... `count`, 0 in the background.

    Returns
    -------
    order : int32 (N,)
        Flat indices.
    first : int32 (count + 1,)
        Component c is ``order[first[count - c]:first[count - c + 1]]``.
    """
    first = np.zeros(count + 2, np.int32)
    for component in components:
        if component > 0:
            first[count - component + 2] += 1
    for k in range(2, count + 2):
        first[k] += first[k - 1]
    order = np.empty(first[count + 1], np.int32)
    for pixel in range(components.size):
        if components[pixel] > 0:
            k = count - components[pixel] + 1
            order[first[k]] = pixel
            first[k] += 1
    return order, first[: count + 1].copy()


@compiled
def sort_by_level(order: Int32, first: Int32, levels: Int32) -> None:
    """Sort each component of `order` by rising level, in place; ties keep their order.

    A radix sort, eight bits at a time: what it touches stays in the cache.
    """
    spare = np.empty_like(order)
    for k in range(first.size - 1):
        begin, end = first[k], first[k + 1]
        top = 0
        for i in range(begin, end):
            top = max(top, levels[order[i]])
        shift = 0
        while top >> shift:
            slots = np.zeros(257, np.int32)
            for i in range(begin, end):
                slots[((levels[order[i]] >> shift) & 255) + 1] += 1
            for slot in range(1, 257):
                slots[slot] += slots[slot - 1]
            for i in range(begin, end):
                slot = (levels[order[i]] >> shift) & 255
                spare[begin + slots[slot]] = order[i]
                slots[slot] += 1
            order[begin:end] = spare[begin:end]
            shift += 8


@compiled
def rank(order: Int32, components: Int32, levels: Int32) -> tuple[Int32, Int32]:
    """Rank the levels of each component apart, in place.

    A flood by falling rank then finishes one component before it goes to the next,
    and stays within the processor's cache on images of any size.

    Parameters
    ----------
    order : int32 (N,)
        From `group`, sorted by `sort_by_level`.
    components, levels : int32 (P,)
        Flat padded images; `levels` becomes ranks 1 ... R, 0 in the background.

    Returns
    -------
    first : int32 (R + 2,)
        ``order[first[r]:first[r + 1]]`` are the pixels of rank r.
    values : int32 (R + 1,)
        Level of each rank.
    """
    first = np.empty(order.size + 2, np.int32)
    values = np.empty(order.size + 1, np.int32)
    first[0] = values[0] = ranks = component = level = 0
    for i in range(order.size):
        pixel = order[i]
        if components[pixel] != component or levels[pixel] != level:
            component, level = components[pixel], levels[pixel]
            ranks += 1
            first[ranks], values[ranks] = i, level
        levels[pixel] = ranks
    first[ranks + 1] = order.size
    return first[: ranks + 2].copy(), values[: ranks + 1].copy()


@compiled
def find(survivor: Int32, basin: int) -> int:
    """Find the highest basin of the set of `basin`, halving the path to it."""
    while survivor[basin] != basin:
        survivor[basin] = survivor[survivor[basin]]
        basin = survivor[basin]
    return basin


@compiled
def join(
    pixel: int, here: int, there: int, survivor: Int32, saddles: Int32, parents: Int32
) -> None:
    """Let the sets of two basins meet at a pixel: the lower of their peaks dies."""
    a, b = find(survivor, here), find(survivor, there)
    if a < b:
        survivor[b], saddles[b], parents[b] = a, pixel, here
    elif b < a:
        survivor[a], saddles[a], parents[a] = b, pixel, there


@compiled
def flood(
    levels: Int32, order: Int32, first: Int32, edges: Int64, corners: Int64
) -> tuple[Int32, Int32, Int32, Int32]:
    """Flood from the highest level down, from every regional maximum.

    A pixel joins the basin that reaches it first across an edge; within a level, first
    come. When that is over, pixels of the level that were reached across a corner alone
    follow, one at a time. What is left then can only be regional maxima: they start new
    basins. Sets of basins that touch, at an edge or a corner, at a pixel of the level
    are joined there: this is Kruskal's order, by falling saddle.

    Parameters
    ----------
    levels : int32 (P,)
        Flat padded ranks, 0 in the background.
    order, first
        From `group`, sorted by `sort_by_level`, and from `rank`.
    edges, corners : int64 (K,)
        Steps of the flat index to the neighbours of each kind.

    Returns
    -------
    basins : int32 (P,)
        -1 in the background, else 1 ... N: by component, then by falling peak, ties
        in raster order.
    peaks, saddles, parents : int32 (N + 1,)
        Flat indices of the first pixel of the peak, and of the pixel where it meets a
        peak that is higher (or equal and of a lower number); the basin across that
        saddle. Saddle and parent are 0 where there is none.
    """
    basins = np.where(levels > 0, np.int32(0), np.int32(-1))
    queue, tail = np.empty_like(order), first.copy()
    waiting, last = np.empty_like(order), first.copy()
    peaks = np.empty(order.size + 1, np.int32)
    saddles = np.empty(order.size + 1, np.int32)
    parents = np.empty(order.size + 1, np.int32)
    survivor = np.empty(order.size + 1, np.int32)
    peaks[0] = saddles[0] = parents[0] = count = 0
    for level in range(first.size - 2, 0, -1):
        head = seed = wait = first[level]
        while head < first[level + 1]:
            if head == tail[level]:
                while wait < last[level] and basins[waiting[wait]] > 0:
                    wait += 1
                if wait < last[level]:
                    pixel = waiting[wait]
                    # reached across a corner by basin b, it is marked as -b - 1
                    basins[pixel] = -basins[pixel] - 1
                else:
                    while basins[order[seed]] > 0:
                        seed += 1
                    pixel = order[seed]
                    count += 1
                    basins[pixel] = count
                    peaks[count] = pixel
                    saddles[count] = parents[count] = 0
                    survivor[count] = count
                queue[head] = pixel
                tail[level] += 1
            pixel = queue[head]
            head += 1
            here = basins[pixel]
            for step in edges:
                other = pixel + step
                there = basins[other]
                if there == here or there == -1:
                    continue
                if there <= 0:
                    basins[other] = here
                    at = levels[other]
                    queue[tail[at]] = other
                    tail[at] += 1
                elif levels[other] >= level:
                    join(pixel, here, there, survivor, saddles, parents)
            for step in corners:
                other = pixel + step
                there = basins[other]
                if there == here or there < 0:
                    continue
                if there == 0:
                    basins[other] = -here - 1
                    at = levels[other]
                    waiting[last[at]] = other
                    last[at] += 1
                elif levels[other] >= level:
                    join(pixel, here, there, survivor, saddles, parents)
    n = count + 1
    return basins, peaks[:n].copy(), saddles[:n].copy(), parents[:n].copy()


@compiled
def crop(padded: Int32, numbers: NDArray[Any], out: NDArray[Any]) -> Int64:
    """Write the numbers of padded basins to an image, and count the pixels of each.

    Parameters
    ----------
    padded : int32 (Y + 2, X + 2)
        Basins, -1 in the background.
    numbers : unsigned (N + 1,)
        New number of each basin; 0 for 0.
    out : unsigned (Y, X)
        0 in the background.

    Returns
    -------
    int64 (N + 1,)
        Pixels of each new number.
    """
    sizes = np.zeros(numbers.size, np.int64)
    height, width = out.shape
    for y in range(height):
        for x in range(width):
            number = numbers[max(padded[y + 1, x + 1], 0)]
            out[y, x] = number
            sizes[number] += 1
    return sizes
