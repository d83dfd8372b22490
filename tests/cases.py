"""Canonical label movies, small enough to draw.

Each function returns labels ``(T, Y, X)`` uint16 and their tracks. Drawings show one
row through the cells' middle, a line a frame; every cell is 3 pixels high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Case = tuple[NDArray[np.uint16], tuple[Track, ...]]


def one_cell() -> Case:
    """One cell that wanders to the right.

    t0  . 1 1 1 . . . . . .
    t1  . . 1 1 1 . . . . .
    t2  . . . 1 1 1 . . . .
    """
    rows = [".111......", "..111.....", "...111...."]
    return _movie(rows), (Track(1, 0, 2, 0),)


def touching_pair() -> Case:
    """Two cells without a pixel between them.

    t0  . 1 1 1 2 2 2 . . .
    t1  . 1 1 1 2 2 2 . . .
    t2  . . 1 1 1 2 2 2 . .
    """
    rows = [".111222...", ".111222...", "..111222.."]
    return _movie(rows), (Track(1, 0, 2, 0), Track(2, 0, 2, 0))


def division() -> Case:
    """A mother whose daughters move apart.

    t0  . . 1 1 1 1 . . . .
    t1  . . 1 1 1 1 . . . .
    t2  . . 2 2 3 3 . . . .
    t3  . 2 2 . . 3 3 . . .
    """
    rows = ["..1111....", "..1111....", "..2233....", ".22..33..."]
    tracks = (Track(1, 0, 1, 0), Track(2, 2, 3, 1), Track(3, 2, 3, 1))
    return _movie(rows), tracks


def missed_frame() -> Case:
    """A cell that one frame does not show: a new track, whose parent is the old one.

    t0  . 1 1 1 . . . . . .
    t1  . . 1 1 1 . . . . .
    t2  . . . . . . . . . .
    t3  . . . 2 2 2 . . . .
    t4  . . . . 2 2 2 . . .
    """
    rows = [".111......", "..111.....", "..........", "...222....", "....222..."]
    return _movie(rows), (Track(1, 0, 1, 0), Track(2, 3, 4, 1))


def leaves_field() -> Case:
    """One cell walks out of the field, the other stays.

    t0  . 1 1 1 . . . 2 2 2
    t1  . 1 1 1 . . . . 2 2
    t2  . 1 1 1 . . . . . .
    """
    rows = [".111...222", ".111....22", ".111......"]
    return _movie(rows), (Track(1, 0, 2, 0), Track(2, 0, 1, 0))


def empty_frame() -> Case:
    """Frames without any cell before and after the only one.

    t0  . . . . . . . . . .
    t1  . . . 1 1 1 . . . .
    t2  . . . . . . . . . .
    """
    rows = ["..........", "...111....", ".........."]
    return _movie(rows), (Track(1, 1, 1, 0),)


CASES: dict[str, Callable[[], Case]] = {
    make.__name__: make
    for make in (
        one_cell,
        touching_pair,
        division,
        missed_frame,
        leaves_field,
        empty_frame,
    )
}


def _movie(rows: list[str]) -> NDArray[np.uint16]:
    """Draw each row three pixels high in the middle of a frame of five rows."""
    line = [[0 if c == "." else int(c) for c in row] for row in rows]
    labels = np.zeros((len(rows), 5, len(rows[0])), np.uint16)
    labels[:, 1:4] = np.array(line, np.uint16)[:, None]
    return labels
