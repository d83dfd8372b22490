"""One longer piece of work at a time, as napari shows it."""

from __future__ import annotations

import atexit
import logging
from threading import Semaphore
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QThreadPool

from napari_cellseg.session import Answer, Step
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.workers.fault import Fault, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.qt.threading import GeneratorWorker
    from napari.utils import cancelable_progress

WAITING = 8
"""Results that may wait for the window."""

PATIENCE = 3000
"""How long a program that ends waits for a step to be done (ms)."""

_log = logging.getLogger(__name__)


class Job(QObject):
    """One longer piece of work at a time, shown in napari's activity dock.

    Attributes
    ----------
    stepped, answered : Signal
        What the work yields.
    ended : Signal
        Words for how it ended: empty if it was done, else that it was cancelled or what
        went wrong. Always emitted, once.
    """

    stepped = Signal(object)
    answered = Signal(object)
    ended = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._worker: GeneratorWorker | None = None
        self._bar: cancelable_progress | None = None
        self._error = ""
        self._cancelled = False
        self._room = Semaphore(WAITING)

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self._worker is not None

    def start(self, title: str, work: Callable[[], Iterator[object]]) -> None:
        """Begin; ignored while something else runs."""
        if self.running:
            return
        from napari.qt.threading import create_worker
        from napari.utils import cancelable_progress

        def generate() -> Iterator[object]:
            # a RuntimeError that leaves a worker ends it without a word: catch it here
            try:
                for found in work():
                    yield found
                    if not self._wait_for_room():
                        return
            except Exception as error:  # noqa: BLE001
                _log.exception("work in the background ended early")
                yield Fault(unexpected(error))

        self._error, self._cancelled = "", False
        self._room = Semaphore(WAITING)
        self._bar = cancelable_progress(desc=title, total=0)
        self._worker = create_worker(generate, _start_thread=False)
        self._worker.yielded.connect(self._on_yield)
        self._worker.finished.connect(self._on_finish)
        # without an event loop nobody else ends it before Qt's objects are deleted
        atexit.register(self.end)
        self._worker.start()

    def _wait_for_room(self) -> bool:
        """Let the window catch up: results that wait for it fill the memory."""
        while not self._room.acquire(timeout=0.1):
            if self._cancelled or self._worker is None or self._worker.abort_requested:
                return False
        return True

    def cancel(self) -> None:
        """Stop at the next step."""
        if self._worker is not None:
            self._cancelled = True
            self._worker.quit()

    def end(self) -> None:
        """Stop at the next step, and wait for it."""
        if self._worker is not None:
            self.cancel()
            pool = QThreadPool.globalInstance()
            assert pool is not None
            pool.waitForDone(PATIENCE)

    def _on_yield(self, found: Step | Answer | Fault) -> None:
        self._room.release()
        if self._bar is not None and self._bar.is_canceled:
            self.cancel()
        if isinstance(found, Fault):
            self._error = found.words
        elif isinstance(found, Step):
            self.stepped.emit(found)
            self._show(found)
        else:
            self._error = getattr(found, "error", "") or self._error
            self.answered.emit(found)

    def _show(self, step: Step) -> None:
        """Show a step in napari's bar, which handles other events on the way.

        The work may have ended when a line returns, so each asks again.
        """
        if self._bar is not None and step.total and self._bar.total != step.total:
            self._bar.total = step.total
        if self._bar is not None and self._bar.desc != step.words:
            self._bar.set_description(step.words)
        if self._bar is not None and self._bar.n != step.done:
            self._bar.update(step.done - self._bar.n)

    def _on_finish(self) -> None:
        self._worker = None
        atexit.unregister(self.end)
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        stopped = "Cancelled; finished frames are kept." if self._cancelled else ""
        self.ended.emit(self._error or stopped)
