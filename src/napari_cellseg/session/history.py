"""A value, and what it was before; the moves of one drag are one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from psygnal import Signal

from napari_cellseg.session.steps import Changed, Course

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V")


def _arrow(old: object, new: object) -> str:
    return f"{old} → {new}"


class History(Generic[V]):
    """A value and what it was before; each change is a step in a timeline.

    Parameters
    ----------
    value : V
        The value to begin with; it is never changed, only replaced.
    words : callable
        Says what changes from one value to another.

    Attributes
    ----------
    changed : Signal
        The value was replaced by a step that was undone, or done again.
    released : Signal
        A drag ended.
    held : bool
        Whether a drag goes on.
    before : V or None
        What it was before it changed last, be it by an undo; None if that is not known.
    course : Course
        Whose timeline the steps are in.

    Examples
    --------
    >>> history = History(1)
    >>> history.hold()
    >>> history.change(2)
    >>> history.change(3)
    >>> history.release()
    >>> step = history.course.timeline.undo()
    >>> step.words, history.value
    ('1 → 3', 1)
    """

    changed = Signal()
    released = Signal()

    def __init__(self, value: V, words: Callable[[V, V], str] = _arrow) -> None:
        self.value = value
        self.held = False
        self.before: V | None = None
        self.course: Course[V] = Course()
        self._words = words
        self._before_drag: V | None = None
        # of the drag that goes on
        self._step: Changed[V] | None = None
        self.attach(self.course)

    def attach(self, course: Course[V]) -> None:
        """Work on another stack, whose steps change this value from now on.

        What it was before was never shown there.
        """
        if self.course.history is self:
            self.course.leave()
        self.course, course.history = course, self
        self.before = self._step = None

    def hold(self) -> None:
        """Begin a drag: changes until `release` are one step."""
        self.held, self._step = True, None
        self._before_drag = self.before

    def release(self) -> None:
        """End a drag; one that came back to where it began is no step."""
        step, self.held, self._step = self._step, False, None
        timeline = self.course.timeline
        if step is not None and timeline.last is step and step.old == self.value:
            timeline.amend(None)
            self.before = self._before_drag
        self.released.emit()

    def change(self, value: V) -> None:
        """Replace the value; that is a step, or belongs to that of the drag."""
        if value == self.value:
            return
        timeline, step = self.course.timeline, self._step
        if step is not None and timeline.last is step:
            old = step.old
            self._step = self._changed(old, value)
            timeline.amend(self._step)
        else:
            old = self.value
            self._step = self._changed(old, value)
            timeline.push(self._step)
        self.before, self.value = old, value
        if not self.held:
            self._step = None

    def take_up(self, value: V, step: bool = True) -> None:
        """Go on from a value made elsewhere; nothing is known of what was before it.

        Parameters
        ----------
        value : V
            The value.
        step : bool
            Whether the user had chosen what it replaces: it can be had again then.
        """
        if step:
            self.change(value)
        self.value, self.before = value, None

    def go(self, value: V) -> None:
        """Replace the value, for a step that is undone or done again."""
        self.before, self.value = self.value, value
        self.changed.emit()

    def _changed(self, old: V, new: V) -> Changed[V]:
        return Changed(self.course, old, new, self._words(old, new))
