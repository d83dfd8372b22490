"""How the result is looked at: filled or outlined, now or before, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.keys import BEFORE
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from qtpy.QtGui import QHideEvent

_BEFORE = (
    "Show the frame as it was before the last change, while this button or the key "
    f"{BEFORE} is held."
)


class LookBox(QWidget):
    """What changed in words, and how it is shown.

    Attributes
    ----------
    outlines_toggled : Signal
        Whether cells are shown as outlines.
    changes_toggled : Signal
        Whether cells that changed are outlined.
    glanced : Signal
        Whether what was before is to be seen.
    """

    outlines_toggled = Signal(bool)
    changes_toggled = Signal(bool)
    glanced = Signal(bool)

    def __init__(self, *others: QWidget) -> None:
        super().__init__()
        self.changes = QLabel()
        self.changes.setWordWrap(True)
        self.changes.setToolTip(
            "<p>Cells that the last change of settings changed.</p>"
        )
        self.before = QPushButton(f"Before (hold {BEFORE})")
        self.outlines = QCheckBox("Outline cells")
        self.outlines.setToolTip(
            "<p>Draw cells as outlines, so that the image is seen inside. Filled cells "
            "follow a slider faster.</p>"
        )
        self.marked = QCheckBox("Outline changes")
        self.marked.setChecked(True)
        self.marked.setToolTip(
            "<p>Outline the cells that the last change of settings changed, once the "
            "slider rests.</p>"
        )
        self._lay_out(others)
        self._connect()
        self.show_before(False, "")

    def hold(self, on: bool) -> None:
        """Ask for what was before, or for what is now again."""
        if self.before.isEnabled() or not on:
            self.glanced.emit(on)

    def show_before(self, on: bool, why_not: str) -> None:
        """Show whether what was before is seen, and why it cannot be; empty: it can."""
        self.before.setEnabled(not why_not)
        self.before.setDown(on and not why_not)
        self.before.setToolTip(f"<p>{why_not or _BEFORE}</p>")

    def _lay_out(self, others: tuple[QWidget, ...]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line(self.changes, self.before))
        column.addWidget(line(self.outlines, self.marked, *others))

    def _connect(self) -> None:
        self.before.pressed.connect(lambda: self.hold(True))
        self.before.released.connect(lambda: self.hold(False))
        self.outlines.toggled.connect(self.outlines_toggled)
        self.marked.toggled.connect(self.changes_toggled)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Qt's: nothing is held in a dock that is closed."""
        self.hold(False)
        super().hideEvent(event)
