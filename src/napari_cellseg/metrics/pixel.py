"""Scores of the foreground, pixel by pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.metrics.overlap import Overlap


def ratio(numerator: float, denominator: float) -> float:
    """Quotient of two counts; 0/0 is nan.

    Examples
    --------
    >>> ratio(1, 2), ratio(0, 0)
    (0.5, nan)
    """
    return numerator / denominator if denominator else math.nan


@dataclass(frozen=True)
class PixelCounts:
    """Pixels of a confusion table; add those of several frames to pool them.

    Attributes
    ----------
    tp, fp, fn, tn
        Pixels that are foreground in both, in the prediction alone, in the truth alone,
        in neither.

    Examples
    --------
    >>> total = PixelCounts(8, 2, 0, 90) + PixelCounts(0, 0, 10, 90)
    >>> total.precision, total.recall.__round__(3), total.accuracy
    (0.8, 0.444, 0.94)
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def __add__(self, other: PixelCounts) -> PixelCounts:
        return PixelCounts(
            self.tp + other.tp,
            self.fp + other.fp,
            self.fn + other.fn,
            self.tn + other.tn,
        )

    @property
    def precision(self) -> float:
        """TP / (TP + FP); nan without predicted pixels."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """TP / (TP + FN); nan without true pixels."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN), the Dice coefficient; nan if both are empty."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def iou(self) -> float:
        """TP / (TP + FP + FN), the Jaccard index; nan if both are empty."""
        return ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def accuracy(self) -> float:
        """(TP + TN) / all pixels; nan without pixels."""
        return ratio(self.tp + self.tn, self.tp + self.fp + self.fn + self.tn)


def pixel_counts(pred: NDArray[Any], truth: NDArray[Any]) -> PixelCounts:
    """Compare two masks.

    Parameters
    ----------
    pred, truth
        Masks or label images ``(Y, X)``; whatever is not 0 is foreground.

    Returns
    -------
    PixelCounts

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> pixel_counts(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]))
    PixelCounts(tp=1, fp=1, fn=1, tn=1)
    """
    if pred.shape != truth.shape:
        raise ValueError(
            f"prediction and truth differ in shape: {pred.shape} against {truth.shape}"
        )
    found, real = pred != 0, truth != 0
    tp = int(np.count_nonzero(found & real))
    return _counts(tp, int(found.sum()), int(real.sum()), truth.size)


def pixel_counts_of(found: Overlap) -> PixelCounts:
    """`pixel_counts` from an overlap, without looking at the pixels again."""
    return _counts(
        int(found.intersections.sum()),
        int(found.pred_areas.sum()),
        int(found.truth_areas.sum()),
        found.n_pixels,
    )


def _counts(tp: int, pred: int, truth: int, pixels: int) -> PixelCounts:
    return PixelCounts(tp, pred - tp, truth - tp, pixels - pred - truth + tp)
