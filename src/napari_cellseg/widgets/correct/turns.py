"""Longer work in the window's thread, a little at a time."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.errors import CellsegError
from napari_cellseg.session import Step
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE = 0.02
"""How long it works before the window has its turn (s)."""


class Turns(QObject):
    """One piece of work at a time; the window takes part between its steps.

    Corrections are read in the window's thread alone: what is undone or shown in the
    meantime would else be changed under the work's hands.

    Attributes
    ----------
    stepped : Signal
        How far it is.
    ended : Signal
        What the work yielded last, or the error that it ended with. Not emitted if it
        is cancelled.
    """

    stepped = Signal(object)
    ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._work: Iterator[object] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self._work is not None

    def start(self, work: Iterator[object]) -> None:
        """Begin; what was at work before is given up."""
        self._work = work
        self._timer.start(0)

    def cancel(self) -> None:
        """Give up."""
        # the timer stops at its next turn: with the whole window it may be gone already
        self._work = None

    def _turn(self) -> None:
        if self._work is None:
            self._timer.stop()
            return
        begun, found = perf_counter(), None
        while self._work is not None and perf_counter() - begun < SLICE:
            try:
                found = next(self._work)
            except StopIteration:
                # a generator of ours ends right after what it found
                self._end(None)
                return
            except CellsegError as error:
                self._end(error)
                return
            if not isinstance(found, Step):
                self._end(found)
                return
        if found is not None:
            self.stepped.emit(found)

    def _end(self, found: object) -> None:
        self.cancel()
        self.ended.emit(found)
