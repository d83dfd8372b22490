"""What corrections are shown on, and written down in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.journal import Record

    Labels = NDArray[np.unsignedinteger]


class Frames(Protocol):
    """Where the labels are shown: a layer's, or any array's."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, Y, X)."""

    @property
    def limit(self) -> int:
        """The highest number that can be shown."""

    def read(self, t: int) -> Labels:
        """Frame t as it is shown, unsigned (Y, X); not to be written to."""

    def write(self, t: int, labels: Labels) -> None:
        """Show other labels in frame t."""

    def top(self) -> int:
        """Return the greatest number in any frame."""

    def used(self) -> NDArray[np.int64]:
        """Return the numbers in all frames (N,), rising."""


class Log(Protocol):
    """Where records are written down."""

    def append(self, record: Record) -> None:
        """Write a record, soon."""
