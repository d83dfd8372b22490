"""Work outside the window's thread: the live loop, its follower, and longer jobs."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from threading import Semaphore, Thread
from time import perf_counter
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.session import Answer, Mailbox, Schedule, Step
from napari_cellseg.widgets._qt import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from napari.qt.threading import GeneratorWorker
    from napari.utils import cancelable_progress

    from napari_cellseg.session import Engine, Request, Task

WAITING = 8
"""Results that may wait for the window."""

TURN = 0.01
"""How long the window takes results in before it looks after the user again (s)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """Work that failed, in words for the user."""

    words: str


class Live(QObject):
    """Answers the latest request for the frame on screen, as fast as it can.

    One thread of its own waits at a mailbox. It is no napari worker: those ask before
    the window closes whether they may be stopped, and this one never ends by itself.
    Answers arrive in the window's thread.
    """

    answered = Signal(object)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._mailbox = Mailbox()
        self._engine = engine
        self._thread = Thread(target=self._run, name="cellseg-live", daemon=True)
        self._thread.start()

    def ask(self, request: Request) -> None:
        """Leave a request, in place of one that has not begun."""
        self._mailbox.put(request)

    def close(self) -> None:
        """End the thread once it is done with what it does."""
        self._mailbox.close()
        self.blockSignals(True)

    def _run(self) -> None:
        while (request := self._mailbox.take()) is not None:
            self._tell(self._respond(request))

    def _respond(self, request: Request) -> Answer:
        try:
            return self._engine.respond(request)
        # the thread's outermost frame: else it dies unseen
        except Exception as error:  # noqa: BLE001
            _log.exception("frame %s", request.frame)
            return Answer(request, request.recipe, error=unexpected(error))

    def _tell(self, answer: Answer) -> None:
        try:
            self.answered.emit(answer)
        except RuntimeError:
            # the window was closed meanwhile, and took the Qt object with it
            self._mailbox.close()


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
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        stopped = "Cancelled; finished frames are kept." if self._cancelled else ""
        self.ended.emit(self._error or stopped)


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def unexpected(error: BaseException) -> str:
    """Words for a fault of ours."""
    return (
        f"Unexpected {type(error).__name__}: {error}. Please report it with what is "
        "written in the terminal."
    )
