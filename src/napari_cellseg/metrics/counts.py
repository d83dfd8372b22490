"""Counts of what was found, invented and missed, and the ratios that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Self


def ratio(numerator: float, denominator: float) -> float:
    """Quotient of two counts; 0/0 is nan.

    Examples
    --------
    >>> ratio(1, 2), ratio(0, 0)
    (0.5, nan)
    """
    return numerator / denominator if denominator else math.nan


@dataclass(frozen=True)
class Errors:
    """Objects found, invented and missed; add those of several frames to pool them.

    Examples
    --------
    >>> total = Errors(3, 1, 0) + Errors(0, 0, 2)
    >>> total, total.precision, total.recall, total.jaccard
    (Errors(tp=3, fp=1, fn=2), 0.75, 0.6, 0.5)
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Self) -> Self:
        names = [field.name for field in fields(self)]
        return type(self)(*(getattr(self, n) + getattr(other, n) for n in names))

    @property
    def precision(self) -> float:
        """TP / (TP + FP); nan without predictions."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """TP / (TP + FN); nan without anything true."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN), the Dice coefficient; nan if both are empty."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def jaccard(self) -> float:
        """TP / (TP + FP + FN), "AP" of objects; nan if both are empty."""
        return ratio(self.tp, self.tp + self.fp + self.fn)
