"""How much memory may be taken by what can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QSpinBox, QVBoxLayout, QWidget

from napari_cellseg.settings import MB, Settings, load_settings, save_settings
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.words import Trouble

if TYPE_CHECKING:
    from napari_cellseg.correction.history import Timeline

LEAST, MOST, STEP = 16, 1_000_000, 64


class UndoMemory(QWidget):
    """The user's setting; a change holds at once, and the next time."""

    def __init__(self) -> None:
        super().__init__()
        self.timeline: Timeline | None = None
        field = Settings.model_fields["undo"]
        title, self.number, self.words = QLabel(field.title), QSpinBox(), Trouble()
        self.number.setRange(LEAST, MOST)
        self.number.setSingleStep(STEP)
        self.number.setSuffix(" MB")
        self.number.setKeyboardTracking(False)
        self.number.setValue(load_settings()[0].undo)
        for widget in (title, self.number):
            widget.setToolTip(f"<p>{field.description} At least {LEAST} MB.</p>")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(line(title, self.number, stretch=0))
        column.addWidget(self.words)
        self.number.valueChanged.connect(self._set)

    def show_steps(self, timeline: Timeline | None) -> None:
        """Hold for these steps from now on."""
        if timeline is not self.timeline:
            self.timeline = timeline
            self._limit()

    def _limit(self) -> None:
        limit = self.number.value() * MB
        if self.timeline is not None and self.timeline.limit != limit:
            self.timeline.limit = limit

    def _set(self, undo: int) -> None:
        # other settings may have been changed elsewhere since
        settings = load_settings()[0].replace(undo=undo)
        self.words.say(save_settings(settings))
        self._limit()
