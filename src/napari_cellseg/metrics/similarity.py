"""The segmentation similarity of Al-Kofahi et al. (2018)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_cellseg.metrics.overlap import Overlap


def sm(found: Overlap, k: float = 0.6) -> float:
    """Segmentation similarity SM of one image.

    ``k`` times the mean over the true objects of their best Dice coefficient, plus
    ``1 - k`` times the share of the objects that pair up, ``2 |pairs| / (N + M)``. The
    paper asks for a bijection without naming one; here two objects are a pair if each
    has its best Dice coefficient with the other.

    Parameters
    ----------
    found
        Overlap of the prediction with the truth.
    k
        Weight of the overlap against the counts, 0 … 1.

    Returns
    -------
    float
        0 … 1; 0 if one image alone has no objects, nan if neither has any. Equal Dice
        coefficients: the pair with the smaller id.

    References
    ----------
    Al-Kofahi et al. (2018), "Segmentation similarity metric"; k = 0.6 there.

    Examples
    --------
    >>> from napari_cellseg.metrics import overlap
    >>> merged = overlap(np.array([[1, 1, 1, 1, 1]]), np.array([[1, 1, 1, 2, 2]]))
    >>> round(sm(merged), 3)  # 0.6 * (6/8 + 4/7) / 2 + 0.4 * 2 / 3
    0.663
    """
    n_truth, n_pred = found.truth_ids.size, found.pred_ids.size
    if not n_truth and not n_pred:
        return math.nan
    if not found.dice.size:
        return 0.0
    dice = found.dice
    # the last of equals wins below, so the smaller ids go last
    order = np.argsort(dice[::-1], kind="stable")
    order = dice.size - 1 - order
    best_pred, best_truth = np.full(n_truth, -1), np.full(n_pred, -1)
    best_pred[found.truth_index[order]] = found.pred_index[order]
    best_truth[found.pred_index[order]] = found.truth_index[order]
    best = np.zeros(n_truth)
    np.maximum.at(best, found.truth_index, dice)
    matched = np.flatnonzero(best_pred >= 0)
    pairs = np.count_nonzero(best_truth[best_pred[matched]] == matched)
    return float(k * best.mean() + (1 - k) * 2 * pairs / (n_truth + n_pred))
