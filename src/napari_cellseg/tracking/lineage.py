"""One row of a lineage: the Cell Tracking Challenge's ``L B E P``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ROW = re.compile(r"\d+[ \t]+\d+[ \t]+\d+[ \t]+\d+")


@dataclass(frozen=True, order=True, slots=True)
class Track:
    """A cell from its first frame to its last.

    Attributes
    ----------
    label : int
        The id of its pixels in every frame, from 1.
    begin, end : int
        First and last frame, zero-based, both included.
    parent : int
        The label of the track it stems from; 0 where there is none.

    Examples
    --------
    >>> Track(3, 5, 9, 1).frames()
    range(5, 10)
    """

    label: int
    begin: int
    end: int
    parent: int = 0

    def frames(self) -> range:
        """Frames in which the cell is present."""
        return range(self.begin, self.end + 1)

    def row(self) -> str:
        """Line ``L B E P`` of a lineage table."""
        return f"{self.label} {self.begin} {self.end} {self.parent}"

    @classmethod
    def from_row(cls, row: str) -> Track | None:
        """Read a line ``L B E P``; None if it is not four whole numbers.

        Examples
        --------
        >>> Track.from_row("3 5 9 1").row()
        '3 5 9 1'
        >>> Track.from_row("3 5 9") is None
        True
        """
        row = row.strip()
        return cls(*map(int, row.split())) if _ROW.fullmatch(row) else None
