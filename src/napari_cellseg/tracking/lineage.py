"""One row of a lineage: the Cell Tracking Challenge's ``L B E P``."""

from __future__ import annotations

from dataclasses import dataclass


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
