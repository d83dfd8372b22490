"""A small figure of a dock: drawn at once, as it is drawn at every slider move."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPalette, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

if TYPE_CHECKING:
    from qtpy.QtGui import QMouseEvent, QPaintEvent

HEIGHT = 80
TOP, BOTTOM, SIDE = 15, 14, 5
MARK = QColor("#4f9cf9")
"""Colour of what is set, on dark and on light themes."""


class Plot(QWidget):
    """A title above, ticks below, and what a subclass draws in between.

    The colours are those of the theme: text, and shades of it.

    Attributes
    ----------
    why : str
        Why there is nothing to show, a word or two; empty while there is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.why = ""
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def title(self) -> str:
        """Words above the figure."""
        raise NotImplementedError

    def ticks(self) -> list[tuple[float, str]]:
        """Places along the axis (0 ... 1, rising) and the words there."""
        raise NotImplementedError

    def draw(self, painter: QPainter, box: QRectF) -> None:
        """Draw what lies between title and axis."""
        raise NotImplementedError

    def describe(self, share: float) -> str:
        """Words for what is at a place along the axis (0 ... 1)."""
        raise NotImplementedError

    def shade(self, opacity: float) -> QColor:
        """Colour of the text, let through."""
        color = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        color.setAlphaF(opacity)
        return color

    def box(self) -> QRectF:
        """Where the figure is, without title and ticks."""
        inner = QRectF(self.rect())
        return inner.adjusted(SIDE, TOP, -SIDE, -BOTTOM)

    def share_at(self, event: QMouseEvent) -> float:
        """Place of the mouse along the axis (0 ... 1)."""
        box = self.box()
        share = (event.position().x() - box.left()) / max(box.width(), 1.0)
        return min(max(share, 0.0), 1.0)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt's: draw."""
        painter = QPainter(self)
        box = self.box()
        painter.fillRect(box, self.shade(0.06))
        if not self.why:
            self.draw(painter, box)
        painter.setPen(self.shade(0.9))
        self._small(painter)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.why)
        wide = painter.fontMetrics().elidedText(
            self.title(), Qt.TextElideMode.ElideRight, self.width() - 2
        )
        painter.drawText(QPointF(1, TOP - 4), wide)
        if not self.why:
            self._draw_ticks(painter, box)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Qt's: tell what is under the mouse."""
        if event is None:
            return
        words = self.describe(self.share_at(event))
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def _small(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)

    def _draw_ticks(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(self.shade(0.65))
        metrics = painter.fontMetrics()
        free = 0.0
        for share, words in self.ticks():
            x = box.left() + share * box.width()
            wide = metrics.horizontalAdvance(words)
            left = min(max(x - wide / 2, 0.0), self.width() - wide)
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + 2))
            if left >= free:
                painter.drawText(QPointF(left, self.height() - 2.0), words)
                free = left + wide + 6


def not_known(why: str) -> str:
    """Words for what is not known of a frame.

    Examples
    --------
    >>> not_known("not predicted"), not_known("")
    ('Not known for this frame: not predicted.', 'Not known for this frame.')
    """
    return f"Not known for this frame{': ' * bool(why)}{why}."


def mark_pen() -> QPen:
    """Pen for the line at what is set."""
    return QPen(MARK, 1.6)


def round_numbers(low: float, high: float, steps: tuple[float, ...]) -> list[float]:
    """Powers of ten times each of some steps, from low to high, rising.

    Parameters
    ----------
    low, high : float
        Above 0.
    steps : tuple of float
        From 1 to below 10, rising.

    Examples
    --------
    >>> round_numbers(15, 600, (1, 2, 5))
    [20.0, 50.0, 100.0, 200.0, 500.0]
    """
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    numbers = [float(f"{step}e{power}") for power in powers for step in steps]
    return [n for n in numbers if low * (1 - 1e-9) <= n <= high * (1 + 1e-9)]


def short(number: float) -> str:
    """Few letters for a number.

    Examples
    --------
    >>> short(0.5), short(30.0), short(20000.0)
    ('0.5', '30', '20k')
    """
    return f"{number / 1000:g}k" if number >= 10_000 else f"{number:g}"
