"""A thread that brings records to the disk."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from napari_cellseg.correction.journal.file import framed
from napari_cellseg.correction.journal.words import moved_words, trouble_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_cellseg.correction.journal.records import Record
    from napari_cellseg.correction.journal.target import Target

_log = logging.getLogger(__name__)

PERIOD = 0.5
"""Records are on the disk after this at the latest, where it follows (s)."""
RETRY = 1.0
"""What failed is tried again after this, or with the next record (s)."""
PATIENCE = 5.0
"""How long closing waits for the disk (s)."""


def unsaid(words: str) -> None:
    """Say nothing; what was to be said is in the log."""


class JournalWriter:
    """Appends records to a journal without keeping anyone waiting for the disk.

    A record reaches the system at once and the disk within a second. The file is made
    with the first record. While it cannot be written, records stay in memory, and are
    written when it can. Made by `Opened.go_on` and `Opened.anew`.

    Parameters
    ----------
    target : Target
        What is written to.
    on_trouble : callable
        Told, in the writer's thread, why records stay in memory; "" once they do not.
    on_note : callable
        Told, in the writer's thread, what the user should hear once.

    Attributes
    ----------
    trouble : str
        Why records stay in memory, and what to do, for the user; "" if they do not.
    """

    def __init__(
        self,
        target: Target,
        on_trouble: Callable[[str], None] = unsaid,
        on_note: Callable[[str], None] = unsaid,
    ) -> None:
        self.trouble = ""
        self._target, self._meant = target, target.path
        self._on_trouble, self._on_note = on_trouble, on_note
        self._pending: deque[bytes] = deque()
        self._written = 0  # of the pending ones: in the file, not yet on the disk
        self._appended = self._synced = self._wanted = 0
        self._synced_at = 0.0
        self._closing = self._given_up = False
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def path(self) -> Path:
        """The journal; another name may be taken with the first record."""
        return self._target.path

    def append(self, record: Record) -> None:
        """Add a record.

        Raises
        ------
        RuntimeError
            After `close`.
        """
        data = framed(record)
        with self._change:
            if self._closing:
                message = f"the journal {self.path} is closed"
                raise RuntimeError(message)
            self._pending.append(data)
            self._appended += 1
            self._change.notify_all()
            self._start()

    def sync(self, timeout: float = PATIENCE) -> bool:
        """Wait until all that was appended is on the disk; False if it is not."""
        with self._change:
            self._wanted = wanted = self._appended
            self._change.notify_all()
            return self._change.wait_for(lambda: self._synced >= wanted, timeout)

    def close(self, timeout: float = PATIENCE) -> bool:
        """Write what is pending, stop, and let others write the journal.

        Parameters
        ----------
        timeout : float
            How long to wait for the disk (s).

        Returns
        -------
        bool
            Whether all is on the disk; what is not is lost.
        """
        atexit.unregister(self.close)
        with self._change:
            self._closing = True
            self._wanted = self._appended
            self._change.notify_all()
            if self._pending:
                self._start()
        if self._thread is None:
            self._target.close()
            return True
        self._thread.join(timeout)
        with self._change:
            self._given_up = True
            self._change.notify_all()
        if not self._thread.is_alive():
            self._target.close()
        done = self._synced == self._appended
        if not done:
            lost = self._appended - self._synced
            _log.warning("%s lacks the last %d records", self.path, lost)
        return done

    def _start(self) -> None:
        """Have a thread at work; in place of one that a listener's error ended."""
        if self._thread is None:
            atexit.register(self.close)
        elif self._thread.is_alive():
            return
        self._thread = threading.Thread(
            target=self._run, name="corrections journal", daemon=True
        )
        self._thread.start()

    def _run(self) -> None:
        try:
            while self._await_work():
                try:
                    self._work()
                except OSError as error:
                    self._fail(error)
        finally:
            if self._closing:
                self._target.close()

    def _await_work(self) -> bool:
        """Wait until something is to be written or synced; False to end."""
        with self._change:
            while not self._given_up:
                if len(self._pending) > self._written:
                    return True
                if self._pending and self._pause <= 0:
                    return True
                if self._closing and not self._pending:
                    return False
                self._change.wait(self._pause if self._pending else None)
            return False

    @property
    def _pause(self) -> float:
        """Until the next sync is due (s)."""
        if self.trouble or self._synced < self._wanted:
            return 0.0
        return self._synced_at + PERIOD - time.monotonic()

    def _work(self) -> None:
        while len(self._pending) > self._written:
            self._target.write(self._pending[self._written])
            self._written += 1
        if self.path != self._meant:
            self._on_note(moved_words(self._meant, self.path))
            self._meant = self.path
        if self._pause <= 0:
            self._sync()

    def _sync(self) -> None:
        try:
            self._target.sync()
        except OSError:
            self._written = 0
            raise
        with self._change:
            for _ in range(self._written):
                self._pending.popleft()
            self._synced += self._written
            self._written = 0
            self._synced_at = time.monotonic()
            self._change.notify_all()
        self._say("")

    def _fail(self, error: OSError) -> None:
        _log.warning("%s is not written: %s", self.path, error)
        self._say(trouble_words(self.path, error))
        with self._change:
            if not self._given_up:
                self._change.wait(RETRY)

    def _say(self, words: str) -> None:
        if words != self.trouble:
            self.trouble = words
            self._on_trouble(words)
