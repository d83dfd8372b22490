"""What all docks have in common: a viewer, a column of parts, an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cellseg.widgets.layers.real import real
from napari_cellseg.widgets.parts.column import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer
    from qtpy.QtGui import QCloseEvent

WIDTH = 340
"""That needs no horizontal scrolling (px)."""


class Dock(QWidget):
    """A dock's widget, which ends once: closed, let go of by napari, or by its owner.

    Parameters
    ----------
    napari_viewer : Viewer
        The viewer that the dock belongs to.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self.viewer = real(napari_viewer)
        self.closed = False

    def sizeHint(self) -> Any:
        """Qt's: a width that needs no horizontal scrolling."""
        size = super().sizeHint()
        size.setWidth(WIDTH)
        return size

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Qt's: end with the dock."""
        self.close_down()
        super().closeEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Qt's: any event."""
        done = bool(super().event(event))
        # napari's cross takes the widget out of its dock and deletes the dock: there is
        # no close event. A dock that floats, or lies behind another, keeps its widget.
        moved = event is not None and event.type() == QEvent.Type.ParentChange
        if moved and self.parent() is None:
            self.close_down()
        return done

    def close_down(self) -> None:
        """End all work, take away what only the dock shows, and listen no more."""
        if not self.closed:
            self.closed = True
            self._end()

    def _end(self) -> None:
        """Do what `close_down` says, once."""

    def _end_with_window(self, *ends: Callable[[], object]) -> None:
        """Call these when the window takes the dock with it: none may need the dock."""

        def end() -> None:
            for one in ends:
                one()

        self.destroyed.connect(end)

    def _fill(self, *parts: QWidget) -> None:
        """Show parts below each other."""
        self.column = Column(parts)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.column)
