"""Undo and redo, and what they would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from napari_cellseg.correction.history import Timeline
    from napari_cellseg.widgets.correct.tool_button import ToolButton


class StepsBox(QWidget):
    """What was done last, in words, above the buttons."""

    def __init__(self, undo: ToolButton, redo: ToolButton) -> None:
        super().__init__()
        self.undo, self.redo = undo, redo
        self.words = QLabel()
        self.words.setStyleSheet("color: #a0a4aa")
        # long words are cut, and make nothing wider
        ignored, fixed = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed
        self.words.setSizePolicy(ignored, fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.words)

    def show_steps(self, timeline: Timeline | None) -> None:
        """Show what can be undone and redone."""
        last = timeline.last if timeline else None
        following = timeline.next if timeline else None
        self.undo.setEnabled(last is not None)
        self.redo.setEnabled(following is not None)
        words = f"Last: {last.words}" if last is not None else "Nothing done yet"
        self.words.setText(words)
        redo = f"<br>Redo: {following.words}" if following is not None else ""
        self.words.setToolTip(f"<p>{words}{redo}</p>")
