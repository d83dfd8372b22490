"""Fields for the size of a pixel and the time from frame to frame."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from napari_cellseg.widgets.layers.calibration import (
    TIMES,
    read_number,
    set_pixel_size,
    set_time_step,
    split_time,
)
from napari_cellseg.widgets.layers.source import pixel_size, time_step
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.viewer import Viewer

_WRONG = "color: #ff8a65"


class CalibrationRow(QWidget):
    """Shows them as a layer has them, and writes to it what is typed.

    Attributes
    ----------
    changed : Signal
        The layer got another time step. Of its scale it tells itself.
    failed : Signal
        Why what was typed is not taken, in words.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.viewer = viewer
        self.pixel = _field("Size of a pixel (µm); empty: not known.")
        self.step = _field("Time from frame to frame; empty: not known.")
        self.unit = QComboBox()
        self.unit.addItems(list(TIMES))
        self.unit.setToolTip("Unit of the time from frame to frame.")
        self._layer: ImageLayer | None = None
        self._axes = ""
        self._timed = QWidget()
        self._lay_out()
        self.pixel.editingFinished.connect(self._on_size)
        self.step.editingFinished.connect(self._on_step)
        self.unit.activated.connect(self._set_step)

    def show_layer(self, layer: ImageLayer | None, axes: str) -> None:
        """Show what a layer says of itself; None: nothing."""
        self._layer, self._axes = layer, axes
        self.setVisible(layer is not None)
        if layer is None:
            return
        self._timed.setVisible("T" in axes)
        _show(self.pixel, pixel_size(layer, axes))
        self._show_step(time_step(layer))

    def _lay_out(self) -> None:
        timed = QHBoxLayout(self._timed)
        timed.setContentsMargins(0, 0, 0, 0)
        timed.setSpacing(4)
        for widget in (self.step, self.unit, QLabel("a frame")):
            timed.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.pixel, QLabel("µm/px"), self._timed):
            row.addWidget(part)
        row.addStretch(1)

    def _show_step(self, seconds: float | None) -> None:
        number, unit = split_time(seconds)
        with suppress(ValueError):
            if self.step.text() and self._seconds() == seconds:
                # in the unit that the user chose
                number, unit = read_number(self.step.text()), self.unit.currentText()
        _show(self.step, number)
        self.unit.setCurrentText(unit)

    def _on_size(self) -> None:
        if self._layer is None or not self.pixel.isModified():
            return
        try:
            size = read_number(self.pixel.text())
        except ValueError as error:
            self._refuse(self.pixel, "The size of a pixel", error)
            return
        set_pixel_size(self.viewer, self._layer, self._axes, size)

    def _on_step(self) -> None:
        if self.step.isModified():
            self._set_step()

    def _set_step(self) -> None:
        if self._layer is None:
            return
        try:
            seconds = self._seconds()
        except ValueError as error:
            self._refuse(self.step, "The time from frame to frame", error)
            return
        set_time_step(self.viewer, self._layer, self._axes, seconds)
        self.changed.emit()

    def _seconds(self) -> float | None:
        number = read_number(self.step.text())
        return number * TIMES[self.unit.currentText()] if number else None

    def _refuse(self, field: QLineEdit, what: str, error: ValueError) -> None:
        field.setStyleSheet(_WRONG)
        self.failed.emit(f"{what} stays as it was: {error}.")


def _field(tip: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText("?")
    field.setToolTip(f"<p>{tip}</p>")
    field.setFixedWidth(56)
    return field


def _show(field: QLineEdit, value: float | None) -> None:
    field.setText(f"{value:.6g}" if value else "")
    field.setCursorPosition(0)
    field.setStyleSheet("")
