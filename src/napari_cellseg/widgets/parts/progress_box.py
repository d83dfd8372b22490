"""How far the work is, and a button to stop it."""

from __future__ import annotations

from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.widgets.parts.qt import Signal


class ProgressBox(QWidget):
    """A bar, words such as "12 of 92 frames", and Cancel; hidden while idle.

    Its place is kept, so that nothing moves under the mouse when work begins or ends.
    """

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(10)
        self.words = QLabel()
        self.words.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self.button = QPushButton("Cancel")
        self.button.setToolTip("<p>Stop. Frames that are finished are kept.</p>")
        self.button.clicked.connect(self._on_cancel)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.words)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def begin(self, words: str) -> None:
        """Show that work goes on."""
        self.button.setEnabled(True)
        self.step(words, 0, 0)
        self.show()

    def step(self, words: str, done: int, total: int) -> None:
        """Show how far it is; a total of 0 is not known."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        many = total > 1
        self.words.setText(f"{done} of {total} frames · {words}" if many else words)

    def end(self) -> None:
        """Hide."""
        self.hide()

    def _on_cancel(self) -> None:
        self.button.setEnabled(False)
        self.words.setText("Stopping…")
        self.cancelled.emit()
