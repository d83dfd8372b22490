"""Scores of a whole prediction, with how they were obtained."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.metrics.centroid import CentroidErrors
from napari_cellseg.metrics.challenge import SegSum, TrackingScore
from napari_cellseg.metrics.counts import Errors
from napari_cellseg.metrics.frame import FrameScore, score_frame
from napari_cellseg.metrics.instance import DSB_THRESHOLDS
from napari_cellseg.metrics.pixel import PixelCounts

if TYPE_CHECKING:
    from napari_cellseg.metrics.runs import Labels

NO_TRACKS = TrackingScore(math.nan, math.nan, "no tracks given")

_NO_FRAMES = "no frames given"
_NO_OBJECTS = "no objects in the prediction nor in the truth"
_NO_PIXELS = "no foreground in the prediction nor in the truth"
_NO_PRED = "no objects in the prediction"
_NO_TRUTH = "no objects in the truth"
_NO_PAIRS = "no matched pairs"


@dataclass(frozen=True)
class Report:
    """Scores of a set of frames.

    Attributes
    ----------
    frames
        Scores of each frame.
    thresholds
        IoU thresholds of AP.
    threshold
        IoU threshold of the pooled instance scores.
    k
        Weight of the overlap in SM.
    tracking
        DET and TRA, or why there are none.
    inputs
        What was compared, as the caller describes it.
    """

    frames: tuple[FrameScore, ...]
    thresholds: tuple[float, ...] = DSB_THRESHOLDS
    threshold: float = 0.5
    k: float = 0.6
    tracking: TrackingScore = NO_TRACKS
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def pixels(self) -> PixelCounts:
        """Pixel counts pooled over the frames."""
        return sum((frame.pixels for frame in self.frames), PixelCounts())

    @property
    def instances(self) -> Errors:
        """Object counts at `threshold`, pooled over the frames."""
        return sum((frame.instances for frame in self.frames), Errors())

    @property
    def centroids(self) -> CentroidErrors:
        """Counts of the matching by centroids, pooled over the frames."""
        return sum((frame.centroids for frame in self.frames), CentroidErrors())

    @property
    def success_rate(self) -> float:
        """Correctly segmented cells of those counted: the recall of `instances`."""
        return self.instances.recall

    @property
    def seg(self) -> float:
        """SEG over the true objects of all frames."""
        return sum((frame.seg for frame in self.frames), SegSum()).score

    @property
    def ap(self) -> dict[str, float]:
        """Mean AP over the frames that have objects, by threshold as ``"0.50"``."""
        return {
            f"{threshold:.2f}": _mean([frame.ap[i] for frame in self.frames])
            for i, threshold in enumerate(self.thresholds)
        }

    @property
    def dsb_score(self) -> float:
        """Mean over the frames of the mean AP over 0.50, 0.55 … 0.95."""
        return _mean([frame.dsb for frame in self.frames])

    @property
    def sm(self) -> float:
        """Mean over the frames of the segmentation similarity."""
        return _mean([frame.sm for frame in self.frames])

    def as_json(self) -> dict[str, Any]:
        """Nested dictionary ready for `json.dump`.

        What cannot be computed is None, and ``"reasons"`` says why under its dotted
        name, e.g. ``{"det": "no tracks given"}``.
        """
        scores = self._scores()
        plain: dict[str, Any] = _null(scores)
        plain["reasons"] = {name: self._reason(name) for name in _undefined(scores)}
        plain["frames"] = [_null(row) for row in map(frame_row, self.frames)]
        plain["provenance"] = self._provenance()
        return plain

    def as_rows(self) -> list[dict[str, Any]]:
        """Flat dictionaries for a table: one a frame, and last ``"all"``, the pooled.

        What cannot be computed is None.
        """
        rows = [_null(frame_row(frame)) for frame in self.frames]
        return [*rows, _null(self._total_row())]

    def _scores(self) -> dict[str, Any]:
        pixels, found, centroids = self.pixels, self.instances, self.centroids
        pixel_names = ("f1", "iou", "accuracy", "precision", "recall")
        return {
            "pixel": {name: getattr(pixels, name) for name in pixel_names},
            "ap": self.ap,
            "dsb_score": self.dsb_score,
            "instance": {
                "threshold": self.threshold,
                **_error_row(found),
                "f1": found.f1,
            },
            "centroid": {
                **_error_row(centroids.errors),
                "mean_distance_px": centroids.mean_distance,
            },
            "success_rate": self.success_rate,
            "sm": self.sm,
            "seg": self.seg,
            "det": self.tracking.det,
            "tra": self.tracking.tra,
            "count": {
                "pred": sum(frame.n_pred for frame in self.frames),
                "truth": sum(frame.n_truth for frame in self.frames),
            },
        }

    def _reason(self, name: str) -> str:
        if name in ("det", "tra"):
            return self.tracking.reason
        if not self.frames:
            return _NO_FRAMES
        if name.endswith("mean_distance_px"):
            return _NO_PAIRS
        if name.endswith("precision"):
            return _NO_PRED
        if name.endswith("recall") or name in ("seg", "success_rate"):
            return _NO_TRUTH
        return _NO_PIXELS if name.startswith("pixel") else _NO_OBJECTS

    def _provenance(self) -> dict[str, Any]:
        return {
            "version": _version(),
            "matcher": "one-to-one, IoU >= threshold, most pairs, then largest IoU",
            "ap": "TP / (TP + FP + FN) of a frame, mean over frames that have objects",
            "centroid": "distance <= half the diagonal of the true bounding box",
            "seg": "prediction covers > 0.5 of the true object, mean over true objects",
            "thresholds": list(self.thresholds),
            "instance_threshold": self.threshold,
            "sm_k": self.k,
            "frames": len(self.frames),
            "frames_without_prediction": sum(frame.missing for frame in self.frames),
            "frames_without_objects": sum(
                not frame.n_pred and not frame.n_truth for frame in self.frames
            ),
            "inputs": dict(self.inputs),
        }

    def _total_row(self) -> dict[str, Any]:
        return {
            **_row(self.pixels, self.instances, self.centroids),
            "name": "all",
            "missing": sum(frame.missing for frame in self.frames),
            "pred": sum(frame.n_pred for frame in self.frames),
            "truth": sum(frame.n_truth for frame in self.frames),
            "ap50": _mean([frame.ap50 for frame in self.frames]),
            "dsb_score": self.dsb_score,
            "sm": self.sm,
            "seg": self.seg,
        }


def evaluate(
    pairs: Iterable[tuple[str, Labels | None, Labels]],
    *,
    thresholds: Sequence[float] = DSB_THRESHOLDS,
    threshold: float = 0.5,
    k: float = 0.6,
    tracking: TrackingScore = NO_TRACKS,
    inputs: Mapping[str, str] | None = None,
) -> Report:
    """Compare predictions with their truth by every measure.

    Parameters
    ----------
    pairs
        Name, prediction and truth of each frame, both ``(Y, X)``; a prediction that is
        None counts as an empty one. Read one by one, nothing of a frame but its scores
        is kept.
    thresholds
        IoU thresholds of AP.
    threshold
        IoU threshold of the pooled instance scores.
    k
        Weight of the overlap in SM.
    tracking
        DET and TRA, from `tracking_score`.
    inputs
        Words for the provenance: which files were compared.

    Returns
    -------
    Report

    Raises
    ------
    ImageError
        If the shapes of a pair differ or labels are no labels; the text names the
        frame.

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 2]])
    >>> report = evaluate([("a", truth, truth), ("b", None, truth)])
    >>> report.dsb_score, report.seg, report.as_json()["det"]
    (0.5, 0.5, None)
    """
    frames = []
    for name, pred, truth in pairs:
        given = np.zeros_like(truth) if pred is None else pred
        try:
            score = score_frame(
                given,
                truth,
                name=name,
                missing=pred is None,
                thresholds=thresholds,
                threshold=threshold,
                k=k,
            )
        except ValueError as error:
            raise ImageError(f"{name}: {error}") from error
        frames.append(score)
    described = tuple((inputs or {}).items())
    return Report(tuple(frames), tuple(thresholds), threshold, k, tracking, described)


def frame_row(frame: FrameScore) -> dict[str, Any]:
    """Flatten the main scores of one frame to a dictionary."""
    return {
        "name": frame.name,
        "missing": frame.missing,
        "pred": frame.n_pred,
        "truth": frame.n_truth,
        **_row(frame.pixels, frame.instances, frame.centroids),
        "ap50": frame.ap50,
        "dsb_score": frame.dsb,
        "sm": frame.sm,
        "seg": frame.seg.score,
    }


def _row(
    pixels: PixelCounts, found: Errors, centroids: CentroidErrors
) -> dict[str, Any]:
    near = _error_row(centroids.errors)
    return {
        "pixel_f1": pixels.f1,
        "pixel_iou": pixels.iou,
        **_error_row(found),
        "f1": found.f1,
        **{f"centroid_{name}": value for name, value in near.items()},
        "mean_distance_px": centroids.mean_distance,
    }


def _error_row(errors: Errors) -> dict[str, Any]:
    names = ("tp", "fp", "fn", "precision", "recall")
    return {name: getattr(errors, name) for name in names}


def _mean(values: Sequence[float]) -> float:
    """Mean of what is not nan; nan if nothing is left."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _undefined(scores: Mapping[str, Any], prefix: str = "") -> list[str]:
    names = []
    for name, value in scores.items():
        if isinstance(value, Mapping):
            names += _undefined(value, f"{prefix}{name}.")
        elif isinstance(value, float) and math.isnan(value):
            names.append(prefix + name)
    return names


def _null(scores: Any) -> Any:
    if isinstance(scores, Mapping):
        return {name: _null(value) for name, value in scores.items()}
    return None if isinstance(scores, float) and math.isnan(scores) else scores


def _version() -> str:
    try:
        return importlib.metadata.version("napari-cellseg")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
