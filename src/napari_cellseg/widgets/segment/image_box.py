"""Which image, and what its dimensions are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.errors import ImageError
from napari_cellseg.widgets.layers.calibration_row import CalibrationRow
from napari_cellseg.widgets.layers.choice import LayerChoice
from napari_cellseg.widgets.layers.source import (
    Choice,
    calibrated,
    guess_axes,
    stack_of,
)
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.viewer import Viewer

    from napari_cellseg.io.images import Stack

LETTERS = ("T", "Z", "C", "Y", "X")
MEANING = "<p>T: time, Z: depth, C: channel, Y and X: the picture.</p>"


class ImageBox(QWidget):
    """Choice of an image layer, of its axes, its channel and its plane.

    Attributes
    ----------
    changed : Signal
        The stack to segment, or None.
    calibrated : Signal
        The same stack, with another size of its pixels or another time step.
    """

    changed = Signal(object)
    calibrated = Signal(object)

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.stack: Stack | None = None
        self.letters: list[QComboBox] = []
        self.layers = LayerChoice(viewer, "image")
        self.layers.setToolTip("The image or time-lapse to segment.")
        self.calibration = CalibrationRow(viewer)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self._make_choices()
        self._put_together()
        self._connect()
        self._on_layer(self.layers.layer)

    def _make_choices(self) -> None:
        self.channel = QSpinBox()
        self.channel.setToolTip("Channel that shows the cells (index from 0).")
        self.z = QComboBox()
        self.z.addItems(["brightest of all planes", "mean of all planes", "one plane"])
        self.z.setToolTip("How the planes of depth become one picture.")
        self.plane = QSpinBox()
        self.plane.setToolTip("Plane along Z (index from 0).")
        self._channel_row = _row("Channel", self.channel)
        self._z_row = _row("Depth", self.z, self.plane)

    def _put_together(self) -> None:
        self._axes = QWidget()
        self._grid = QGridLayout(self._axes)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        rows = self.layers, self._axes, self._channel_row, self._z_row
        for widget in (*rows, self.calibration, self.words):
            column.addWidget(widget)

    def _connect(self) -> None:
        self.layers.chosen.connect(self._on_layer)
        self.layers.rescaled.connect(self._on_calibration)
        self.calibration.changed.connect(self._on_calibration)
        self.calibration.failed.connect(self.words.setText)
        self.channel.valueChanged.connect(self._on_choice)
        self.z.currentIndexChanged.connect(self._on_choice)
        self.plane.valueChanged.connect(self._on_choice)

    @property
    def layer(self) -> ImageLayer | None:
        """The layer chosen."""
        return self.layers.layer

    @property
    def choice(self) -> Choice:
        """The axes, channel and plane chosen."""
        ways: tuple[Any, ...] = ("max", "mean", self.plane.value())
        axes = "".join(box.currentText() for box in self.letters)
        return Choice(axes, self.channel.value(), ways[self.z.currentIndex()])

    def set_axes(self, axes: str) -> None:
        """Choose the letters of all dimensions at once."""
        for box, letter in zip(self.letters, axes, strict=True):
            blocked = box.blockSignals(True)
            box.setCurrentText(letter)
            box.blockSignals(blocked)
        self._on_choice()

    def _on_layer(self, layer: ImageLayer | None) -> None:
        self._lay_out(layer)
        if layer is not None:
            self.set_axes(guess_axes(layer))
        else:
            self._on_choice()

    def _lay_out(self, layer: ImageLayer | None) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                # without a parent it would be a window of its own until it is gone
                old.hide()
                old.deleteLater()
        self.letters = []
        self.setVisible(layer is not None)
        sizes = layer.data.shape[: layer.ndim] if layer is not None else ()
        for i, size in enumerate(sizes):
            box = QComboBox()
            box.addItems(LETTERS)
            box.setToolTip(f"<p>What dimension {i}, of {size}, is.</p>{MEANING}")
            box.currentIndexChanged.connect(self._on_choice)
            self.letters.append(box)
            self._grid.addWidget(box, 0, i)

    def _on_choice(self) -> None:
        layer, choice = self.layer, self.choice
        self.stack = None
        if layer is not None:
            self._fit_ranges(layer, choice.axes)
            self._read(layer)
        self._show_calibration()
        self.changed.emit(self.stack)

    def _on_calibration(self) -> None:
        self._show_calibration()
        if self.stack is not None and self.layer is not None:
            self.stack = calibrated(self.stack, self.layer, self.choice.axes)
            self.words.setText(describe(self.layer, self.choice.axes))
            self.calibrated.emit(self.stack)

    def _show_calibration(self) -> None:
        there = self.stack is not None
        self.calibration.show_layer(self.layer if there else None, self.choice.axes)

    def _read(self, layer: ImageLayer) -> None:
        try:
            self.stack = stack_of(layer, self.choice)
            self.words.setText(describe(layer, self.choice.axes))
        except ImageError as error:
            self.words.setText(str(error))

    def _fit_ranges(self, layer: ImageLayer, axes: str) -> None:
        self._channel_row.setVisible("C" in axes)
        self._z_row.setVisible("Z" in axes)
        self.plane.setVisible(self.z.currentIndex() == 2)
        for letter, box in (("C", self.channel), ("Z", self.plane)):
            if letter in axes:
                blocked = box.blockSignals(True)
                box.setMaximum(layer.data.shape[axes.index(letter)] - 1)
                box.blockSignals(blocked)


def describe(layer: ImageLayer, axes: str) -> str:
    """Words for the axes, and what becomes of colours and scales."""
    sizes = zip(axes, layer.data.shape, strict=False)
    parts = [f"{letter} {size}" for letter, size in sizes]
    if layer.rgb:
        parts.append("mean of the colours")
    if layer.multiscale:
        parts.append("full resolution")
    return " · ".join(parts)


def _row(title: str, *widgets: QWidget) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    label = QLabel(title)
    label.setToolTip(widgets[0].toolTip())
    row.addWidget(label)
    for widget in widgets:
        row.addWidget(widget, 1)
    return line
