"""Changed frames written to where they came from, by a thread of their own."""

from __future__ import annotations

import logging
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DELAY = 0.5
"""Wait after a change (s): strokes come one after another."""
FAILURES = (KeyError, OSError, RuntimeError, ValueError)
"""What zarr, its stores and its codecs raise where they cannot read or write. Those of
remote stores have more of their own: nothing is lost by them, but the thread ends with
them, for all to see."""

_log = logging.getLogger(__name__)


class WriteBehind:
    """Writes frames soon after they changed; each only as it is then.

    The thread lives while there is something to write. What cannot be written stays to
    be written, and is tried again after the next change. A frame with a number beyond
    the target's type is refused until it changes.

    Parameters
    ----------
    target : array-like of shape (T, Y, X) or (Y, X)
        Written to by ``target[t] = frame``, or ``target[...] = frame``.
    fetch : callable
        Returns a copy of frame t as it is.
    done : callable
        Called with a frame, in the thread, when it is written.

    Attributes
    ----------
    pending : dict of int
        Frames that are to be written, in this order.
    refused : dict of int to str
        Frames that cannot be, and why, in words.
    """

    def __init__(
        self,
        target: Any,
        fetch: Callable[[int], NDArray[np.unsignedinteger]],
        done: Callable[[int], None],
    ) -> None:
        self.target = target
        self.pending: dict[int, None] = {}
        self.refused: dict[int, str] = {}
        self._failure = ""
        self._fetch, self._done = fetch, done
        self._state = Lock()
        self._at_once = Event()
        self._thread: Thread | None = None

    @property
    def waiting(self) -> bool:
        """Whether frames are not written yet."""
        # one that is being written is in neither
        return bool(self.pending or self.refused or self._thread)

    @property
    def trouble(self) -> str:
        """Why frames cannot be written, in words; empty if they can."""
        with self._state:
            return " ".join([self._failure, *self.refused.values()]).strip()

    def note(self, t: int) -> None:
        """Write frame t soon."""
        with self._state:
            self.pending[t] = None
            if self._thread is None:
                self._at_once.clear()
            self._begin()

    def flush(self) -> bool:
        """Write all that is pending, and wait for it; whether all is written."""
        with self._state:
            self._at_once.set()
            thread = self._begin() if self.pending else self._thread
        if thread is not None:
            thread.join()
        return not self.waiting

    def _begin(self) -> Thread:
        """Return the thread that writes; one is begun where there is none."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name="labels", daemon=True)
            self._thread.start()
        return self._thread

    def _work(self) -> None:
        self._at_once.wait(DELAY)
        while self._write_next():
            pass

    def _write_next(self) -> bool:
        """Write a frame; whether to go on."""
        with self._state:
            if not self.pending:
                self._thread = None
                return False
            # a change from now on is written again
            t = next(iter(self.pending))
            del self.pending[t]
            self.refused.pop(t, None)
        failure = "it cannot be written"
        try:
            failure = self._write(t)
        finally:
            with self._state:
                self._failure = failure and f"Frame {t} stays in memory: {failure}"
                if failure:
                    self.pending[t] = None
                    self._thread = None
        return not failure

    def _write(self, t: int) -> str:
        """Write a frame, or refuse it; where it cannot be written, words for why."""
        frame = self._fetch(t)
        dtype = np.dtype(self.target.dtype)
        if int(frame.max(initial=0)) > np.iinfo(dtype).max:
            with self._state:
                self.refused[t] = (
                    f"Frame {t} stays in memory: it holds the number {int(frame.max())}"
                    f", and the file's type {dtype} ends at {np.iinfo(dtype).max}."
                )
            return ""
        try:
            self.target[t if len(self.target.shape) > 2 else ...] = frame.astype(dtype)
        except FAILURES as error:
            _log.warning("Frame %s cannot be written: %s", t, error)
            return f"it cannot be written: {error}"
        self._done(t)
        return ""
