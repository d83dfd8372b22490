"""A form derived from a class of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_cellseg.widgets.parts.controls import Choice, Control, control_for
from napari_cellseg.widgets.parts.hints import idle, matters, usual
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellseg.parameters import Parameters
    from napari_cellseg.widgets.parts.unit import Unit


class Form(QWidget):
    """One row a field: title, control, and a tooltip that names the unit.

    Parameters
    ----------
    kind : type
        The class of parameters.
    names : iterable of str, optional
        Its fields that get a row, in this order; if absent, those that one moves while
        looking.
    """

    changed = Signal(str, object)
    pressed = Signal()
    released = Signal()

    def __init__(
        self, kind: type[Parameters], names: Iterable[str] | None = None
    ) -> None:
        super().__init__()
        self.controls: dict[str, Control] = {}
        self._follow = True
        self._labels: dict[str, QLabel] = {}
        self._titles: dict[str, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setHorizontalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        for name in usual(kind) if names is None else names:
            field = kind.model_fields[name]
            self._add(name, field.title or name, control_for(name, field))

    def show_values(self, parameters: Parameters, resolved: Parameters | None) -> None:
        """Show parameters, and what is automatic in them as its number."""
        for name, control in self.controls.items():
            automatic = getattr(resolved, name) if resolved is not None else None
            control.show_value(getattr(parameters, name), automatic)
            self.show_row(name, matters(name, parameters) and control.choosable)
            control.rest(idle(name, parameters))

    def title_width(self) -> int:
        """Width of the widest title that is shown (px)."""
        shown = (a for a in self._labels.values() if not a.isHidden())
        return max((label.sizeHint().width() for label in shown), default=0)

    def widen_titles(self, width: int) -> None:
        """Give the titles at least a width (px), so that forms have one margin."""
        self._grid.setColumnMinimumWidth(0, width)

    def wrap_titles(self, width: int) -> None:
        """Give the titles a width (px); longer ones take two lines."""
        for label in self._labels.values():
            label.setFixedWidth(width)
            label.setWordWrap(True)

    def show_row(self, name: str, on: bool) -> None:
        """Show a field's row, or hide it."""
        self.controls[name].setVisible(on)
        self._labels[name].setVisible(on)

    def offer(self, possible: Mapping[str, Iterable[object]]) -> None:
        """Offer these values of a field, by its name, and no others from now on."""
        for name, values in possible.items():
            control = self.controls.get(name)
            if isinstance(control, Choice):
                control.offer(values)

    def let_follow(self, on: bool) -> None:
        """Offer to let numbers follow from the diameter, or leave that out."""
        if on == self._follow:
            return
        self._follow = on
        for name, control in self.controls.items():
            control.let_follow(on)
            self._name(name, control)

    def set_diameter(self, diameter: float | None) -> None:
        """Fit the sliders' ranges to cells of a diameter (px)."""
        for control in self.controls.values():
            control.set_diameter(diameter)

    def set_unit(self, unit: Unit) -> None:
        """Show lengths and areas in a unit; the parameters stay in px."""
        for name, control in self.controls.items():
            control.set_unit(unit)
            self._name(name, control)

    def _name(self, name: str, control: Control) -> None:
        words = self._titles[name]
        if symbol := control.symbol():
            words += f" <span style='color: gray'>{symbol}</span>"
        self._labels[name].setText(words)
        self._labels[name].setToolTip(control.toolTip())

    def _add(self, name: str, title: str, control: Control) -> None:
        row = len(self.controls)
        label = QLabel()
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(control, row, 1)
        self.controls[name] = control
        self._labels[name] = label
        self._titles[name] = title
        self._name(name, control)

        def relay(value: Any) -> None:
            self.changed.emit(name, value)

        control.changed.connect(relay)
        control.pressed.connect(self.pressed)
        control.released.connect(self.released)
