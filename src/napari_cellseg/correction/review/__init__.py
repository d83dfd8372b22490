"""Cells to look at, the most doubtful first, and what the user said of them."""

from __future__ import annotations

from napari_cellseg.correction.review.parameters import KINDS, Kind, ReviewParameters
from napari_cellseg.correction.review.queue import VERDICTS, Queue, Row, Verdict
from napari_cellseg.correction.review.rank import suspects
from napari_cellseg.correction.review.records import FrameView, Reason, Suspect

__all__ = [
    "KINDS",
    "VERDICTS",
    "FrameView",
    "Kind",
    "Queue",
    "Reason",
    "ReviewParameters",
    "Row",
    "Suspect",
    "Verdict",
    "suspects",
]
