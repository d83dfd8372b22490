"""What goes to a worker and comes back, and the mailbox in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Marks
    from napari_cellseg.pipeline import Segmentation
    from napari_cellseg.postprocess.changes import Changes
    from napari_cellseg.recipe import Recipe


@dataclass(frozen=True)
class Request:
    """One frame, wanted by one recipe.

    Attributes
    ----------
    number : int
        Greater for every later request of a session.
    frame : int
        Index of the frame.
    recipe : Recipe
        As wanted: fields may be automatic.
    preview : bool
        The image with its contrast normalised is wanted too.
    against : Recipe or None
        Not the frame is wanted, but what changed in it since this recipe.
    marks : mapping of int to Mark
        Corrections of the frame, under which nothing changes.
    """

    number: int
    frame: int
    recipe: Recipe
    preview: bool = False
    against: Recipe | None = None
    marks: Marks = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DrawnChanges:
    """What changed in a frame from one recipe to another.

    Attributes
    ----------
    changes : Changes
        Which cells.
    outlines : bool array of shape (Y, X)
        Their outlines.
    """

    changes: Changes
    outlines: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a worker found.

    Attributes
    ----------
    request : Request
        What it answers.
    recipe : Recipe
        The recipe used, with numbers where the request's was automatic.
    segmentation : Segmentation or None
        None if it was not wanted, or could not be had at once.
    contrast : float32 array of shape (Y, X) or None
        The normalised image, if it was wanted.
    comparison : DrawnChanges or None
        What changed, if that was wanted and could be had at once.
    error : str
        What went wrong, in words for the user; empty if nothing did.
    """

    request: Request
    recipe: Recipe
    segmentation: Segmentation | None = None
    contrast: NDArray[np.float32] | None = None
    comparison: DrawnChanges | None = None
    error: str = ""


@dataclass(frozen=True)
class Step:
    """How far a longer piece of work is.

    Attributes
    ----------
    words : str
        What is being done.
    done, total : int
        Frames; a total of 0 is not known.
    """

    words: str
    done: int = 0
    total: int = 0


class Mailbox:
    """One slot from the window to a worker: the latest request wins.

    A request that has not been taken when the next one arrives is forgotten.
    """

    def __init__(self) -> None:
        self._slot: Request | None = None
        self._closed = False
        self._changed = Condition()

    def put(self, request: Request) -> None:
        """Leave a request in place of the one that waits."""
        with self._changed:
            self._slot = request
            self._changed.notify_all()

    def take(self) -> Request | None:
        """Wait for a request; None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._slot is not None)
            taken, self._slot = self._slot, None
            return None if self._closed else taken

    def close(self) -> None:
        """Let the worker go, whatever it waits for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
