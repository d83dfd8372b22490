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
    Float64: TypeAlias = NDArray[np.float64]
    Steps: TypeAlias = tuple[int, ...]


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
def find(roots: Int32, basin: int) -> int:
    """Find the root of the set of a basin, halving the path to it."""
    while roots[basin] != basin:
        roots[basin] = roots[roots[basin]]
        basin = roots[basin]
    return basin


@compiled
def meet(here: int, there: int, roots: Int32) -> int:
    """Join the sets of two basins; the root that dies, the greater, or 0 for none."""
    a, b = find(roots, here), find(roots, there)
    if a == b:
        return 0
    roots[max(a, b)] = min(a, b)
    return max(a, b)


@compiled
def merge(pixel: int, here: int, there: int, roots: Int32, tree: Int32) -> int:
    """Let two basins meet at a pixel, and keep in the tree what becomes of them."""
    side = find(roots, here)
    dead = meet(here, there, roots)
    if dead:
        tree[dead, 1], tree[dead, 2] = pixel, roots[dead]
        tree[dead, 3] = there if dead == side else here
    return dead


@compiled
def flood(
    levels: Int32, order: Int32, first: Int32, edges: Steps, corners: Steps
) -> tuple[Int32, Int32, Int32, Int32]:
    """Flood across edges from the highest level down, from every regional maximum.

    A pixel joins the basin that reaches it first; within a level, first come. When
    that is over, what is left of the level starts new basins. Basins that touch at a
    pixel of the level, at an edge or a corner, meet there: this is Kruskal's order, by
    falling saddle.

    Parameters
    ----------
    levels : int32 (P,)
        Flat padded ranks, 0 in the background.
    order, first
        From `group`, sorted by `sort_by_level`, and from `rank`.
    edges, corners : tuple of int
        Steps of the flat index to the neighbours of each kind; a tuple, so that the
        compiler unrolls the loops over them.

    Returns
    -------
    basins : int32 (P,)
        -1 in the background, else 1 ... N: by component, then by falling peak, ties
        in raster order.
    tree : int32 (N + 1, 4)
        For each basin the flat index of the first pixel of its peak, and of the pixel
        where it meets, at an edge or a corner, a peak that is higher (or equal and of a
        lower number); that peak's basin; the basin across. 0 where there is none.
    passes : int32 (M, 2)
        Basins that meet at an edge, the highest first, as far as they join what was
        not joined across edges.
    leaps : int32 (L, 2)
        The same at corners, as far as they join what was not joined at all.
    """
    basins = np.where(levels > 0, np.int32(0), np.int32(-1))
    queue, tail = np.empty_like(order), first.copy()
    tree = np.empty((order.size + 1, 4), np.int32)
    roots = np.empty(order.size + 1, np.int32)
    edge_roots = np.empty(order.size + 1, np.int32)
    passes = np.empty((order.size + 1, 2), np.int32)
    leaps = np.empty((order.size + 1, 2), np.int32)
    tree[0] = count = passed = leapt = 0
    for level in range(first.size - 2, 0, -1):
        head = seed = first[level]
        while head < first[level + 1]:
            if head == tail[level]:
                while basins[order[seed]] > 0:
                    seed += 1
                count += 1
                basins[order[seed]] = roots[count] = edge_roots[count] = count
                tree[count] = 0
                tree[count, 0] = queue[head] = order[seed]
                tail[level] += 1
            pixel = queue[head]
            head += 1
            here = basins[pixel]
            for step in edges:
                other = pixel + step
                there = basins[other]
                if there == here or there == -1:
                    continue
                if there == 0:
                    basins[other] = here
                    at = levels[other]
                    queue[tail[at]] = other
                    tail[at] += 1
                elif levels[other] >= level:
                    if meet(here, there, edge_roots):
                        passes[passed, 0], passes[passed, 1] = here, there
                        passed += 1
                    merge(pixel, here, there, roots, tree)
            for step in corners:
                other = pixel + step
                there = basins[other]
                if there <= 0 or there == here or levels[other] < level:
                    continue
                if merge(pixel, here, there, roots, tree):
                    leaps[leapt, 0], leaps[leapt, 1] = here, there
                    leapt += 1
    n = count + 1
    return basins, tree[:n].copy(), passes[:passed].copy(), leaps[:leapt].copy()


@compiled
def widen(regions: Int32, background: int, rim: int, edges: Steps) -> None:
    """Give each region what is nearest to it within `rim` steps, in place.

    Parameters
    ----------
    regions, background, edges
        As of `spread`; the background gives way, and is given nothing.
    rim : int
        Steps across edges (px); at the same distance, first come.
    """
    width = max(edges)
    queue, head, tail = np.empty(regions.size, np.int32), 0, 0
    for pixel in range(width, regions.size - width):
        if 0 < regions[pixel] < background:
            queue[tail] = pixel
            tail += 1
    for _ in range(rim):
        end = tail
        while head < end:
            pixel = queue[head]
            head += 1
            for step in edges:
                other = pixel + step
                if regions[other] == 0 or regions[other] == background:
                    regions[other] = regions[pixel]
                    queue[tail] = other
                    tail += 1


@compiled
def spread(
    levels: NDArray[np.uint8], regions: Int32, background: int, edges: Steps
) -> None:
    """Flood what is in no region yet across edges, the highest level first, in place.

    A pixel joins the region that reaches it first; within a level, first come. The
    flood leaves all regions at once, in raster order, whatever their level, but for the
    background: each of its pixels waits for its own. That is scikit-image's
    ``watershed`` of the negative levels, with those of the other regions made lowest.

    Parameters
    ----------
    levels : uint8 (P,)
        Flat padded.
    regions : int32 (P,)
        Flat padded; 0 where it is to be flooded.
    background : int
        Number of the background, above all others but the padding's.
    edges : tuple of int
        Steps of the flat index to the neighbours.
    """
    width = max(edges)
    inside = range(width, regions.size - width)
    first = np.zeros(257, np.int64)
    for pixel in inside:
        if regions[pixel] == 0:
            first[levels[pixel] + 1] += 1
            for step in edges:
                if regions[pixel + step] == background:
                    # the flood will leave it: marked until it is in the queue
                    regions[pixel + step] = -background
                    first[levels[pixel + step] + 1] += 1
    first = np.cumsum(first)
    queue, head, tail = np.empty(first[256], np.int32), first.copy(), first.copy()
    for pixel in range(regions.size):
        if regions[pixel] < 0:
            regions[pixel] = background
            queue[tail[levels[pixel]]] = pixel
            tail[levels[pixel]] += 1
    others = (regions > 0) & (regions < background)
    for pixel in inside:
        if others[pixel]:
            reach(pixel, levels, regions, edges, queue, tail)
    level = 255
    while level >= 0:
        if head[level] == tail[level]:
            level -= 1
            continue
        pixel = queue[head[level]]
        head[level] += 1
        level = max(level, reach(pixel, levels, regions, edges, queue, tail))


@compiled
def reach(
    pixel: int,
    levels: NDArray[np.uint8],
    regions: Int32,
    edges: Steps,
    queue: Int32,
    tail: Int64,
) -> int:
    """Let what is free beside a pixel join its region; the highest level of it, or 0.

    What joins is put at the end of its level's queue.
    """
    highest = 0
    for step in edges:
        other = pixel + step
        if regions[other] == 0:
            regions[other] = regions[pixel]
            level = int(levels[other])
            queue[tail[level]] = other
            tail[level] += 1
            highest = max(highest, level)
    return highest


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


@compiled
def owners(
    regions: int,
    h: float,
    peaks: Float64,
    saddles: Float64,
    parents: Int32,
    meetings: Int32,
) -> Int32:
    """Find which of the basins 1 ... `regions`, those that survive h, owns each basin.

    What lies no deeper than h below a peak that survives, on the way from it across
    edges and corners, is that peak's marker. The rest is flooded from the markers, by
    the meetings in their order.

    Parameters
    ----------
    regions : int
    h : float
    peaks, saddles : float64 (N + 1,)
    parents : int32 (N + 1,)
        A parent's number is lower than the basin's own.
    meetings : int32 (M, 2)

    Returns
    -------
    int32 (N + 1,)
        1 ... `regions`; 0 for the background.
    """
    roots = np.arange(peaks.size).astype(np.int32)
    lowest = np.full(peaks.size, np.inf)
    for basin in range(regions + 1, peaks.size):
        parent = parents[basin]
        lowest[basin] = min(saddles[basin], lowest[parent])
        owner = roots[parent]
        if owner <= regions and peaks[owner] - lowest[basin] <= h:
            roots[basin] = owner
    for k in range(len(meetings)):
        a, b = find(roots, meetings[k, 0]), find(roots, meetings[k, 1])
        # sets without an owner consist of basins that do not survive
        if max(a, b) > regions:
            roots[max(a, b)] = min(a, b)
    for basin in range(regions + 1, peaks.size):
        roots[basin] = find(roots, basin)
    return roots
