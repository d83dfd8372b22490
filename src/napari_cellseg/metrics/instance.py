"""One-to-one matching of objects by their overlap, and the scores that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.metrics.assignment import assign
from napari_cellseg.metrics.counts import Errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.metrics.overlap import Overlap
    from napari_cellseg.metrics.runs import Floats, Ints

DSB_THRESHOLDS: tuple[float, ...] = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
"""IoU thresholds of the Data Science Bowl 2018: 0.50, 0.55 … 0.95."""


@dataclass(frozen=True, eq=False)
class Match:
    """Pairs of one true and one predicted object.

    Attributes
    ----------
    threshold
        Smallest IoU of a pair.
    truth_ids, pred_ids
        Ids of the pairs, ``(N,)`` each.
    iou
        Their IoU, ``(N,)``.
    n_truth, n_pred
        Objects there are, matched or not.
    """

    threshold: float
    truth_ids: Ints
    pred_ids: Ints
    iou: Floats
    n_truth: int
    n_pred: int

    @property
    def errors(self) -> Errors:
        """Counts of matched and unmatched objects."""
        tp = self.truth_ids.size
        return Errors(tp, self.n_pred - tp, self.n_truth - tp)


def match(found: Overlap, threshold: float = 0.5) -> Match:
    """Match objects one to one where their IoU reaches a threshold.

    As many pairs as possible are made, and among such choices those of the largest
    total IoU. A pair whose IoU *equals* the threshold counts, as in the Data Science
    Bowl 2018 and in StarDist.

    Parameters
    ----------
    found
        Overlap of the prediction with the truth.
    threshold
        Smallest IoU of a pair, above 0 and at most 1.

    Returns
    -------
    Match

    Raises
    ------
    ValueError
        If the threshold is out of range.

    Examples
    --------
    >>> from napari_cellseg.metrics import overlap
    >>> halves = overlap(np.array([[1, 1, 2, 2]]), np.array([[8, 8, 8, 8]]))
    >>> match(halves, 0.5).errors
    Errors(tp=1, fp=1, fn=0)
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"an IoU threshold lies in (0, 1], not at {threshold}")
    iou = found.iou
    near = np.flatnonzero(iou >= threshold)
    rows, columns, iou = found.truth_index[near], found.pred_index[near], iou[near]
    chosen = assign(rows, columns, 1.0 - iou)
    return Match(
        threshold=threshold,
        truth_ids=found.truth_ids[rows[chosen]],
        pred_ids=found.pred_ids[columns[chosen]],
        iou=iou[chosen],
        n_truth=found.truth_ids.size,
        n_pred=found.pred_ids.size,
    )


def average_precision(
    found: Overlap, thresholds: Sequence[float] = DSB_THRESHOLDS
) -> Floats:
    """TP / (TP + FP + FN) of one image at each IoU threshold.

    Parameters
    ----------
    found
        Overlap of the prediction with the truth.
    thresholds
        IoU thresholds, ``(N,)``.

    Returns
    -------
    ndarray
        float64 ``(N,)``; 0 where all is wrong (predictions in an image without true
        objects included), nan where neither image has an object.

    Examples
    --------
    >>> from napari_cellseg.metrics import overlap
    >>> found = overlap(np.array([[3, 3, 0, 9]]), np.array([[5, 5, 5, 0]]))
    >>> average_precision(found, [0.5, 0.75])
    array([0.5, 0. ])
    """
    return np.array([match(found, t).errors.jaccard for t in thresholds], dtype=float)


def dsb_score(found: Overlap) -> float:
    """Score of one image in the Data Science Bowl 2018.

    The mean of `average_precision` over the thresholds 0.50, 0.55 … 0.95; nan where
    neither image has an object.

    Examples
    --------
    >>> from napari_cellseg.metrics import overlap
    >>> dsb_score(overlap(np.array([[3, 3, 3, 0]]), np.array([[5, 5, 5, 5]])))
    0.6
    """
    return float(average_precision(found).mean())


def success_rate(found: Overlap) -> float:
    """Correctly segmented cells of those counted, Aydın et al. (2022).

    The paper counts by eye: 141 of 151. Here a true cell is correct if a prediction of
    its own shares an IoU of at least 0.5 with it, so that two cells merged to one are
    at most one success; predictions beyond the true cells do not count. That is the
    recall of `match` at 0.5; nan without true cells.

    Examples
    --------
    >>> from napari_cellseg.metrics import overlap
    >>> success_rate(overlap(np.array([[3, 3, 3, 0]]), np.array([[5, 5, 0, 6]])))
    0.5
    """
    return match(found).errors.recall
