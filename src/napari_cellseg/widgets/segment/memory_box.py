"""How much memory results may take between slider moves, and how much they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QDoubleSpinBox, QLabel, QVBoxLayout, QWidget

from napari_cellseg.settings import GB, Settings, load_settings, save_settings
from napari_cellseg.widgets.parts.controls import auto_button
from napari_cellseg.widgets.parts.line import line

if TYPE_CHECKING:
    from napari_cellseg.session import Session

LEAST, MOST, STEP = 0.1, 100_000.0, 0.5


class MemoryBox(QWidget):
    """The user's settings; a change holds at once, and the next time.

    Parameters
    ----------
    session : Session
        What they are for; the settings that were kept are given to it.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.number = QDoubleSpinBox()
        self.number.setRange(LEAST, MOST)
        self.number.setDecimals(1)
        self.number.setSingleStep(STEP)
        self.number.setKeyboardTracking(False)
        self.auto = auto_button("Take a quarter of the computer's memory.")
        self.used = QLabel()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self._lay_out()
        self._use(*load_settings())
        self.number.valueChanged.connect(self._set)
        self.auto.clicked.connect(self._on_auto)

    def show_use(self) -> None:
        """Show how much memory is in use."""
        session = self.session
        held, limit = session.engines.held(session.engine), session.granted.limit
        self.used.setText(f"{held / GB:.1f} of {limit / GB:.1f} GB")

    def _lay_out(self) -> None:
        field = Settings.model_fields["memory"]
        title = QLabel(f"{field.title} (GB)")
        tip = f"<p>{field.description} At least {LEAST} GB.</p>"
        for widget in (title, self.number, self.used):
            widget.setToolTip(tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line(title, self.number, self.auto, self.used, stretch=1))
        column.addWidget(self.words)

    def _use(self, settings: Settings, problem: str) -> None:
        self.session.configure(settings)
        memory, granted = settings.memory, self.session.granted
        self.auto.setChecked(memory is None)
        blocked = self.number.blockSignals(True)
        self.number.setValue(granted.limit / GB if memory is None else memory)
        self.number.blockSignals(blocked)
        words = " ".join(filter(None, (problem, granted.words)))
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.show_use()

    def _on_auto(self, checked: bool) -> None:
        self._set(None if checked else self.number.value())

    def _set(self, memory: float | None) -> None:
        # other settings may have been changed elsewhere since
        settings = load_settings()[0].replace(memory=memory)
        self._use(settings, save_settings(settings))
