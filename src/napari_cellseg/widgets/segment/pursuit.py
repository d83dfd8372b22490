"""Frames follow the parameters: the one on screen at once, others when it is calm."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.session import tally
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.workers.follower import Follower
from napari_cellseg.widgets.workers.live import Live

if TYPE_CHECKING:
    from napari_cellseg.session import Answer, Engine, Session, Tally
    from napari_cellseg.widgets.segment.marking import Marking

CALM = 100
"""How long no request may have come before other frames follow (ms)."""


class Pursuit(QObject):
    """The live threads of one stack at a time, and when each of them is asked.

    Parameters
    ----------
    session : Session
        The state.
    marking : Marking
        What is outlined once the frame on screen is up to date.

    Attributes
    ----------
    answered : Signal
        An answer to be shown.
    changed : Signal
        There is more of it, or less to do, than before.
    failed : Signal
        What went wrong, in words.
    """

    answered = Signal(object)
    changed = Signal()
    failed = Signal(str)

    def __init__(self, session: Session, marking: Marking) -> None:
        super().__init__()
        self.session = session
        self.marking = marking
        self._live: Live | None = None
        self._follower: Follower | None = None
        self._asked = self._answered = 0
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM)
        self._calm.timeout.connect(self._on_calm)
        session.history.released.connect(self.rest)

    @property
    def waiting(self) -> bool:
        """Whether the frame on screen was asked for and is not there yet."""
        return self._answered < self._asked

    def begin(self, engine: Engine) -> None:
        """Start the threads for a stack."""
        self._asked = self._answered = 0
        self._live = Live(engine)
        self._live.answered.connect(self._on_live)
        self._follower = Follower(engine)
        self._follower.answered.connect(self._on_follower)
        self._follower.handed_over.connect(self._on_handed_over)

    def end(self) -> None:
        """End the threads."""
        # a window that is closed may have taken the Qt object with it
        with suppress(RuntimeError):
            self._calm.stop()
        for worker in (self._live, self._follower):
            if worker is not None:
                worker.close()
        self._live = self._follower = None

    def close(self) -> None:
        """End the threads for good."""
        self.end()
        self.session.history.released.disconnect(self.rest)

    def hurry(self) -> None:
        """Bring the frame on screen up to date, if that can be had at once.

        The others begin once it is calm.
        """
        session = self.session
        if self._live is not None and (session.preview or session.late()):
            request = session.request()
            self._asked = request.number
            self.marking.ask_again()
            if self._follower is not None:
                # the frame on screen has the cores to itself
                self._follower.rest(True)
            self._live.ask(request)
        self.rest()

    def rest(self) -> None:
        """Count from now on how long it is calm."""
        self._calm.start()

    def look(self) -> None:
        """Go on with the frames near the one on screen."""
        self.marking.ask_again()
        if self._follower is not None:
            self._follower.look(self.session.frame)

    def halt(self) -> None:
        """Leave the other frames as they are until it is calm again."""
        if self._follower is not None:
            self._follower.stop()

    def progress(self, frames: Tally) -> tuple[int, int] | None:
        """How many frames are up to date of those that can be; None if all rest."""
        session = self.session
        behind = [t for t in frames.late if t != session.frame]
        if not behind or session.stopped or self._follower is None:
            return None
        return frames.fresh, frames.fresh + len(frames.late)

    def _on_calm(self) -> None:
        session = self.session
        if self._follower is None or session.glancing:
            return
        self._compare()
        if session.stopped or not session.shown:
            return
        behind = [t for t in tally(session).late if t != session.frame]
        if behind and self._follower.idle:
            self._follower.begin(behind, session.frame, session.request)

    def _compare(self) -> None:
        """Ask what changed with the last setting, once the slider rests."""
        if self._live is None or self._calm.isActive() or self.waiting:
            return
        request = self.marking.question()
        if request is not None:
            self._live.ask(request)

    def _on_live(self, answer: Answer) -> None:
        if self._live is None:
            # it was on its way when all was closed
            return
        if answer.error:
            self.failed.emit(answer.error)
        if answer.request.against is not None:
            self.session.accept(answer)
            self.changed.emit()
            return
        self._answered = answer.request.number
        if not self.waiting and self._follower is not None:
            self._follower.rest(False)
        self.answered.emit(answer)
        self.changed.emit()
        self._compare()

    def _on_follower(self, answer: Answer) -> None:
        if answer.error:
            self.failed.emit(answer.error)
            self.session.stopped = True
            self.halt()
            self.changed.emit()
        self.answered.emit(answer)

    def _on_handed_over(self) -> None:
        self.changed.emit()
        if self._follower is not None and self._follower.idle:
            # some may have become late again meanwhile
            self.rest()
