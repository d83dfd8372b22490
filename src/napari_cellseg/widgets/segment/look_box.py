"""How the result is looked at: filled or outlined, now or before, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.keys import BEFORE
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from qtpy.QtGui import QHideEvent


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
        self._holding = False
        self.changes = QLabel()
        self.changes.setWordWrap(True)
        self.changes.setToolTip(
            "<p>Cells that the last change of settings changed.</p>"
        )
        self.before = QPushButton(f"Before (hold {BEFORE})")
        self.before.setToolTip(
            "<p>Show the frame as it was before the last change, while this button or "
            f"the key {BEFORE} is held.</p>"
        )
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line(self.changes, self.before))
        column.addWidget(line(self.outlines, self.marked, *others))
        self.before.pressed.connect(lambda: self.hold(True))
        self.before.released.connect(lambda: self.hold(False))
        self.outlines.toggled.connect(self.outlines_toggled)
        self.marked.toggled.connect(self.changes_toggled)

    def hold(self, on: bool) -> None:
        """Show what was before, or what is now again."""
        if on == self._holding or (on and not self.before.isEnabled()):
            return
        self._holding = on
        self.before.setDown(on)
        self.glanced.emit(on)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Qt's: nothing is held in a dock that is closed."""
        self.hold(False)
        super().hideEvent(event)
