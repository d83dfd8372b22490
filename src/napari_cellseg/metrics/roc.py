"""How well a probability map tells a mask from the rest, before any threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_cellseg.metrics.counts import ratio
from napari_cellseg.metrics.pixel import PixelCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.metrics.runs import Ints


@dataclass(frozen=True, eq=False)
class Roc:
    """Pixels by their probability; add those of several images to pool them.

    Attributes
    ----------
    values
        Probabilities that occur, ascending, ``(N,)``.
    inside, outside
        Pixels of the true mask, and of the rest, that have each, int64 ``(N,)``.

    Examples
    --------
    >>> mask = np.array([True, True, False])
    >>> total = roc(np.array([0.9, 0.4, 0.4]), mask) + roc(np.array([0.8]), mask[:1])
    >>> total.auc.__round__(3), total.counts(0.5).accuracy
    (0.833, 0.75)
    """

    values: NDArray[Any]
    inside: Ints
    outside: Ints

    def __add__(self, other: Self) -> Self:
        values, place = np.unique(
            np.concatenate([self.values, other.values]), return_inverse=True
        )
        pooled = np.zeros((2, values.size), np.int64)
        for row, mine, theirs in zip(
            pooled,
            (self.inside, self.outside),
            (other.inside, other.outside),
            strict=True,
        ):
            np.add.at(row, place, np.concatenate([mine, theirs]))
        return type(self)(values, *pooled)

    @property
    def auc(self) -> float:
        """Area under the receiver operating characteristic; nan if one side is empty.

        The chance that a pixel of the mask has a greater probability than one of the
        rest, where equal ones count half.
        """
        below = np.cumsum(self.outside) - self.outside
        twice = int((self.inside * (2 * below + self.outside)).sum())
        return ratio(twice, 2 * int(self.inside.sum()) * int(self.outside.sum()))

    def counts(self, threshold: float = 0.5) -> PixelCounts:
        """Pixel counts of the map cut at a threshold; what exceeds it is found."""
        found = self.values > threshold
        return PixelCounts(
            tp=int(self.inside[found].sum()),
            fp=int(self.outside[found].sum()),
            fn=int(self.inside[~found].sum()),
            tn=int(self.outside[~found].sum()),
        )


def roc(probability: NDArray[Any], truth: NDArray[Any]) -> Roc:
    """Rank the pixels of a mask, and those of the rest, by a probability map.

    Its `auc` and the accuracy of its `counts` at 0.5 are the scores of the maps in
    Al-Kofahi et al. (2018), "Evaluation of the classification results". The area is
    exact: Fawcett (2006), An introduction to ROC analysis, with the ties shared.

    Parameters
    ----------
    probability
        Probability map, of any shape and real dtype.
    truth
        Mask or label image of the same shape; whatever is not 0 is in the mask.

    Returns
    -------
    Roc
        Of an empty map: nothing, its scores are nan.

    Raises
    ------
    ValueError
        If the shapes differ or a probability is nan.

    Examples
    --------
    >>> found = roc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    >>> found.auc, found.counts().accuracy
    (0.75, 0.75)
    >>> roc(np.array([0.2, 0.3]), np.array([0, 0])).auc
    nan
    """
    if probability.shape != truth.shape:
        raise ValueError(
            f"map and truth differ in shape: {probability.shape} against {truth.shape}"
        )
    if np.isnan(probability).any():
        raise ValueError("the map holds nan, which cannot be ranked")
    values, place = np.unique(probability, return_inverse=True)
    total = np.bincount(place.ravel(), minlength=values.size)
    inside = np.bincount(place.ravel()[truth.ravel() != 0], minlength=values.size)
    return Roc(values, inside, total - inside)
