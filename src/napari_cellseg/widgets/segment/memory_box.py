"""How much memory results may take between slider moves, and how much they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QDoubleSpinBox, QLabel, QVBoxLayout, QWidget

from napari_cellseg.settings import GB, Settings, load_settings, save_settings
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
        field = Settings.model_fields["memory"]
        tip = f"<p>{field.description}</p>"
        title = QLabel(f"{field.title} (GB)")
        self.number = QDoubleSpinBox()
        # below the least that is allowed: stands for what is automatic
        self.number.setRange(LEAST - STEP, MOST)
        self.number.setSpecialValueText("automatic")
        self.number.setDecimals(1)
        self.number.setSingleStep(STEP)
        self.number.setKeyboardTracking(False)
        self.used = QLabel()
        self.words = QLabel()
        self.words.setWordWrap(True)
        for widget in (title, self.number, self.used):
            widget.setToolTip(tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line(title, self.number, self.used, stretch=1))
        column.addWidget(self.words)
        settings, problem = load_settings()
        self._use(settings, problem)
        self.number.valueChanged.connect(self._on_number)

    def show_use(self) -> None:
        """Show how much memory is in use."""
        engine, limit = self.session.engine, self.session.granted.limit
        held = engine.held if engine is not None else 0
        self.used.setText(f"{held / GB:.1f} of {limit / GB:.1f} GB")

    def _use(self, settings: Settings, problem: str) -> None:
        self.session.configure(settings)
        blocked = self.number.blockSignals(True)
        self.number.setValue(settings.memory or self.number.minimum())
        self.number.blockSignals(blocked)
        words = " ".join(filter(None, (problem, self.session.granted.words)))
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.show_use()

    def _on_number(self, value: float) -> None:
        memory = value if value >= LEAST else None
        settings = self.session.settings.replace(memory=memory)
        self._use(settings, save_settings(settings))
