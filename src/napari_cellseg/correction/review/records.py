"""What the review looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

from napari_cellseg.correction.review.identity import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.review.parameters import Kind
    from napari_cellseg.postprocess import Saddle


class Disagreement(Protocol):
    """What is looked at of a conflict, see `correction.compose.Conflict`."""

    @property
    def label(self) -> int:
        """Number of the cell."""

    @property
    def place(self) -> tuple[int, int]:
        """A pixel of it (y, x)."""

    @property
    def words(self) -> str:
        """What does not agree."""


@dataclass(frozen=True, eq=False)
class FrameView:
    """What is at hand of a frame; what is not raises no doubt.

    Attributes
    ----------
    t : int
        The frame.
    labels : unsigned array of shape (Y, X)
        As they are shown.
    image : array of shape (Y, X), or None
        The frame itself.
    probability : float array of shape (Y, X), or None
        What the network said, 0 to 1.
    threshold : float
        What is greater became foreground.
    saddles : sequence of Saddle
        ``Hierarchy.doubtful(h)``.
    h : float
        Depth of the cut (px).
    conflicts : sequence of Conflict
        Of this frame, see `correction.compose`.
    """

    t: int
    labels: NDArray[np.unsignedinteger]
    image: NDArray[Any] | None = None
    probability: NDArray[np.floating] | None = None
    threshold: float = 0.5
    saddles: Sequence[Saddle] = ()
    h: float = 0.0
    conflicts: Sequence[Disagreement] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cell is doubted.

    Attributes
    ----------
    kind : str
        Which of the `Kind`s.
    words : str
        For the user: ``area 2.1 times that of the frame before``.
    doubt : float
        0 to the weight of its kind.
    """

    kind: Kind
    words: str
    doubt: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cell to look at.

    Attributes
    ----------
    t, label : int
        Frame and number. A conflict may name an automatic cell that gave way: no cell
        of that number is shown then, and its area is 0.
    reasons : tuple of Reason
        By falling doubt, at least one.
    place : tuple of float
        Where it is (y, x) (px).
    area : int
        Its size (px²).

    Examples
    --------
    >>> reasons = Reason("border", "touches the border", 0.5), Reason("split", "", 0.5)
    >>> suspect = Suspect(3, 7, reasons, (10.4, 20.0), 120)
    >>> suspect.doubt, suspect.key
    (0.75, '3:10:20:120:border,split')
    """

    t: int
    label: int
    reasons: tuple[Reason, ...]
    place: tuple[float, float]
    area: int

    @property
    def doubt(self) -> float:
        """That of all reasons, as if each were independent: 1 - prod(1 - doubt)."""
        return 1 - prod(1 - reason.doubt for reason in self.reasons)

    @property
    def words(self) -> str:
        """All reasons, for the user."""
        return "; ".join(reason.words for reason in self.reasons)

    @property
    def key(self) -> str:
        """What a verdict on it is kept under, see `identity`."""
        kinds = sorted({reason.kind for reason in self.reasons})
        return key(self.t, self.place, self.area, kinds)
