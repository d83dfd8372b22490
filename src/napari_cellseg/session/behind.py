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

_log = logging.getLogger(__name__)


class WriteBehind:
    """Writes frames soon after they changed; each only as it is then.

    The thread lives while there is something to write. What cannot be written stays to
    be written, and is tried again after the next change.

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
    pending : set of int
        Frames that are not written yet.
    trouble : str
        Why frames cannot be written, in words; empty if they can.
    """

    def __init__(
        self,
        target: Any,
        fetch: Callable[[int], NDArray[np.unsignedinteger]],
        done: Callable[[int], None],
    ) -> None:
        self.target = target
        self.pending: set[int] = set()
        self.trouble = ""
        self._fetch, self._done = fetch, done
        self._state, self._writing = Lock(), Lock()
        self._at_once = Event()
        self._thread: Thread | None = None

    def note(self, t: int) -> None:
        """Write frame t soon."""
        with self._state:
            self.pending.add(t)
            if self._thread is None:
                self._at_once.clear()
                self._thread = Thread(target=self._work, name="labels", daemon=True)
                self._thread.start()

    def flush(self) -> bool:
        """Write all that is pending, and wait for it; whether it could be written."""
        self._at_once.set()
        self._write_all()
        return not self.pending

    def _work(self) -> None:
        self._at_once.wait(DELAY)
        while True:
            written = self._write_all()
            with self._state:
                if not (written and self.pending):
                    self._thread = None
                    return

    def _write_all(self) -> bool:
        """Write until nothing is pending, or one cannot be written."""
        with self._writing:
            while (t := self._next()) is not None:
                if not self._write(t):
                    return False
        return True

    def _next(self) -> int | None:
        # a change from now on is written again
        with self._state:
            t = min(self.pending, default=None)
            self.pending.discard(-1 if t is None else t)
            return t

    def _write(self, t: int) -> bool:
        frame = self._fetch(t)
        dtype = np.dtype(self.target.dtype)
        if int(frame.max(initial=0)) > np.iinfo(dtype).max:
            self.trouble = (
                f"Frame {t} stays in memory: it holds the number {int(frame.max())}, "
                f"and the file's type {dtype} ends at {np.iinfo(dtype).max}."
            )
            return True
        try:
            self.target[t if len(self.target.shape) > 2 else ...] = frame.astype(dtype)
        except (OSError, ValueError, RuntimeError) as error:
            with self._state:
                self.pending.add(t)
            self.trouble = f"Frame {t} cannot be written, and stays in memory: {error}"
            _log.warning("%s", self.trouble)
            return False
        self.trouble = ""
        self._done(t)
        return True
