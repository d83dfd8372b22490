"""In which frames a tool works: the one on screen, some, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QComboBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.line import line

if TYPE_CHECKING:
    from napari_cellseg.session.corrections import Corrections

HERE, SOME, ALL = "This frame", "Frames", "All frames"
TIP = (
    "<p>Where tools that work on one cell change it: here, or the same cell in other "
    "frames too.</p>"
)
BY_NUMBER, BY_PLACE = "by number", "by place"
SAME_TIP = (
    "<p>Which cell of another frame is the same one. By number: that of its number, as "
    "in tracked masks. By place: it is followed from frame to frame while it overlaps."
    "</p>"
)


class ScopeBox(QWidget):
    """Frames, and which cell of another frame is the same one."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = QComboBox()
        self.choice.addItems([HERE, SOME, ALL])
        self.choice.setToolTip(TIP)
        self.same = QComboBox()
        self.same.addItems([BY_NUMBER, BY_PLACE])
        self.same.setToolTip(SAME_TIP)
        self._corrections: Corrections | None = None
        self.first, self.last = QSpinBox(), QSpinBox()
        self.first.setToolTip("The first frame.")
        self.last.setToolTip("The last frame.")
        # a row of its own: beside the choice it would widen the dock
        self._row = line(
            QLabel("from"), self.first, QLabel("to"), self.last, stretch=-1
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(line(QLabel("Apply in"), self.choice, stretch=1))
        column.addWidget(self._row)
        column.addWidget(line(QLabel("The same cell"), self.same, stretch=1))
        self.choice.currentTextChanged.connect(self._on_choice)
        self.same.activated.connect(self._on_same)
        self._on_choice(HERE)

    def frames(self, count: int) -> range | None:
        """Return the frames chosen of so many; None: the one on screen."""
        kind = self.choice.currentText()
        if kind == HERE:
            return None
        if kind == ALL:
            return range(count)
        first, last = sorted((self.first.value(), self.last.value()))
        return range(first, min(last + 1, count))

    def offer(self, corrections: Corrections | None) -> None:
        """Offer the frames of a movie; a single one, or none, is no choice."""
        self._corrections = corrections
        count = corrections.frames.shape[0] if corrections is not None else 1
        before = self.last.maximum()
        for box in (self.first, self.last):
            box.setMaximum(max(count - 1, 0))
        if before != count - 1:
            self.first.setValue(0)
            self.last.setValue(count - 1)
        if count < 2:
            self.choice.setCurrentText(HERE)
        if corrections is not None:
            self.same.setCurrentText(BY_NUMBER if corrections.by_number else BY_PLACE)
        self.setVisible(count > 1)

    def _on_same(self) -> None:
        if self._corrections is not None:
            self._corrections.by_number = self.same.currentText() == BY_NUMBER

    def _on_choice(self, kind: str) -> None:
        self._row.setVisible(kind == SOME)
