"""Scores of a segmentation: overlap -> match -> errors -> score.

Every function takes label images or what the step before made of them; every result is
a frozen record. 0/0 is nan.
"""

from __future__ import annotations

from napari_cellseg.metrics.centroid import CentroidErrors, match_centroids
from napari_cellseg.metrics.challenge import (
    SegSum,
    TrackingScore,
    seg,
    seg_values,
    tracking_score,
)
from napari_cellseg.metrics.counts import Errors
from napari_cellseg.metrics.frame import FrameScore, score_frame
from napari_cellseg.metrics.instance import (
    DSB_THRESHOLDS,
    Match,
    average_precision,
    dsb_score,
    match,
    success_rate,
)
from napari_cellseg.metrics.overlap import Overlap, overlap
from napari_cellseg.metrics.pixel import PixelCounts, pixel_counts
from napari_cellseg.metrics.report import Report, evaluate
from napari_cellseg.metrics.roc import Roc, roc
from napari_cellseg.metrics.runs import Labels
from napari_cellseg.metrics.similarity import sm

__all__ = [
    "DSB_THRESHOLDS",
    "CentroidErrors",
    "Errors",
    "FrameScore",
    "Labels",
    "Match",
    "Overlap",
    "PixelCounts",
    "Report",
    "Roc",
    "SegSum",
    "TrackingScore",
    "average_precision",
    "dsb_score",
    "evaluate",
    "match",
    "match_centroids",
    "overlap",
    "pixel_counts",
    "roc",
    "score_frame",
    "seg",
    "seg_values",
    "sm",
    "success_rate",
    "tracking_score",
]
