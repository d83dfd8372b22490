"""The Cell Tracking Challenge's SEG, DET and TRA."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.metrics.counts import ratio
from napari_cellseg.metrics.overlap import Overlap, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from napari_cellseg.metrics.runs import Floats, Ints, Labels

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SegSum:
    """Jaccard indices summed over true objects; add those of several frames.

    Attributes
    ----------
    total
        Sum of the Jaccard indices; an unmatched object adds 0.
    n
        True objects.
    """

    total: float = 0.0
    n: int = 0

    def __add__(self, other: SegSum) -> SegSum:
        return SegSum(self.total + other.total, self.n + other.n)

    @property
    def score(self) -> float:
        """SEG, the mean over the true objects; nan without any."""
        return ratio(self.total, self.n)


def covering(found: Overlap) -> NDArray[np.bool_]:
    """Pairs whose prediction covers more than half of the true object, ``(K,)``.

    The challenge's rule of matching: a true object has at most one such prediction, a
    prediction may cover several true objects.
    """
    covered: NDArray[np.bool_] = (
        2 * found.intersections > found.truth_areas[found.truth_index]
    )
    return covered


def seg(found: Overlap) -> SegSum:
    """SEG of one frame, as the Cell Tracking Challenge defines it.

    A true object is matched to the prediction that covers more than half of its area;
    its score is their Jaccard index, or 0 without a match. Predictions that match
    nothing cost nothing, so the truth may label only some of the cells.

    Parameters
    ----------
    found
        Overlap of the prediction with the truth.

    Returns
    -------
    SegSum
        To be added over the frames: SEG is a mean over objects, not over frames.

    References
    ----------
    Maška et al. (2014), doi:10.1093/bioinformatics/btu080.

    Examples
    --------
    >>> from napari_cellseg.metrics import overlap
    >>> found = overlap(np.array([[1, 1, 1, 1, 2]]), np.array([[7, 7, 7, 8, 8]]))
    >>> seg(found).score  # object 8 is only half covered by prediction 2
    0.375
    """
    return SegSum(float(found.iou[covering(found)].sum()), found.truth_ids.size)


@dataclass(frozen=True)
class TrackingScore:
    """Detection and tracking accuracy of a movie.

    Attributes
    ----------
    det, tra
        0 … 1; nan where the reason says why.
    reason
        Why there is no score; empty where there is one.
    operations
        Corrections that the prediction needs: vertices to split, add and delete, edges
        to delete, add and change (NS, FN, FP, ED, EA, EC).
    """

    det: float
    tra: float
    reason: str = ""
    operations: tuple[tuple[str, int], ...] = ()


def tracking_score(
    frames: Iterable[tuple[Labels, Labels]],
    pred_tracks: ArrayLike,
    truth_tracks: ArrayLike,
) -> TrackingScore:
    """DET and TRA of a movie, as the Cell Tracking Challenge defines them.

    Parameters
    ----------
    frames
        Prediction and truth ``(Y, X)`` of each frame, in time order and without gaps;
        the ids are track labels. Frames are read one by one.
    pred_tracks, truth_tracks
        ``(N, 4)`` integers: label, first frame, last frame, parent or 0.

    Returns
    -------
    TrackingScore
        nan with a reason where the truth has no object or a set of tracks does not
        agree with its labels.

    References
    ----------
    Matula et al. (2015), doi:10.1371/journal.pone.0144959; counted by py-ctcmetrics.

    Examples
    --------
    >>> frame = np.array([[1, 1, 0, 2]])
    >>> tracks = [[1, 0, 1, 0], [2, 0, 1, 0]]
    >>> result = tracking_score([(frame, frame), (frame, frame)], tracks, tracks)
    >>> result.det, result.tra
    (1.0, 1.0)
    """
    truth, pred = _rows(truth_tracks), _rows(pred_tracks)
    nodes = _Nodes()
    for found, real in frames:
        nodes.add(overlap(found, real))
    if not any(ids.size for ids in nodes.truth):
        return TrackingScore(math.nan, math.nan, "no true object")
    for name, tracks, ids in (
        ("prediction", pred, nodes.pred),
        ("truth", truth, nodes.truth),
    ):
        if fault := track_fault(tracks, ids):
            return TrackingScore(math.nan, math.nan, f"{name}: {fault}")
    if not any(ids.size for ids in nodes.pred):
        return TrackingScore(0.0, 0.0)
    return _score(nodes, pred, truth)


class _Nodes:
    """Ids of every frame and the pairs matched by the challenge's rule."""

    def __init__(self) -> None:
        self.pred: list[Ints] = []
        self.truth: list[Ints] = []
        self.matched_pred: list[Ints] = []
        self.matched_truth: list[Ints] = []

    def add(self, found: Overlap) -> None:
        matched = covering(found)
        self.pred.append(found.pred_ids)
        self.truth.append(found.truth_ids)
        self.matched_pred.append(found.pred_ids[found.pred_index[matched]])
        self.matched_truth.append(found.truth_ids[found.truth_index[matched]])


def track_fault(tracks: Ints, ids: list[Ints]) -> str:
    """First disagreement of tracks with the labels of the frames, or an empty string.

    Parameters
    ----------
    tracks
        ``(N, 4)``: label, first frame, last frame, parent or 0.
    ids
        Labels that occur in each frame.

    Examples
    --------
    >>> track_fault(np.array([[1, 0, 1, 0]]), [np.array([1]), np.array([2])])
    'label 1 has a track through frame 1 but no pixel there'
    """
    labels, counts = np.unique(tracks[:, 0], return_counts=True)
    if (counts > 1).any():
        return f"label {labels[counts > 1][0]} has more than one track"
    ends = dict(zip(tracks[:, 0].tolist(), tracks[:, 2].tolist(), strict=True))
    expected: list[set[int]] = [set() for _ in ids]
    for label, begin, end, parent in tracks.tolist():
        if not 0 <= begin <= end < len(ids):
            return f"track {label} runs from frame {begin} to {end} of {len(ids)}"
        if parent and ends.get(parent, begin) >= begin:
            return f"the parent {parent} of track {label} does not end before it"
        for frame in range(begin, end + 1):
            expected[frame].add(label)
    for frame, (listed, seen) in enumerate(zip(expected, ids, strict=True)):
        if absent := listed.difference(seen.tolist()):
            return f"label {min(absent)} has a track through frame {frame} but " + (
                "no pixel there"
            )
        if stray := set(seen.tolist()) - listed:
            return f"label {min(stray)} in frame {frame} belongs to no track"
    return ""


def _rows(tracks: ArrayLike) -> Ints:
    return np.asarray(tracks, dtype=np.int64).reshape(-1, 4)


def _score(nodes: _Nodes, pred: Ints, truth: Ints) -> TrackingScore:
    # py-ctcmetrics takes scikit-learn and OpenCV along: seconds to import
    from ctc_metrics.metrics.technical.det import det
    from ctc_metrics.metrics.technical.tra import tra
    from ctc_metrics.utils.representations import (
        count_acyclic_graph_correction_operations,
    )

    if len(nodes.truth) == 1:
        # it cannot count a movie of one frame; an empty one after it changes nothing
        nodes.add(overlap(np.zeros((0, 0), int), np.zeros((0, 0), int)))
    operations: dict[str, Any] = count_acyclic_graph_correction_operations(
        truth,
        pred,
        nodes.truth,
        nodes.pred,
        nodes.matched_truth,
        nodes.matched_pred,
    )
    counts = {key: int(operations[key]) for key in ("NS", "FN", "FP", "ED", "EA", "EC")}
    logger.debug("corrections needed: %s", counts)
    return TrackingScore(
        det=float(det(**operations)),
        tra=float(tra(**operations)[0]),
        operations=tuple(counts.items()),
    )


def seg_values(found: Overlap) -> Floats:
    """Jaccard index of each true object under the challenge's matching, ``(T,)``."""
    values = np.zeros(found.truth_ids.size)
    matched = covering(found)
    values[found.truth_index[matched]] = found.iou[matched]
    return values
