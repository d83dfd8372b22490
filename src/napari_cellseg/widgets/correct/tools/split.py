"""Split: drag a line across, or click seeds."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from napari_cellseg.correction import edits
from napari_cellseg.errors import EditError
from napari_cellseg.widgets.correct.evidence import evidence_of
from napari_cellseg.widgets.correct.tools.tool import Gesture

if TYPE_CHECKING:
    from napari_cellseg.widgets.correct.tools.tool import Place

APART = 1.5
"""Two clicks nearer than this (px) are one seed: the two of a double click."""


class Split(Gesture):
    """Cuts cells along a line, or one cell between seeds."""

    def click(self, place: Place) -> None:
        """Take a seed."""
        t, y, x = place
        if t != self.t:
            self.t, self.seeds = t, []
        label = self.desk.cell(place)
        if all(hypot(y - b, x - a) > APART for b, a in self.seeds):
            self.seeds.append((y, x))
        count = len(self.seeds)
        more = "Enter splits it there, or click more places."
        one = f"Split cell {label}: click a second place in it."
        self.desk.hinted.emit(one if count == 1 else f"{count} places: {more}")

    def drag(self, t: int, line: list[tuple[float, float]]) -> None:
        """Cut along the line."""
        self.seeds = []
        new = self.desk.corrections.new_label(t)
        patch = edits.split_line(self.desk.frame(t), line, new=new)
        self.desk.edit(f"Split in frame {t}", {t: patch})

    def finish(self) -> None:
        """Cut between the seeds."""
        if len(self.seeds) < 2 or self.t != self.desk.t:
            raise EditError("Click two or more seeds in a cell of this frame first.")
        seeds, self.seeds, t = self.seeds, [], self.t
        new = self.desk.corrections.new_label(t)
        corrected = self.desk.corrected
        assert corrected is not None
        landscape = evidence_of(corrected, images=False).landscape(t)
        patch = edits.split_seeds(self.desk.frame(t), seeds, new, landscape)
        self.desk.edit(f"Split in frame {t}", {t: patch})
