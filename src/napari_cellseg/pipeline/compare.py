"""Predictions in files against their truth in files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.io.ctc import read_tracks
from napari_cellseg.io.results import pair
from napari_cellseg.metrics import Report, TrackingScore, evaluate, tracking_score
from napari_cellseg.metrics.report import NO_TRACKS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellseg.io.results import Pairing
    from napari_cellseg.metrics import Labels
    from napari_cellseg.tracking import Track

TABLES = ("res_track.txt", "man_track.txt")


@dataclass(frozen=True)
class Comparison:
    """Scores, and what they leave out.

    Attributes
    ----------
    report : Report
        The scores.
    missing : tuple of str
        Frames of the truth without a prediction; they count as empty ones.
    left_out : tuple of str
        Predictions without truth.
    """

    report: Report
    missing: tuple[str, ...]
    left_out: tuple[str, ...]


def compare(pred: Path, truth: Path) -> Comparison:
    """Score label files against the truth, frame by frame.

    DET and TRA are computed where both are folders with a table of tracks
    (``res_track.txt``, ``man_track.txt``) and the truth has every frame.

    Parameters
    ----------
    pred, truth : Path
        Label files, or folders paired by the number or stem in their names.

    Raises
    ------
    ImageError
        If something cannot be read, nothing fits together, or sizes differ.
    """
    pairs = pair(pred, truth)
    frames = ((p.name, p.pred, p.truth) for p in pairs)
    report = evaluate(
        frames,
        tracking=_tracking(pred, truth, pairs),
        inputs={
            "pred": str(pred),
            "truth": str(truth),
            "predictions_left_out": str(len(pairs.left_out)),
        },
    )
    return Comparison(report, pairs.missing, pairs.left_out)


def has_tracks(folder: Path) -> bool:
    """Whether a folder holds a table of tracks."""
    return any((folder / name).is_file() for name in TABLES)


def _tracking(pred: Path, truth: Path, pairs: Pairing) -> TrackingScore:
    if not (has_tracks(pred) and has_tracks(truth)):
        return NO_TRACKS
    if [p.frame for p in pairs] != list(range(len(pairs))):
        return TrackingScore(math.nan, math.nan, "the truth lacks frames")
    rows = (_rows(read_tracks(pred)), _rows(read_tracks(truth)))
    return tracking_score(_frames(pairs), *rows)


def _frames(pairs: Pairing) -> Iterator[tuple[Labels, Labels]]:
    for p in pairs:
        found, true = p.pred, p.truth
        yield np.zeros_like(true) if found is None else found, true


def _rows(tracks: list[Track]) -> list[list[int]]:
    return [[t.label, t.begin, t.end, t.parent] for t in tracks]
