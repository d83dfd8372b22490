"""Parts of a dock below each other, with a bar where the window is too low."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QStyle, QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_HEIGHT = 320
"""Of what is seen of the column (px), so that a dock below does not squeeze it."""


class Column(QScrollArea):
    """Scrolls up and down only: it is never narrower than what is in it."""

    def __init__(self, parts: Iterable[QWidget]) -> None:
        super().__init__()
        self.content = _Content()
        column = QVBoxLayout(self.content)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(5)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # always there, or what is beside it would move under the mouse
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setWidget(self.content)
        self.content.laid_out.connect(self._widen)
        self._widen()

    def _widen(self) -> None:
        style = self.style()
        metric = QStyle.PixelMetric.PM_ScrollBarExtent
        bar = style.pixelMetric(metric) if style is not None else 0
        self.setMinimumWidth(self.content.minimumSizeHint().width() + bar)


class _Content(QWidget):
    """Says when what it holds needs another size."""

    laid_out = Signal()

    def event(self, event: QEvent | None) -> bool:
        """Qt's: any event."""
        done = bool(super().event(event))
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self.laid_out.emit()
        return done
