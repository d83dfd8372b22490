"""Everything that is counted on one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg.metrics.centroid import CentroidErrors, match_centroids
from napari_cellseg.metrics.challenge import SegSum, seg
from napari_cellseg.metrics.instance import (
    DSB_THRESHOLDS,
    average_precision,
    match,
)
from napari_cellseg.metrics.overlap import overlap
from napari_cellseg.metrics.pixel import PixelCounts, pixel_counts_of
from napari_cellseg.metrics.similarity import sm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.metrics.counts import Errors
    from napari_cellseg.metrics.runs import Labels


@dataclass(frozen=True)
class FrameScore:
    """Counts and scores of one frame.

    Attributes
    ----------
    name
        What the frame is called in reports.
    missing
        Whether there was no prediction, which counts as an empty one.
    n_pred, n_truth
        Objects.
    pixels, instances, centroids, seg
        Counts that are pooled over the frames.
    ap
        AP at each threshold, nan where neither image has an object.
    ap50
        AP at 0.50.
    dsb
        Mean AP over 0.50, 0.55 … 0.95.
    sm
        Segmentation similarity.
    """

    name: str
    missing: bool
    n_pred: int
    n_truth: int
    pixels: PixelCounts
    instances: Errors
    centroids: CentroidErrors
    seg: SegSum
    ap: tuple[float, ...]
    ap50: float
    dsb: float
    sm: float


def score_frame(
    pred: Labels,
    truth: Labels,
    *,
    name: str = "",
    missing: bool = False,
    thresholds: Sequence[float] = DSB_THRESHOLDS,
    threshold: float = 0.5,
    k: float = 0.6,
) -> FrameScore:
    """Compare the prediction of one frame with its truth by every measure.

    Parameters
    ----------
    pred, truth
        Label images ``(Y, X)``.
    name, missing
        Noted in the result.
    thresholds
        IoU thresholds of `ap`.
    threshold
        IoU threshold of `instances`.
    k
        Weight of the overlap in `sm`.

    Returns
    -------
    FrameScore

    Raises
    ------
    ValueError
        If the shapes differ or the labels are no labels.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([[0, 1, 1], [2, 0, 1]])
    >>> score = score_frame(labels, labels)
    >>> score.dsb, score.sm, score.seg.score, score.instances
    (1.0, 1.0, 1.0, Errors(tp=2, fp=0, fn=0))
    """
    found = overlap(pred, truth)
    dsb = average_precision(found)
    same = tuple(thresholds) == DSB_THRESHOLDS
    ap = dsb if same else average_precision(found, thresholds)
    return FrameScore(
        name=name,
        missing=missing,
        n_pred=found.pred_ids.size,
        n_truth=found.truth_ids.size,
        pixels=pixel_counts_of(found),
        instances=match(found, threshold).errors,
        centroids=match_centroids(pred, truth),
        seg=seg(found),
        ap=tuple(ap.tolist()),
        ap50=float(dsb[0]),
        dsb=float(dsb.mean()),
        sm=sm(found, k),
    )
