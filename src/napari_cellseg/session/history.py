"""Undo and redo of a value; the moves of one drag are one step."""

from __future__ import annotations

from typing import Generic, TypeVar

from psygnal import Signal

V = TypeVar("V")

DEPTH = 200


class History(Generic[V]):
    """A value and what it was before.

    Parameters
    ----------
    value : V
        The value to begin with; it is never changed, only replaced.

    Attributes
    ----------
    released : Signal
        A drag ended.
    held : bool
        Whether a drag goes on.
    before : V or None
        What it was before it changed last, be it by an undo; None if that is not known.

    Examples
    --------
    >>> history = History(1)
    >>> history.hold()
    >>> history.change(2)
    >>> history.change(3)
    >>> history.release()
    >>> history.undo(), history.redo()
    (1, 3)
    """

    released = Signal()

    def __init__(self, value: V) -> None:
        self.value = value
        self.held = False
        self.before: V | None = None
        self._past: list[V] = []
        self._future: list[V] = []
        self._moved = False
        self._before_drag: V | None = None

    @property
    def previous(self) -> V | None:
        """What `undo` would bring back."""
        return self._past[-1] if self._past else None

    @property
    def next(self) -> V | None:
        """What `redo` would bring back."""
        return self._future[-1] if self._future else None

    def hold(self) -> None:
        """Begin a drag: changes until `release` are one step."""
        self.held, self._moved = True, False
        self._before_drag = self.before

    def release(self) -> None:
        """End a drag; one that came back to where it began is no step."""
        self.held = False
        if self._moved and self._past and self._past[-1] == self.value:
            self._past.pop()
            self.before = self._before_drag
        self.released.emit()

    def change(self, value: V) -> None:
        """Replace the value; the old one can be had again."""
        if value == self.value:
            return
        if not (self.held and self._moved):
            self._past.append(self.value)
            del self._past[:-DEPTH]
            self.before = self.value
        self._moved = True
        self._future.clear()
        self.value = value

    def take_up(self, value: V) -> None:
        """Go on from a value made elsewhere; nothing is known of what was before it.

        Where there was no change yet there is none to undo.
        """
        if self._past or self._future:
            self.change(value)
        self.value, self.before = value, None

    def undo(self) -> V:
        """Go back a step, if there is one; the value after it."""
        if self._past:
            self._future.append(self.value)
            self.before, self.value = self.value, self._past.pop()
        return self.value

    def redo(self) -> V:
        """Take back an `undo`, if there is one; the value after it."""
        if self._future:
            self._past.append(self.value)
            self.before, self.value = self.value, self._future.pop()
        return self.value
