"""The frame on screen follows the sliders in a thread of its own."""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_cellseg.session import Answer, Mailbox
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.workers.fault import unexpected

if TYPE_CHECKING:
    from napari_cellseg.session import Engine, Request

_log = logging.getLogger(__name__)


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
        # a window that is closed may have taken the Qt object with it
        with suppress(RuntimeError):
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
