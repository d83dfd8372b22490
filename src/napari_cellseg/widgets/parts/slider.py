"""A slider beside a number that can be typed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log10

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from napari_cellseg.widgets.parts.qt import Signal

NUMBER_WIDTH = 50
"""Of a number in its box (px): what is usual has up to five digits and a point."""


@dataclass(frozen=True)
class Track:
    """The positions of a slider.

    Attributes
    ----------
    low, high, step : float
        Value of the first position, of the last, and from one to the next.
    odd : bool
        0 and odd numbers from 3: widths of an element with a middle.
    decimals : int
        Digits shown after the point.
    """

    low: float
    high: float
    step: float
    decimals: int = 0
    odd: bool = False

    def times(self, factor: float) -> Track:
        """Return the same positions of a number that is multiplied.

        It has as many digits after the point as tell neighbouring positions apart.
        """
        low, high, step = (n * factor for n in (self.low, self.high, self.step))
        return Track(low, high, step, max(0, ceil(-log10(step))), self.odd)

    @property
    def last(self) -> int:
        """Greatest position; the first is 0."""
        return self.position(self.high)

    def value(self, position: int) -> float:
        """Value at a position."""
        if self.odd:
            return 2 * position + 1 if position else 0
        return round(self.low + position * self.step, self.decimals)

    def position(self, value: float) -> int:
        """Position nearest to a value, on the track or beyond."""
        if self.odd:
            return int(value) // 2
        return round((value - self.low) / self.step)


class Slider(QWidget):
    """One number, dragged or typed.

    The slider spans the usual range; the number beside it may go beyond, as far as is
    allowed.
    """

    changed = Signal(float)
    pressed = Signal()
    released = Signal()

    def __init__(self, track: Track, least: float, greatest: float) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.number = QDoubleSpinBox()
        self.set_limits(least, greatest)
        self.number.setKeyboardTracking(False)
        # the slider, the wheel and the arrow keys step; what is seen is the number
        self.number.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.number.setStyleSheet(
            f"min-width: {NUMBER_WIDTH}px; max-width: {NUMBER_WIDTH}px; padding: 1px"
        )
        self.slider.setMinimumWidth(56)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.set_track(track)
        self.slider.valueChanged.connect(self._on_slider)
        self.number.valueChanged.connect(self._on_number)
        self.slider.sliderPressed.connect(self.pressed)
        self.slider.sliderReleased.connect(self.released)

    @property
    def value(self) -> float:
        """The number."""
        return float(self.number.value())

    def set_track(self, track: Track) -> None:
        """Change the usual range; the number stays."""
        self.track = track
        value = self.value
        blocked = self.slider.blockSignals(True), self.number.blockSignals(True)
        self.number.setDecimals(track.decimals)
        self.number.setSingleStep(2 if track.odd else track.step)
        self.slider.setRange(0, track.last)
        self.slider.setPageStep(max(1, track.last // 10))
        self.slider.setValue(track.position(value))
        self.slider.blockSignals(blocked[0])
        self.number.blockSignals(blocked[1])

    def set_limits(self, least: float, greatest: float) -> None:
        """Change what is allowed; the number is not told of, even if it moves."""
        blocked = self.number.blockSignals(True)
        self.number.setRange(least, greatest)
        self.number.blockSignals(blocked)

    def show_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        blocked = self.slider.blockSignals(True), self.number.blockSignals(True)
        self.number.setValue(value)
        self.slider.setValue(self.track.position(value))
        self.slider.blockSignals(blocked[0])
        self.number.blockSignals(blocked[1])

    def _on_slider(self, position: int) -> None:
        value = self.track.value(position)
        self.show_value(value)
        self.changed.emit(value)

    def _on_number(self, value: float) -> None:
        if self.track.odd:
            value = self.track.value(self.track.position(value))
        self.show_value(value)
        self.changed.emit(value)
