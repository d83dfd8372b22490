"""The state of one working session, without Qt: what the window shows and changes."""

from __future__ import annotations

from napari_cellseg.session.engine import Engine
from napari_cellseg.session.history import History
from napari_cellseg.session.requests import Answer, Mailbox, Request, Step
from napari_cellseg.session.state import Session
from napari_cellseg.session.words import advice, count_words, difference

__all__ = [
    "Answer",
    "Engine",
    "History",
    "Mailbox",
    "Request",
    "Session",
    "Step",
    "advice",
    "count_words",
    "difference",
]
