"""Scores of the foreground, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.metrics.counts import Errors, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.metrics.overlap import Overlap


@dataclass(frozen=True)
class PixelCounts(Errors):
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

    tn: int = 0

    @property
    def iou(self) -> float:
        """The `jaccard` index of the foreground; nan if both are empty."""
        return self.jaccard

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
