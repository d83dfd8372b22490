"""One order for all that can be undone, bounded in bytes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from psygnal import Signal

from napari_cellseg.settings import undo_memory

if TYPE_CHECKING:
    from collections.abc import Iterable


class Step(Protocol):
    """Something that was done, and can be undone and done again."""

    @property
    def words(self) -> str:
        """What was done, for the user."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""

    def undo(self) -> None:
        """Take it back."""

    def redo(self) -> None:
        """Do it again."""


class Timeline:
    """Steps that were done, and steps that were undone, in order.

    Parameters
    ----------
    limit : int, optional
        Memory for all steps (bytes); that of the settings if absent. The oldest go
        first; a step that takes more than all of it cannot be undone.

    Attributes
    ----------
    changed : Signal
        What can be undone or redone is other than before.
    forgotten : int
        Steps that had to go.
    """

    changed = Signal()

    def __init__(self, limit: int | None = None) -> None:
        self._limit = undo_memory() if limit is None else limit
        self.forgotten = 0
        self._past: deque[Step] = deque()
        self._future: deque[Step] = deque()
        self._held = 0

    @property
    def limit(self) -> int:
        """Memory for all steps (bytes); with less of it the oldest go at once."""
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._shrink()
        self.changed.emit()

    @property
    def held(self) -> int:
        """Memory that the steps take (bytes)."""
        return self._held

    @property
    def last(self) -> Step | None:
        """What `undo` would take back."""
        return self._past[-1] if self._past else None

    @property
    def next(self) -> Step | None:
        """What `redo` would do again."""
        return self._future[-1] if self._future else None

    @property
    def past(self) -> tuple[Step, ...]:
        """Steps that can be undone, the last one last."""
        return tuple(self._past)

    @property
    def future(self) -> tuple[Step, ...]:
        """Steps that can be done again, the next one last."""
        return tuple(self._future)

    def push(self, step: Step) -> None:
        """Take note of something that was done; what was undone before it is gone."""
        self._held -= sum(undone.nbytes for undone in self._future)
        self._future.clear()
        self._past.append(step)
        self._held += step.nbytes
        self._shrink()
        self.changed.emit()

    def amend(self, step: Step | None) -> None:
        """Put another step in place of the last one; None: nothing was done."""
        self._held -= self._past.pop().nbytes
        if step is not None:
            self._past.append(step)
            self._held += step.nbytes
            self._shrink()
        self.changed.emit()

    def undo(self) -> Step | None:
        """Take the last step back; None if there is none."""
        if not self._past:
            return None
        step = self._past[-1]
        # one that fails stays where it is
        step.undo()
        self._future.append(self._past.pop())
        self.changed.emit()
        return step

    def redo(self) -> Step | None:
        """Do the step again that was undone last; None if there is none."""
        if not self._future:
            return None
        step = self._future[-1]
        step.redo()
        self._past.append(self._future.pop())
        self.changed.emit()
        return step

    def take(self, past: Iterable[Step], future: Iterable[Step]) -> None:
        """Take steps that were done and undone elsewhere in place of all there are."""
        self._past, self._future = deque(past), deque(future)
        self._held = sum(step.nbytes for step in (*self._past, *self._future))
        self._shrink()
        self.changed.emit()

    def _shrink(self) -> None:
        while self._held > self.limit and self._past:
            self._held -= self._past.popleft().nbytes
            self.forgotten += 1
