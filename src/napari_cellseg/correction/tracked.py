"""Whether cells keep their numbers from frame to frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.metrics.overlap import overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger]

PAIRS = 5
"""So many pairs of neighbouring frames are looked at."""
KEPT = 0.97
"""Least share of cells that keep their number where they are tracked: they lose few to
errors, and cells that are numbered along the rows keep many where they are slow."""


def tracked(frame: Callable[[int], Labels], count: int) -> bool:
    """Tell tracked labels from those that are numbered afresh in each frame.

    Of the cells whose number is in the next frame too, and which have a cell in their
    place there, it is counted how many have that of their number.

    Parameters
    ----------
    frame : callable
        Gives frame t, an unsigned array (Y, X); called for up to five pairs of
        neighbouring frames, spread over the movie.
    count : int
        Number of frames.

    Returns
    -------
    bool
        Whether all but a few have. Where no cell has another in its place: whether
        any number is in two neighbouring frames, or no two of them have cells.

    Examples
    --------
    >>> before = np.array([[1, 1, 0, 2, 2, 0, 3, 3]], np.uint16)
    >>> tracked([before, np.roll(before, 1)].__getitem__, 2)
    True
    >>> after = np.array([[0, 0, 0, 1, 1, 0, 2, 2]], np.uint16)
    >>> tracked([before, after].__getitem__, 2)
    False
    """
    if count < 2:
        return True
    starts = np.unique(np.linspace(0, count - 2, PAIRS).astype(int)).tolist()
    found = [_kept(frame(t), frame(t + 1)) for t in starts]
    kept, followed, shared, most = (sum(each) for each in zip(*found, strict=True))
    if followed:
        return bool(kept >= KEPT * followed)
    return shared > 0 or not most


def _kept(before: Labels, after: Labels) -> tuple[int, int, int, int]:
    """Count cells that keep their number, of those with one in their place.

    Then the numbers that are in both frames, and how many could be.
    """
    both = overlap(before, after)
    shared = np.intersect1d(both.pred_ids, both.truth_ids)
    old, new = both.pred_ids[both.pred_index], both.truth_ids[both.truth_index]
    # of equals, that of the same number
    order = np.lexsort((old != new, -both.intersections, old))
    followed, first = np.unique(old[order], return_index=True)
    likely = new[order][first]
    known = np.isin(followed, shared)
    kept = np.count_nonzero(known & (followed == likely))
    most = min(both.pred_ids.size, both.truth_ids.size)
    return int(kept), int(np.count_nonzero(known)), shared.size, most
