"""In which frames a tool works: the one on screen, some, or all."""

from __future__ import annotations

from qtpy.QtWidgets import QComboBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.line import line

HERE, SOME, ALL = "This frame", "Frames", "All frames"
TIP = (
    "<p>Where tools that work on one cell change it: here, or the same cell in other "
    "frames too. In tracked masks that is the cell of the same number; otherwise it is "
    "followed from frame to frame while it overlaps.</p>"
)


class ScopeBox(QWidget):
    """A choice, and two numbers of frames."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = QComboBox()
        self.choice.addItems([HERE, SOME, ALL])
        self.choice.setToolTip(TIP)
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
        self.choice.currentTextChanged.connect(self._on_choice)
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

    def offer(self, count: int) -> None:
        """Offer so many frames; a single one is no choice."""
        before = self.last.maximum()
        for box in (self.first, self.last):
            box.setMaximum(max(count - 1, 0))
        if before != count - 1:
            self.first.setValue(0)
            self.last.setValue(count - 1)
        if count < 2:
            self.choice.setCurrentText(HERE)
        self.setVisible(count > 1)

    def _on_choice(self, kind: str) -> None:
        self._row.setVisible(kind == SOME)
