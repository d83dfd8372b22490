"""How many cells there are at every h."""

from __future__ import annotations

from math import ceil, floor, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QPen, QPolygonF

from napari_cellseg.widgets.parts.plot import (
    Plot,
    mark_pen,
    not_known,
    round_numbers,
    short,
)
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.parts.unit import PX, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QMouseEvent, QPainter

    from napari_cellseg.postprocess import Hierarchy

DECIMALS = 2
"""Of an h that is picked (px), as of the slider's."""


class CountCurve(Plot):
    """Number of cells over h; a click or a drag sets h.

    The axis of h is quadratic, as most happens near 0; that of the numbers is
    logarithmic, as at 0 every bump is a cell.

    Attributes
    ----------
    moved : Signal
        h (px) that the mouse picked.
    pressed, released : Signal
        A drag began or ended.
    """

    moved = Signal(float)
    pressed = Signal()
    released = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.split: Hierarchy | None = None
        self.h: float | None = None
        self.unit = PX
        self.levels: NDArray[np.float64] = np.zeros(0)
        self._top = 1.0
        self._steps: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Number of cells over h")

    def show_split(self, split: Hierarchy | None, why: str = "") -> None:
        """Show the hierarchy of a frame; None: not known, and why."""
        if split is self.split and why == self.why:
            return
        self.split, self.why = split, why
        levels = np.zeros(0) if split is None else split.levels()
        # what is gone at 0 is never seen
        self.levels = levels[levels > 0]
        self._steps = None
        self._fit()

    def mark(self, h: float | None, unit: Unit) -> None:
        """Mark the h that is set (px), and say lengths in a unit."""
        self.h, self.unit = h, unit
        self._fit()

    def fewer(self) -> float | None:
        """Least h (px) above the one set that gives fewer cells; None if none does.

        It has as few digits as are needed to lie between two levels.
        """
        if self.h is None:
            return None
        above = np.searchsorted(self.levels, self.h, "right")
        if above == self.levels.size:
            return None
        low = float(self.levels[above])
        last = above + 1 == self.levels.size
        high = np.inf if last else float(self.levels[above + 1])
        shortened = (ceil(low * 10**d) / 10**d for d in range(DECIMALS, 12))
        return next((v for v in shortened if low <= v < high), low)

    def more(self) -> float | None:
        """Greatest h (px) below the one set that gives more cells; None if none does.

        It has as few digits as are needed to lie between two levels.
        """
        if self.h is None:
            return None
        above = int(np.searchsorted(self.levels, self.h, "right"))
        if above == 0:
            return None
        low = float(self.levels[above - 2]) if above > 1 else 0.0
        high = float(self.levels[above - 1])
        shortened = (floor(high * 10**d) / 10**d for d in range(DECIMALS, 12))
        return next((v for v in shortened if low <= v < high), low)

    def title(self) -> str:
        """Words above."""
        if self.split is None:
            return "Cells by h: not known"
        if not self.split.count:
            return "Cells by h: no cells"
        most, least = self.split.number(0), self.split.number(np.inf)
        return f"Cells by h ({self.unit.symbol()}): {most} to {least}"

    def ticks(self) -> list[tuple[float, str]]:
        """Round values of h, in the unit."""
        top = self._top * self.unit.size
        steps = (1, 2, 5) if top > 2 else (1, 5)
        numbers = [0.0, *round_numbers(top / 60, top, steps)]
        return [(self._share(n / self.unit.size), short(n)) for n in numbers]

    def draw(self, painter: QPainter, box: QRectF) -> None:
        """Draw the steps, and a line at the h that is set."""
        if self.split is None or not self.split.count:
            return
        shares, heights = self._curve(self.split, int(box.width()))
        x = box.left() + shares * box.width()
        y = box.bottom() - 2 - heights * (box.height() - 4)
        points = np.column_stack([np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]])
        painter.setPen(QPen(self.shade(0.75), 1.2))
        painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in points.tolist()]))
        if self.h is not None:
            at = box.left() + self._share(self.h) * box.width()
            painter.setPen(mark_pen())
            painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))

    def describe(self, share: float) -> str:
        """Words for the number of cells at a place."""
        if self.split is None:
            return not_known(self.why)
        if not self.split.count:
            return "No cells in this frame."
        return self.say(self.h_at(share))

    def h_at(self, share: float) -> float:
        """H (px) at a place along the axis (0 ... 1)."""
        return round(self._top * share**2, DECIMALS)

    def say(self, h: float) -> str:
        """Words for the number of cells at h (px)."""
        assert self.split is not None
        number = self.split.number(h)
        return f"h = {self.unit.say(h)}: {number} cell{'s' * (number != 1)}"

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt's: begin to pick."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
            self._pick(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Qt's: pick on, or only tell."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Qt's: end picking."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.released.emit()

    def _pick(self, event: QMouseEvent) -> None:
        if self.split is not None and self.split.count:
            self.moved.emit(self.h_at(self.share_at(event)))

    def _fit(self) -> None:
        """Let the axis reach beyond the last step and the h that is set."""
        last = float(self.levels[-1]) if self.levels.size else 1.0
        reach = max(last * 1.2, (self.h or 0.0) * 1.05, 0.1)
        top = round_numbers(reach, reach * 10, (1, 1.5, 2, 3, 5, 7))[0]
        if top != self._top:
            self._top, self._steps = top, None
        self.update()

    def _share(self, h: float) -> float:
        return sqrt(h / self._top)

    def _curve(
        self, split: Hierarchy, width: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places along the axis and heights (0 ... 1) of the steps, one a column."""
        if self._steps is None or self._steps[0].size != width + 1:
            shares = np.linspace(0, 1, width + 1)
            hs = self._top * shares**2
            levels, numbers = split.curve()
            numbers = numbers[np.searchsorted(levels, hs, "right") - 1]
            least, most = split.number(np.inf), split.number(0)
            span = log(max(most / least, 1.05))
            self._steps = shares, np.log(numbers / least) / span
        return self._steps
