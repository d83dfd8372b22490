"""The other frames follow behind the one on screen, with all cores."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.session import Answer, Schedule
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.workers.fault import unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellseg.session import Engine, Request, Task

WAITING = 8
"""Results that may wait for the window."""

TURN = 0.01
"""How long the window takes results in before it looks after the user again (s)."""

_log = logging.getLogger(__name__)


class Follower(QObject):
    """Brings other frames up to date behind the one on screen, with all cores.

    Its threads begin with the first pass. Answers arrive in the window's thread, few at
    a time.

    Attributes
    ----------
    answered : Signal
        A frame was done.
    handed_over : Signal
        All answers at hand have been given out, or as many as fit in a turn.
    """

    answered = Signal(object)
    handed_over = Signal()
    _ready = Signal()

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._schedule = Schedule(WAITING + _cores())
        self._threads: list[Thread] = []
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._hand_over)
        self._ready.connect(self._hand_over)
        self.look, self.rest = self._schedule.look, self._schedule.rest
        self.stop = self._schedule.stop

    @property
    def idle(self) -> bool:
        """Whether there is nothing under way."""
        return self._schedule.idle

    def begin(
        self, frames: Iterable[int], near: int, ask: Callable[[int], Request]
    ) -> None:
        """Begin a pass, as `Schedule.begin`."""
        self._schedule.begin(frames, near, ask)
        while len(self._threads) < _cores():
            thread = Thread(target=self._run, name="cellseg-follow", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """End the threads once they are done with what they do."""
        self._schedule.close()
        # a window that is closed may have taken the Qt object with it
        with suppress(RuntimeError):
            self.blockSignals(True)

    def _run(self) -> None:
        while (task := self._schedule.take()) is not None:
            if self._schedule.put(task, self._respond(task)):
                self._tell()

    def _respond(self, task: Task) -> Answer:
        request = task.request
        try:
            return self._engine.follow(request)
        # the thread's outermost frame: else it dies unseen
        except Exception as error:  # noqa: BLE001
            _log.exception("frame %s", request.frame)
            return Answer(request, request.recipe, error=unexpected(error))

    def _tell(self) -> None:
        try:
            self._ready.emit()
        except RuntimeError:
            # the window was closed meanwhile, and took the Qt object with it
            self._schedule.close()

    def _hand_over(self) -> None:
        end = perf_counter() + TURN
        while (answer := self._schedule.collect()) is not None:
            self.answered.emit(answer)
            if perf_counter() > end:
                # the window's other events come first
                self._again.start(0)
                break
        self.handed_over.emit()


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
