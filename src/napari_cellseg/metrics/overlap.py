"""Which predicted object meets which true object, and by how many pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_cellseg.metrics.runs import Floats, Ints, Labels, common_runs, tally


@dataclass(frozen=True, eq=False)
class Overlap:
    """Areas of two label images and the pixels that their objects share.

    Attributes
    ----------
    pred_ids, truth_ids
        Ids of the objects, ascending, background left out; ``(P,)`` and ``(T,)``.
    pred_areas, truth_areas
        Areas in pixels, in the order of the ids.
    truth_index, pred_index
        The pairs that share at least a pixel, as positions in the ids; ``(K,)`` each,
        sorted by the truth, then by the prediction.
    intersections
        Shared pixels of each pair, ``(K,)``.
    n_pixels
        Pixels of the image.
    """

    pred_ids: Ints
    truth_ids: Ints
    pred_areas: Ints
    truth_areas: Ints
    truth_index: Ints
    pred_index: Ints
    intersections: Ints
    n_pixels: int

    @property
    def unions(self) -> Ints:
        """Pixels that belong to either object of a pair, ``(K,)``."""
        both = self.truth_areas[self.truth_index] + self.pred_areas[self.pred_index]
        union: Ints = both - self.intersections
        return union

    @property
    def iou(self) -> Floats:
        """Intersection over union of each pair, ``(K,)``, in (0, 1]."""
        return self.intersections / self.unions

    @property
    def dice(self) -> Floats:
        """Twice the intersection over the sum of the areas, ``(K,)``, in (0, 1]."""
        return 2 * self.intersections / (self.unions + self.intersections)


def overlap(pred: Labels, truth: Labels) -> Overlap:
    """Count the pixels shared by predicted and true objects, in one pass.

    Parameters
    ----------
    pred, truth
        Label images ``(Y, X)`` of any integer dtype; 0 is background, ids may have
        holes and need not agree between the two.

    Returns
    -------
    Overlap
        An image without objects gives empty arrays.

    Raises
    ------
    ValueError
        If the shapes differ, a dtype is not an integer, or an id is negative.

    Examples
    --------
    >>> found = overlap(np.array([[3, 3, 0, 9]]), np.array([[5, 5, 5, 0]]))
    >>> found.truth_ids[found.truth_index], found.pred_ids[found.pred_index]
    (array([5]), array([3]))
    >>> found.iou.round(3)
    array([0.667])
    """
    if np.shape(pred) != np.shape(truth):
        raise ValueError(
            f"prediction and truth differ in shape: {np.shape(pred)} against "
            f"{np.shape(truth)}"
        )
    _, lengths, (pred_values, truth_values) = common_runs(pred, truth)
    pred_ids, pred_areas, pred_index = tally(pred_values, lengths)
    truth_ids, truth_areas, truth_index = tally(truth_values, lengths)
    both = (pred_index >= 0) & (truth_index >= 0)
    width = max(pred_ids.size, 1)
    code = truth_index[both] * width + pred_index[both]
    # tally takes 0 for background
    pairs, shared, _ = tally(code + 1, lengths[both])
    rows, columns = np.divmod(pairs - 1, width)
    return Overlap(
        pred_ids=pred_ids,
        truth_ids=truth_ids,
        pred_areas=pred_areas,
        truth_areas=truth_areas,
        truth_index=rows,
        pred_index=columns,
        intersections=shared,
        n_pixels=int(np.size(truth)),
    )
