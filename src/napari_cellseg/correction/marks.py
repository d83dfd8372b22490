"""What the user did to a cell, and an edit: marks before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.correction.shape import Shape

Status = Literal["edited", "locked"]
OVERHEAD = 120
"""What a mark or a change takes beside its shapes (bytes)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the user made of the cell of a number, in one frame.

    Cells without a mark are automatic. The cells of a frame's marks share no pixel.

    Attributes
    ----------
    cell : Shape or None
        Its pixels; None if it was deleted or merged away, and its number is taken.
    void : Shape or None
        Pixels that were taken from it and are background: no automatic cell comes
        back there.
    status : {"edited", "locked"}
        A locked cell refuses edits.
    based : bool
        Whether it lay on automatic cells when it was made: that it lies on nothing
        later is a conflict then.
    """

    cell: Shape | None
    void: Shape | None = None
    status: Status = "edited"
    based: bool = True

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        shapes = (self.cell, self.void)
        return OVERHEAD + sum(shape.nbytes for shape in shapes if shape is not None)


Marks: TypeAlias = "Mapping[int, Mark]"
"""Of one frame, by the number of the cell."""


@dataclass(frozen=True, slots=True)
class Change:
    """One mark before and after; None is none: the cell is automatic.

    Attributes
    ----------
    t : int
        The frame.
    label : int
        Number of the cell.
    before, after : Mark or None
        Its marks.
    """

    t: int
    label: int
    before: Mark | None
    after: Mark | None

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        marks = (self.before, self.after)
        return OVERHEAD + sum(mark.nbytes for mark in marks if mark is not None)

    @property
    def inverse(self) -> Change:
        """What undoes it."""
        return Change(self.t, self.label, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of the user's: what it was, and the marks that it changed.

    Attributes
    ----------
    words : str
        For the user: ``Merge 3 and 7 in frame 4``.
    changes : tuple of Change
        At most one a frame and cell.
    """

    words: str
    changes: tuple[Change, ...]

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        return OVERHEAD + sum(change.nbytes for change in self.changes)

    @property
    def inverse(self) -> Edit:
        """What undoes it."""
        return Edit(self.words, tuple(change.inverse for change in self.changes))

    @property
    def frames(self) -> list[int]:
        """Frames that it changes, rising."""
        return sorted({change.t for change in self.changes})
