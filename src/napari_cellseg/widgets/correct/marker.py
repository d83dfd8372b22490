"""A box around the suspect that one is at: cells beside it look the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.widgets.correct.trace import Trace

if TYPE_CHECKING:
    from napari_cellseg.correction.review import Suspect
    from napari_cellseg.session.review import Review
    from napari_cellseg.widgets.layers.corrected import Corrected

MARGIN = 3.0
"""Between the cell and the box (px)."""
HALF = 9.0
"""Half a side of the box where there is no cell (px)."""


class Marker:
    """Marks a suspect on its frame until something is said of it.

    Attributes
    ----------
    corners : list of (float, float)
        Those of the box (y, x), closed; empty while there is none.
    """

    def __init__(self) -> None:
        self.corners: list[tuple[float, float]] = []
        self._trace: Trace | None = None

    def show(self, corrected: Corrected | None, review: Review | None) -> None:
        """Draw the box where it is now, or none."""
        self.corners = []
        if self._trace is not None:
            self._trace.clear()
        if corrected is None or review is None or corrected.lacking:
            return
        suspect = review.current
        if suspect is None or suspect.t != corrected.t or review.queue.verdict(suspect):
            return
        self.corners = _box(review, suspect)
        if self._trace is None or self._trace.viewer is not corrected.viewer:
            self._trace = Trace(corrected.viewer)
        self._trace.show(corrected.layer, self.corners, ())


def _box(review: Review, suspect: Suspect) -> list[tuple[float, float]]:
    number = review.number(suspect)
    cell = review.corrections.frames.read(suspect.t) == number
    if number and cell.any():
        ends = [np.flatnonzero(cell.any(axis=axis))[[0, -1]] for axis in (1, 0)]
        (top, bottom), (left, right) = (
            (float(low) - MARGIN, float(high) + MARGIN) for low, high in ends
        )
    else:
        y, x = suspect.place
        top, bottom, left, right = y - HALF, y + HALF, x - HALF, x + HALF
    return [(top, left), (top, right), (bottom, right), (bottom, left), (top, left)]
