"""Interpolate: a cell that is missing between two frames that show it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from napari_cellseg.correction import edits
from napari_cellseg.errors import EditError
from napari_cellseg.session import Step
from napari_cellseg.widgets.correct.tools.over import Found, in_frames
from napari_cellseg.widgets.correct.tools.tool import Gesture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.widgets.correct.desk import Desk
    from napari_cellseg.widgets.correct.tools.tool import Place

    End = tuple[int, int]
    """A frame, and the number of the cell there."""


class Interpolate(Gesture):
    """Fills a gap: of numbered cells at a click, of others between two clicks."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._first: End | None = None

    def click(self, place: Place) -> None:
        """Take the gap, or one end of it."""
        if self.desk.corrections.by_number:
            self._fill(*gap(self.desk.corrections, place))
            return
        end = place[0], self.desk.cell(place)
        if self._first is None or self._first[0] == end[0]:
            self._first = end
            self.desk.hinted.emit(
                f"From cell {end[1]} of frame {end[0]}: go to the frame where it is "
                "seen again, and click it there."
            )
            return
        first, self._first = self._first, None
        self._fill(*sorted((first, end)))

    def _fill(self, first: End, last: End) -> None:
        if last[0] - first[0] < 2:
            raise EditError("There is no frame between the two: nothing is missing.")
        corrections, words = self.desk.corrections, f"Interpolate {first[1]}"
        work = interpolated(corrections, words, first, last)
        self.desk.work(work, nothing="Other cells lie there: no room.")


def gap(corrections: Corrections, place: Place) -> tuple[End, End]:
    """Find the gap of a numbered cell: around the frame, else after it, else before it.

    Raises
    ------
    EditError
        If no cell is seen here in this frame or an earlier one, or it has no gap.
    """
    t, y, x = place
    read, count = corrections.frames.read, corrections.frames.shape[0]
    label = edits.label_at(read(t), y, x)
    begin = t
    while not label and begin > 0:
        begin -= 1
        label = edits.label_at(read(begin), y, x)
    if not label:
        raise EditError("Point at the cell, or at where it is missing.")

    def seen(u: int) -> bool:
        return bool((read(u) == label).any())

    there = [u for u in range(count) if seen(u)]
    gaps = [(a, b) for a, b in pairwise(there) if b - a > 1]
    if not gaps:
        raise EditError(f"Cell {label} is missing in no frame between others.")
    # the gap that the frame lies in; else the nearest, of two the later
    a, b = min(gaps, key=lambda ends: (_away(t, ends), -ends[0]))
    return (a, label), (b, label)


def _away(t: int, ends: tuple[int, int]) -> int:
    a, b = ends
    return max(a - t, t - b, 0)


def interpolated(
    corrections: Corrections, words: str, first: End, last: End
) -> Iterator[Step | Found]:
    """Make the cell in each frame between two, where no other cell lies.

    Yields
    ------
    Step, and at last Found
    """
    read = corrections.frames.read
    (a, label), (b, other) = first, last
    patches: dict[int, Patch] = {}
    for t in range(a + 1, b):
        yield Step(words, t - a - 1, b - a - 1)
        shape = edits.interpolate(read(a), read(b), label, other, (t - a) / (b - a))
        labels = read(t)
        taken = (labels == label).any()
        number = corrections.new_label(t) if taken else label
        patch = edits.draw(labels, number, shape.mask, shape.y, shape.x)
        if not patch.empty:
            patches[t] = patch
    yield Found(f"{words} in {in_frames(patches)}", patches)
