"""The state of one working session, without Qt: what the window shows and changes."""

from __future__ import annotations

from napari_cellseg.session.engine import Engine
from napari_cellseg.session.engines import Engines, Place
from napari_cellseg.session.history import History
from napari_cellseg.session.requests import (
    Answer,
    DrawnChanges,
    Mailbox,
    Request,
    Step,
)
from napari_cellseg.session.schedule import Schedule, Task
from napari_cellseg.session.state import Session
from napari_cellseg.session.steps import Course, Ran, Run, Snapshot
from napari_cellseg.session.tally import Tally, tally
from napari_cellseg.session.words import (
    advice,
    change_words,
    count_words,
    difference,
)

__all__ = [
    "Answer",
    "Course",
    "DrawnChanges",
    "Engine",
    "Engines",
    "History",
    "Mailbox",
    "Place",
    "Ran",
    "Request",
    "Run",
    "Schedule",
    "Session",
    "Snapshot",
    "Step",
    "Tally",
    "Task",
    "advice",
    "change_words",
    "count_words",
    "difference",
    "tally",
]
