"""Whether the frame on screen was checked, and how many were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from napari_cellseg.widgets.correct.hearing import Hearing

if TYPE_CHECKING:
    from napari_cellseg.widgets.layers.corrected import Corrected

_TIP = (
    "You looked at this frame, and are done with it. The mark is kept with the "
    "corrections."
)


class CheckedLine(QWidget):
    """A check box for the frame on screen, and "12 of 92 frames checked"."""

    def __init__(self) -> None:
        super().__init__()
        self.corrected: Corrected | None = None
        self._hearing = Hearing(self)
        self.box = QCheckBox("Frame checked")
        self.box.setToolTip(f"<p>{_TIP}</p>")
        self.words = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        row.addStretch(1)
        row.addWidget(self.words)
        self.box.toggled.connect(self._on_toggled)
        self.refresh()

    def show(self, corrected: Corrected | None = None) -> None:
        """Show another layer's frames, or none, and listen to it alone."""
        self.corrected = corrected
        self._hearing.end()
        if corrected is not None:
            signals = corrected.changed, corrected.corrections.noted
            self._hearing.to(*((signal, self.refresh) for signal in signals))
        self.refresh()

    def toggle(self) -> None:
        """Say that the frame on screen is done, or is not."""
        if self.box.isEnabled():
            self.box.toggle()

    def refresh(self) -> None:
        """Show whether the frame on screen was checked."""
        corrected = self.corrected
        self.box.setEnabled(corrected is not None and not corrected.lacking)
        words, checked = "", False
        if corrected is not None:
            corrections, t = corrected.corrections, corrected.t
            total = corrections.frames.shape[0]
            words = f"{len(corrections.checked)} of {total} frames checked"
            checked = t in corrections.checked
        self.words.setText(words)
        with QSignalBlocker(self.box):
            self.box.setChecked(checked)

    def _on_toggled(self, on: bool) -> None:
        if self.corrected is not None:
            self.corrected.corrections.check(self.corrected.t, on)
