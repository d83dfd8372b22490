"""Which frame follows next: for any number of threads, without Qt."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellseg.session.requests import Answer, Request

ROOM = 8
"""Frames that may be under way or wait for the window: they fill the memory."""


@dataclass(frozen=True)
class Task:
    """A frame for a worker.

    Attributes
    ----------
    number : int
        Of the pass that it belongs to.
    request : Request
        What to answer.
    """

    number: int
    request: Request


class Schedule:
    """A pass over frames that ends with another's beginning; the nearest frames first.

    The window begins passes and collects answers. Workers take tasks, and put answers
    in; those of a former pass are dropped.

    Parameters
    ----------
    room : int
        Frames that may be under way or wait to be collected; workers wait beyond.
    """

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self._changed = Condition()
        self._todo: list[int] = []
        self._done: deque[Answer] = deque()
        self._ask: Callable[[int], Request] | None = None
        self._number = 0
        # under way: in all, and of this pass
        self._busy = self._current = 0
        self._told = False
        self._resting = False
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nothing of the pass is to be done, under way or to be collected."""
        with self._changed:
            return not (self._todo or self._current or self._done)

    def begin(
        self, frames: Iterable[int], near: int, ask: Callable[[int], Request]
    ) -> None:
        """Begin a pass; what is left of the one before is forgotten.

        Parameters
        ----------
        frames : iterable of int
            Which are to follow.
        near : int
            The frame on screen.
        ask : callable
            Makes the request for a frame, in the thread of a worker.
        """
        with self._changed:
            self._end()
            self._todo, self._ask = list(frames), ask
            self._sort(near)

    def look(self, near: int) -> None:
        """Go on with the frames near another one."""
        with self._changed:
            self._sort(near)

    def stop(self) -> None:
        """End the pass: nothing more is taken, and nothing is handed over."""
        with self._changed:
            self._end()

    def rest(self, on: bool) -> None:
        """Let workers take nothing for a while, or let them go on."""
        with self._changed:
            self._resting = on
            self._changed.notify_all()

    def close(self) -> None:
        """Let the workers go."""
        with self._changed:
            self._end()
            self._closed = True
            self._changed.notify_all()

    def take(self) -> Task | None:
        """Wait for a frame; None once the schedule is closed."""
        with self._changed:
            self._changed.wait_for(self._may_take)
            if self._closed:
                return None
            assert self._ask is not None
            self._busy += 1
            self._current += 1
            return Task(self._number, self._ask(self._todo.pop()))

    def put(self, task: Task, answer: Answer) -> bool:
        """Hand an answer over.

        Returns
        -------
        bool
            Whether the window is to be told: it does not know yet that there is
            something to collect.
        """
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()
            if task.number != self._number:
                return False
            self._current -= 1
            self._done.append(answer)
            tell, self._told = not self._told, True
            return tell

    def collect(self) -> Answer | None:
        """Take the oldest answer; None if there is none: `put` tells of the next."""
        with self._changed:
            if not self._done:
                self._told = False
                return None
            self._changed.notify_all()
            return self._done.popleft()

    def _may_take(self) -> bool:
        crowded = self._busy + len(self._done) >= self.room
        return self._closed or bool(self._todo and not crowded and not self._resting)

    def _end(self) -> None:
        self._number += 1
        self._current = 0
        self._todo.clear()
        self._done.clear()

    def _sort(self, near: int) -> None:
        """Put the nearest frame at the end, where it is taken; of two, the later."""
        self._todo.sort(key=lambda t: (abs(t - near), -t), reverse=True)
        self._changed.notify_all()
