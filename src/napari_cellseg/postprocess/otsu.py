"""Thresholds by Otsu's criterion, one or several at once.

Otsu (1979) chooses the thresholds that make the variance between the classes greatest.
With several thresholds (Liao, Chen and Chung 2001) that variance is, up to a constant,
a sum over the classes of ``(sum of values)² / number``: a term of each class's interval
of the histogram alone. The best division of a histogram is therefore made of best
divisions of its ends, and dynamic programming finds it without trying them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 256


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values lie in each of evenly spaced bins.

    Attributes
    ----------
    counts : int64 (B,)
    centers : float64 (B,)
        Middle of each bin; of a constant, its one value.
    """

    counts: NDArray[np.int64]
    centers: NDArray[np.float64]

    def divide(self, classes: int) -> NDArray[np.intp]:
        """Last bin of each class but the last, (classes - 1,); see `multi_otsu`."""
        used = np.flatnonzero(self.counts)
        if used.size > classes:
            return _best_division(self.counts, classes)
        between = used[:-1] if used.size > 1 else np.array([0])
        return np.pad(between, (0, classes - 1 - between.size), mode="edge")


def histogram(
    values: NDArray[np.floating], bins: NDArray[np.uint8] | None = None
) -> Histogram:
    """Count values in 256 bins from the least to the greatest.

    Parameters
    ----------
    values : float (...,)
        Finite.
    bins : uint8 (...,), optional
        C-contiguous, of the same shape: takes the bin of each value.

    Returns
    -------
    Histogram
        As ``numpy.histogram(values, 256)``; of a constant, of one bin, and of nothing,
        of one empty bin at 0.

    Raises
    ------
    ValueError
        If a value is NaN or infinite.

    Examples
    --------
    >>> found = histogram(np.array([0.0, 0.0, 256.0]))
    >>> found.counts[[0, 255]], found.centers[[0, 255]]
    (array([2, 1]), array([  0.5, 255.5]))
    """
    # numba takes most of a second to import: parameters alone must not pay for it
    from napari_cellseg.postprocess._histogram import count

    flat = np.ascontiguousarray(values).reshape(-1)
    low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("the values must be finite, but some are NaN or infinite")
    edges = np.linspace(low, high, BINS + 1)
    if not (np.diff(edges) > 0).all():
        if bins is not None:
            bins[...] = 0
        return Histogram(np.array([flat.size]), np.array([low]))
    out = np.empty(0, np.uint8) if bins is None else bins.reshape(-1)
    return Histogram(count(flat, edges, out), (edges[1:] + edges[:-1]) / 2)


def otsu(values: NDArray[np.floating]) -> float:
    """Threshold that divides values into two classes best (Otsu 1979).

    Parameters
    ----------
    values : float (...,)
        Finite.

    Returns
    -------
    float
        Equal to scikit-image's ``threshold_otsu``: the middle of a bin, what is greater
        is above; of a constant its value, so that nothing is above; of nothing 0.

    Raises
    ------
    ValueError
        If a value is NaN or infinite.

    Examples
    --------
    >>> otsu(np.array([0.0, 1.0, 1.0, 255.0, 256.0]))
    1.5
    """
    # scikit-image's filters take long to import, and most recipes need none
    import skimage.filters

    filters: Any = skimage.filters
    found = histogram(values)
    if found.counts.size == 1:
        return float(found.centers[0])
    return float(filters.threshold_otsu(hist=(found.counts, found.centers)))


def multi_otsu(values: NDArray[np.floating], classes: int) -> NDArray[np.float64]:
    """Thresholds that divide values into several classes best, exactly.

    Parameters
    ----------
    values : float (...,)
        Finite.
    classes : int
        At least 2.

    Returns
    -------
    float64 (classes - 1,)
        Rising; middles of bins of a histogram of 256, as scikit-image's
        ``threshold_multiotsu`` gives them. Of divisions that are equally good, the one
        of the lowest first threshold, then of the lowest second one, and so on. Where
        fewer bins hold values than there are classes, each is a class of its own and
        the last threshold is repeated; of a constant all are its value, so that nothing
        is above; of nothing all are 0.

    Raises
    ------
    ValueError
        If a value is NaN or infinite, or there are fewer than 2 classes.

    Examples
    --------
    >>> multi_otsu(np.array([0.0, 0.0, 5.0, 5.1, 10.0]), 3).round(1)
    array([0. , 5.1])
    """
    if classes < 2:
        raise ValueError(f"there must be at least 2 classes, but classes = {classes}")
    found = histogram(values)
    thresholds: NDArray[np.float64] = found.centers[found.divide(classes)]
    return thresholds


def _best_division(counts: NDArray[np.int64], classes: int) -> NDArray[np.intp]:
    """Last bin of every class but the last."""
    # the numbers of the bins stand for their values: sums are then whole and exact
    number = np.append(0, np.cumsum(counts))
    total = np.append(0, np.cumsum(counts * np.arange(counts.size)))
    inside = number[1:] - number[:-1, None]
    added = (total[1:] - total[:-1, None]).astype(np.float64)
    # of a class from bin i to bin j; none ends before it begins
    gain = added**2 / np.maximum(inside, 1)
    gain[np.tril_indices(counts.size, -1)] = -np.inf
    best, ends = gain[:, -1], []
    for _ in range(classes - 1):
        rest = gain[:, :-1] + best[1:]
        # the first of equals: empty bins go to the class above
        ends.append(rest.argmax(axis=1))
        best = rest.max(axis=1)
    bins, begin = [], 0
    for end in reversed(ends):
        bins.append(int(end[begin]))
        begin = bins[-1] + 1
    return np.array(bins)
