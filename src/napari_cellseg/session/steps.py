"""What can be undone beside edits: changes of parameters, and runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from napari_cellseg.correction.history import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.correction.packed import Packed
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.history import History

V = TypeVar("V")

RECIPE = 4096
"""What a change of parameters takes (bytes); recipes share what they have in common."""


class Course(Generic[V]):
    """The timeline of a stack, and whose value its steps change.

    Parameters
    ----------
    timeline : Timeline, optional
        Its own if absent.

    Attributes
    ----------
    history : History or None
        Of the session that works on the stack; None while none does.
    value : V or None
        What was chosen when the last session left; None if none did.
    """

    def __init__(self, timeline: Timeline | None = None) -> None:
        self.timeline = timeline or Timeline()
        self.history: History[V] | None = None
        self.value: V | None = None

    def go(self, value: V) -> None:
        """Change the value: at once, or for the session that comes next."""
        if self.history is not None:
            self.history.go(value)
        else:
            self.value = value

    def leave(self) -> None:
        """Work on the stack no more; what is chosen is kept."""
        if self.history is not None:
            self.value, self.history = self.history.value, None


@dataclass(frozen=True, eq=False)
class Changed(Generic[V]):
    """A value that was replaced by another, such as a recipe.

    Attributes
    ----------
    course : Course
        Whose value it is.
    old, new : V
        Before and after.
    words : str
        What was done, for the user.
    nbytes : int
        Memory that it takes (bytes).
    """

    course: Course[V]
    old: V
    new: V
    words: str
    nbytes: int = RECIPE

    def undo(self) -> None:
        """Take it back."""
        self.course.go(self.old)

    def redo(self) -> None:
        """Do it again."""
        self.course.go(self.new)


@dataclass(frozen=True)
class Snapshot:
    """What is found in a frame, without corrections; equal ones look the same.

    Attributes
    ----------
    recipe : Recipe
        What it was made by.
    labels, mask : Packed
        The automatic labels, and the foreground.
    nuclei : Packed or None
        Where nuclei are, if there are any.
    """

    recipe: Recipe
    labels: Packed
    mask: Packed
    nuclei: Packed | None = None

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        nuclei = self.nuclei.nbytes if self.nuclei is not None else 0
        return self.labels.nbytes + self.mask.nbytes + nuclei


class Board(Protocol):
    """Where results are shown."""

    def snapshot(self, t: int) -> Snapshot | None:
        """Take down what is found in frame t; None if it has no result."""

    def made_by(self, t: int) -> Recipe | None:
        """Return the recipe of frame t's result; None if it has none."""

    def put(self, frames: Mapping[int, Snapshot | None], pin: bool) -> None:
        """Show frames as they were, and let them follow no more if they are pinned."""


@dataclass(frozen=True, eq=False)
class Ran:
    """A run that gave frames other automatic labels.

    Attributes
    ----------
    words : str
        What was run, for the user.
    board : Board
        Where its results are shown.
    before, after : dict of int to Snapshot
        By frame; before it is None where there was no result.
    """

    words: str
    board: Board
    before: dict[int, Snapshot | None]
    after: dict[int, Snapshot]

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        shots = (*self.before.values(), *self.after.values())
        return RECIPE + sum(shot.nbytes for shot in shots if shot is not None)

    @property
    def frames(self) -> list[int]:
        """Frames that it changes."""
        return sorted(self.after)

    def undo(self) -> None:
        """Put the frames back as they were, and pin them."""
        self.board.put(self.before, pin=True)

    def redo(self) -> None:
        """Show again what was found."""
        self.board.put(dict(self.after), pin=False)


class Run:
    """Collects what a run changes, frame by frame, for one step at its end.

    Parameters
    ----------
    words : str
        What is run, for the user.
    board : Board
        Where its results are shown.
    """

    def __init__(self, words: str, board: Board) -> None:
        self.words = words
        self.board = board
        self._before: dict[int, Snapshot | None] = {}
        self._after: dict[int, Snapshot | None] = {}

    def begins(self, t: int) -> None:
        """Take note of frame t before its result is shown, for the first time."""
        if t not in self._before:
            self._before[t] = self.board.snapshot(t)

    def shown(self, t: int) -> None:
        """Take note of frame t once its result is shown."""
        self._after[t] = self.board.snapshot(t)

    def step(self) -> Ran | None:
        """Return what can be undone; None if no automatic label is other than before.

        Frames may have followed a slider after they were run: they are as they are now.
        """
        for t, shot in self._after.items():
            if shot is not None and self.board.made_by(t) is not shot.recipe:
                self._after[t] = self.board.snapshot(t)
        after = {
            t: shot
            for t, shot in self._after.items()
            if shot is not None and not _same(self._before[t], shot)
        }
        before = {t: self._before[t] for t in after}
        return Ran(self.words, self.board, before, after) if after else None


def _same(one: Snapshot | None, other: Snapshot) -> bool:
    """Whether the labels are, and the nuclei: what recipe made them is no matter."""
    if one is None:
        return False
    return (one.labels, one.nuclei) == (other.labels, other.nuclei)
