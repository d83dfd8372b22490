"""Split a cell by points clicked in its parts."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.correction.edits._cells import Crop, Labels, find, frame, free
from napari_cellseg.correction.edits._masks import distance, flood
from napari_cellseg.correction.edits._path import nearest, within
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from napari_cellseg.correction.patch import Patch

VALLEY = 0.05
"""A valley is one if it is this much deeper than the lower peak (of the relief)."""
AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x]


def split_seeds(
    labels: Labels,
    seeds: ArrayLike,
    new: int,
    landscape: NDArray[np.floating] | None = None,
) -> Patch:
    """Split a cell between seeds by a watershed.

    Each seed climbs to its peak and is flooded from there. Where no valley lies between
    two seeds, as in a round cell, what both have is divided by which is nearer.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    seeds : float array of shape (N, 2)
        Two or more points y, x (px) in one cell.
    new : int
        The part of the first seed keeps the number; the others get new, new + 1, ...
        What hangs together with no seed keeps it, too.
    landscape : real array of shape (Y, X), optional
        Height, great inside cells. Without it the distance (px) to what is not the
        cell; the frame's border does not count as that.

    Returns
    -------
    Patch

    Raises
    ------
    EditError
        If there are fewer than two seeds, one lies outside the frame or on background,
        two lie in different cells or on the same pixel, or a number is not valid or
        taken.
    ValueError
        If the landscape is of another shape or not finite in the cell.

    Examples
    --------
    >>> labels = np.full((1, 5), 3, np.uint8)
    >>> split_seeds(labels, [[0, 0], [0, 4]], 7, np.array([[2, 1, 0, 1, 2]])).after
    array([[7, 7]], dtype=uint8)
    """
    labels = frame(labels)
    places = _checked(labels, seeds)
    label = int(labels[tuple(places[0])])
    free(labels, new, len(places) - 1)
    crop = find(labels, [label], margin=1)
    cell, places = crop.before == label, places - (crop.y, crop.x)
    parts = _divided(_height(labels, crop, cell, landscape), cell, places)
    last = new + len(places) - 2
    after = crop.copy(last)
    others = parts > 1
    after[others] = parts[others].astype(np.int64) + (new - 2)
    return crop.patch(after)


def _checked(labels: Labels, seeds: ArrayLike) -> NDArray[np.int64]:
    """Return the pixels of the seeds (N, 2), all of one cell and no two the same."""
    places = nearest(seeds)
    if len(places) < 2:
        raise EditError("one seed splits nothing: click two or more in one cell")
    if len(within(places, labels.shape)) < len(places):
        raise EditError("a seed lies outside the frame: click all of them in one cell")
    under = labels[tuple(places.T)]
    if not under.all():
        y, x = places[np.flatnonzero(under == 0)[0]]
        raise EditError(
            f"the seed at y = {y}, x = {x} lies in no cell: click all of them in one"
        )
    if (under != under[0]).any():
        names = ", ".join(str(value) for value in np.unique(under))
        raise EditError(f"the seeds lie in cells {names}: click all of them in one")
    if len(np.unique(places, axis=0)) < len(places):
        raise EditError("two seeds lie on the same pixel: click them apart")
    return places


def _height(
    labels: Labels,
    crop: Crop,
    cell: NDArray[np.bool_],
    landscape: NDArray[np.floating] | None,
) -> NDArray[np.float64]:
    """Return the landscape of the box, or the distance to what is not the cell."""
    if landscape is None:
        return distance(cell)
    if landscape.shape != labels.shape:
        raise ValueError(
            f"labels {labels.shape} and landscape {landscape.shape} differ in shape"
        )
    height = np.where(cell, landscape[crop.box], 0).astype(np.float64)
    if not np.isfinite(height).all():
        raise ValueError("the landscape is not finite in the cell")
    return height


def _divided(
    height: NDArray[np.float64], cell: NDArray[np.bool_], seeds: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Give the pixels of a cell (h, w) to seeds 1 ... N; 0 where none gets to."""
    groups = np.arange(len(seeds) + 1)
    climbs = np.zeros(cell.shape, np.int32)
    for k, (y, x) in enumerate(seeds.tolist(), 1):
        met = _climb(height, cell, climbs, (y, x), k)
        if met:
            groups[groups == groups[k]] = groups[met]
    parts = flood(-height, climbs, cell)
    relief = float(np.ptp(height[cell]))
    for one, other in _without_valley(height, parts, VALLEY * relief):
        groups[groups == groups[one]] = groups[other]
    for group in np.unique(groups[1:]):
        members = np.flatnonzero(groups == group)
        if len(members) > 1:
            shared = np.isin(parts, members)
            markers = np.zeros_like(parts)
            markers[tuple(seeds[members - 1].T)] = members
            parts[shared] = flood(np.zeros_like(height), markers, shared, 1.0)[shared]
    return parts


def _climb(
    height: NDArray[np.float64],
    cell: NDArray[np.bool_],
    climbs: NDArray[np.int32],
    place: tuple[int, int],
    seed: int,
) -> int:
    """Mark the steepest way up from a seed; stop at the way of another and tell whose.

    Returns 0 if a peak was reached.
    """
    rows, columns = cell.shape
    y, x = place
    while climbs[y, x] in (0, seed):
        climbs[y, x] = seed
        best = y, x
        for dy, dx in AROUND:
            v, u = y + dy, x + dx
            if 0 <= v < rows and 0 <= u < columns and cell[v, u]:
                best = max(best, (v, u), key=height.__getitem__)
        if best == (y, x):
            return 0
        y, x = best
    return int(climbs[y, x])


def _without_valley(
    height: NDArray[np.float64], parts: NDArray[np.int32], depth: float
) -> list[tuple[int, int]]:
    """Pairs of parts whose pass is less than `depth` below the lower of both peaks."""
    count = int(parts.max()) + 1
    passes = np.full((count, count), -np.inf)
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = _moved(parts, dy, dx), _moved(height, dy, dx)
        there = _moved(parts, -dy, -dx), _moved(height, -dy, -dx)
        meet = (here[0] != there[0]) & (here[0] > 0) & (there[0] > 0)
        lower = np.minimum(here[1], there[1])[meet]
        np.maximum.at(passes, (here[0][meet], there[0][meet]), lower)
    passes = np.maximum(passes, passes.T)
    peaks = np.full(count, -np.inf)
    np.maximum.at(peaks, parts, height)
    return [
        (one, other)
        for one, other in combinations(range(1, count), 2)
        if np.isfinite(passes[one, other])
        and min(peaks[one], peaks[other]) - passes[one, other] <= depth
    ]


def _moved(image: NDArray[Any], dy: int, dx: int) -> NDArray[Any]:
    """Leave out the rows and columns that a neighbour at dy, dx does not have."""
    height, width = image.shape
    return image[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)]
