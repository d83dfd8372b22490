"""How far the other frames have followed the one on screen, and a button to stop."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from napari_cellseg.widgets.parts.qt import Signal

HEIGHT = 18
BAR = 4


class FollowBar(QWidget):
    """One thin row; its place is kept while nothing is under way.

    Attributes
    ----------
    stopped : Signal
        The frames are to follow no more.
    """

    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = QLabel()
        self.words.setToolTip(
            "<p>The other frames follow the one on screen, the nearest first.</p>"
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(BAR)
        self.button = QPushButton("Stop")
        self.button.setToolTip(
            "<p>Leave the other frames as they are until a setting changes.</p>"
        )
        self.button.setFixedHeight(HEIGHT)
        self.button.setStyleSheet("padding: 0 6px")
        self.button.clicked.connect(self.stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.bar, 1)
        row.addWidget(self.words)
        row.addWidget(self.button)
        self.setFixedHeight(HEIGHT)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_progress(self, done: int, total: int) -> None:
        """Show how many frames are up to date of those that can be."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        # wide enough from the beginning, so that the bar stays as it grows
        widest = f"{total} of {total} frames"
        self.words.ensurePolished()
        metrics = self.words.fontMetrics()
        self.words.setMinimumWidth(metrics.horizontalAdvance(widest) + 2)
        self.words.setText(f"{done} of {total} frames")
        self.show()
