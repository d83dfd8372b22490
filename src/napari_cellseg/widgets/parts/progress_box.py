"""How far the work is, and a button to stop it."""

from __future__ import annotations

from qtpy.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.qt import Signal

BAR = 6
"""Height (px)."""


class ProgressBox(QWidget):
    """A bar, words such as "12 of 92 frames", and Cancel; hidden while idle.

    Parameters
    ----------
    place_kept : bool
        Its place is there while it is hidden, so that nothing moves under the mouse
        when work begins or ends.
    """

    cancelled = Signal()

    def __init__(self, place_kept: bool = True) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(BAR)
        self.words = QLabel()
        self.button = QPushButton("Cancel")
        self.button.setToolTip("<p>Stop. Frames that are finished are kept.</p>")
        self.button.clicked.connect(self._on_cancel)
        # long words are cut, and make nothing wider or higher
        ignored, fixed = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed
        self.words.setSizePolicy(ignored, fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(line(self.words, self.button))
        column.addWidget(self.bar)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(place_kept)
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
        words = f"{done} of {total} frames · {words}" if many else words
        self.words.setText(words)
        self.words.setToolTip(f"<p>{words}</p>")

    def end(self) -> None:
        """Hide."""
        self.hide()

    def _on_cancel(self) -> None:
        self.button.setEnabled(False)
        self.words.setText("Stopping…")
        self.cancelled.emit()
