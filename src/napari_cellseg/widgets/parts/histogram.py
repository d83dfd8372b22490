"""How large the cells of a frame are."""

from __future__ import annotations

from math import ceil, floor, log
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF

from napari_cellseg.widgets.parts.plot import (
    Plot,
    mark_pen,
    not_known,
    round_numbers,
    short,
)
from napari_cellseg.widgets.parts.unit import PX, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QPainter

BIN = 2**0.25
"""From one edge to the next: the cells of a bin differ by less than a fifth."""

LEAST = 12
"""Bins that are shown at least: a factor of 8."""


class AreaHistogram(Plot):
    """Histogram of areas on a logarithmic axis, with the smallest area marked.

    The bins are the same whatever is shown, so that bars do not jump as a slider moves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.areas: NDArray[np.float64] = np.zeros(0)
        self.counts: NDArray[np.intp] = np.zeros(0, np.intp)
        self.smallest: float | None = None
        self.known = False
        self.what = "Area"
        self.unit = PX
        self._first = 0
        self._last = LEAST
        self.setAccessibleName("Areas of the cells")

    def show_areas(self, areas: NDArray[np.integer] | None, why: str = "") -> None:
        """Show the areas of cells (px²); None: not known, and why."""
        self.known, self.why = areas is not None, why
        self.areas = np.asarray([] if areas is None else areas, np.float64)
        self._bin()

    def name(self, what: str) -> None:
        """Say what the areas are of."""
        if what != self.what:
            self.what = what
            self.update()

    def mark(self, smallest: float | None, unit: Unit) -> None:
        """Mark the smallest area (px²), and say areas in a unit."""
        self.smallest, self.unit = smallest, unit
        self._bin()

    def median(self) -> float:
        """Median area (px²); nan without cells."""
        return float(np.median(self.areas)) if self.areas.size else np.nan

    def title(self) -> str:
        """Words above: the median."""
        if not self.known:
            return f"{self.what}: not known"
        if not self.areas.size:
            return f"{self.what}: no cells"
        return f"{self.what}: median {self.unit.say(self.median(), 2)}"

    def ticks(self) -> list[tuple[float, str]]:
        """Round areas, in the unit."""
        factor = self.unit.factor(2)
        low, high = (BIN**i * factor for i in (self._first, self._last))
        steps = (1, 2, 5) if high < 60 * low else (1,)
        numbers = round_numbers(low, high, steps)
        return [(self._share(n / factor), short(n)) for n in numbers]

    def draw(self, painter: QPainter, box: QRectF) -> None:
        """Draw a bar a bin, and a line at the smallest area."""
        most = int(self.counts.max(initial=1))
        wide = box.width() / max(self.counts.size, 1)
        for i, count in enumerate(self.counts.tolist()):
            if count:
                high = max(2.0, count / most * (box.height() - 2))
                left = box.left() + i * wide
                bar = QRectF(left, box.bottom() - high, max(wide - 1, 1), high)
                painter.fillRect(bar, self.shade(0.6))
        if self.smallest:
            x = box.left() + self._share(self.smallest) * box.width()
            painter.setPen(mark_pen())
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))

    def describe(self, share: float) -> str:
        """Words for a bin, and for the line."""
        lines = []
        if not self.known:
            lines.append(not_known(self.why))
        elif not self.areas.size:
            lines.append("No cells in this frame.")
        else:
            i = min(int(share * self.counts.size), self.counts.size - 1)
            low, high = (
                BIN ** (self._first + j) * self.unit.factor(2) for j in (i, i + 1)
            )
            cells = "1 cell" if self.counts[i] == 1 else f"{self.counts[i]} cells"
            symbol = self.unit.symbol(2)
            lines.append(f"{cells} of {low:.3g} to {high:.3g} {symbol}")
        if self.smallest:
            words = self.unit.say(self.smallest, 2)
            lines.append(f"Line: smallest area, {words} (of objects, before the split)")
        return "\n".join(lines)

    def _bin(self) -> None:
        shown = [v for v in (self.smallest,) if v]
        if self.areas.size:
            shown += [float(self.areas.min()), float(self.areas.max())]
        places = [log(max(v, 1.0), BIN) for v in shown]
        # whole factors of two, so that the axis seldom changes
        self._first = 4 * floor(min(places, default=4 * 4) / 4)
        last = 4 * ceil((max(places, default=4 * 10) + 0.5) / 4)
        self._last = max(last, self._first + LEAST)
        places_of = np.log2(np.maximum(self.areas, 1)) * 4 - self._first
        bins = np.floor(places_of + 1e-9).astype(np.intp)
        self.counts = np.bincount(bins, minlength=self._last - self._first)
        self.update()

    def _share(self, area: float) -> float:
        place = log(max(area, 1.0), BIN)
        return (place - self._first) / (self._last - self._first)
