"""A number that is asked for in the dock, without a window of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.line import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QKeyEvent

HIGHEST = 2**31 - 1
"""A spin box counts no further."""


class AskBox(QWidget):
    """A question, a number, and OK; hidden while nothing is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.number = QLabel(), QSpinBox()
        self.number.setRange(1, HIGHEST)
        self.number.setToolTip("Enter gives the number, Escape leaves it as it is.")
        self.button = QPushButton("OK")
        self.button.setToolTip("Give this number.")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(line(self.words, self.number, self.button, stretch=1))
        self.button.clicked.connect(self._give)
        self._take: Callable[[int], object] | None = None
        self.hide()

    def ask(self, words: str, number: int, take: Callable[[int], object]) -> None:
        """Ask for a number; `take` gets it."""
        self._take = take
        self.words.setText(words)
        self.number.setValue(number)
        self.show()
        self.number.setFocus()
        self.number.selectAll()

    def drop(self) -> None:
        """Ask no more."""
        self._take = None
        self.hide()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt's: Enter answers, Escape does not."""
        key = event.key() if event is not None else None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._give()
        elif key == Qt.Key.Key_Escape:
            self.drop()
        else:
            super().keyPressEvent(event)

    def _give(self) -> None:
        self.number.interpretText()
        take, number = self._take, self.number.value()
        self.drop()
        if take is not None:
            take(number)
