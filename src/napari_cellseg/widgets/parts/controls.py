"""A control for each kind of field: number, automatic number, choice, yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QWidget

from napari_cellseg.parameters import Area, Microns
from napari_cellseg.widgets.parts.hints import DIAMETER, usual_track
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.parts.slider import Slider
from napari_cellseg.widgets.parts.unit import DIGITS, PX, Unit, power_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo


AUTO_WIDTH = 36
NO_LIMIT = 1e9
"""Of a number: nobody comes near it."""

_RATE = "(µm a pixel)"
FOLLOWS = " Empty: from the diameter."
"""End of the description of a field that may follow from it."""

TIP = "cellseg-tip"
"""Property of a widget: its tooltip while it takes input."""


class Control(QWidget):
    """One field of the parameters."""

    changed = Signal(object)
    pressed = Signal()
    released = Signal()
    _why = ""

    def _hold(self, *widgets: QWidget) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in widgets:
            row.addWidget(widget)

    @property
    def choosable(self) -> bool:
        """Whether it can be anything else than it is."""
        return True

    def show_value(self, value: Any, automatic: Any) -> None:
        """Show a value; ``automatic`` is its number where it is None, or in µm."""
        raise NotImplementedError

    def set_diameter(self, diameter: float | None) -> None:
        """Fit the usual range to cells of a diameter (px)."""

    def let_follow(self, on: bool) -> None:
        """Offer to let it follow from the diameter, or leave that out."""

    def set_unit(self, unit: Unit) -> None:
        """Show lengths and areas in a unit; nothing else changes."""

    def symbol(self) -> str:
        """Symbol of the unit of what is shown; empty if it has none."""
        return ""

    def describe(self, words: str) -> None:
        """Set the tooltip of all parts that have none of their own."""
        former = self.toolTip()
        for part in (self, *self.findChildren(QWidget)):
            if part.property(TIP) == former:
                part.setProperty(TIP, f"<p>{words}</p>")
            if part.toolTip() == former:
                part.setToolTip(f"<p>{words}</p>")

    def rest(self, why: str) -> None:
        """Take no input, and say why in the tooltip; take it again if it is empty."""
        if why == self._why:
            return
        self._why = why
        self.setEnabled(not why)
        for child in self.findChildren(QWidget):
            if not child.property(TIP):
                child.setProperty(TIP, child.toolTip())
            child.setToolTip(f"<p>{why}</p>" if why else child.property(TIP))


class Choice(Control):
    """One of several values, mostly words.

    Parameters
    ----------
    choices : tuple
        All that the field may be.
    """

    def __init__(self, choices: tuple[object, ...]) -> None:
        super().__init__()
        self.choices = choices
        self._offered = self._listed = choices
        self.box = QComboBox()
        self.box.addItems([_word(value) for value in choices])
        self.box.currentIndexChanged.connect(self._on_index)
        self._hold(self.box)

    @property
    def choosable(self) -> bool:
        """Whether there is more than one to choose from."""
        return len(self._listed) > 1

    def offer(self, values: Iterable[object]) -> None:
        """Offer these values only, beside the one that is in use."""
        wanted = tuple(values)
        self._offered = tuple(value for value in self.choices if value in wanted)

    def show_value(self, value: Any, automatic: Any) -> None:
        """Show a value."""
        listed = tuple(a for a in self.choices if a in self._offered or a == value)
        blocked = self.box.blockSignals(True)
        if listed != self._listed:
            self._listed = listed
            self.box.clear()
            self.box.addItems([_word(a) for a in listed])
        self.box.setCurrentIndex(listed.index(value))
        self.box.blockSignals(blocked)

    def _on_index(self, index: int) -> None:
        if index >= 0:
            self.changed.emit(self._listed[index])


class YesNo(Control):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.toggled.connect(self.changed.emit)
        self._hold(self.box)

    def show_value(self, value: Any, automatic: Any) -> None:
        """Show yes or no."""
        blocked = self.box.blockSignals(True)
        self.box.setChecked(value)
        self.box.blockSignals(blocked)


class Number(Control):
    """A number, which may be automatic.

    A length or an area may be shown in another unit; what is told of it is in px, or in
    µm where the recipe has it so.
    """

    def __init__(self, name: str, field: FieldInfo, optional: bool) -> None:
        super().__init__()
        self.name = name
        self.unit = PX
        self._whole = int in (field.annotation, *get_args(field.annotation))
        self._optional = self._may_follow = optional
        # what is counted in pixels stays so
        self.power = 0 if self._whole else power_of(field.description or "")
        self._description = field.description or ""
        self._diameter: float | None = None
        self._number: float | None = None
        self._physical: Microns | Area | None = None
        self._bounds = _bounds(field)
        self.slider = Slider(usual_track(name, None), *self._bounds)
        self.auto = auto_button("Let it follow from the expected diameter.")
        keeps = self.auto.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.auto.setSizePolicy(keeps)
        self.auto.setVisible(optional)
        self._hold(self.slider, self.auto)
        self.slider.changed.connect(self._on_number)
        self.slider.pressed.connect(self.pressed)
        self.slider.released.connect(self.released)
        self.auto.clicked.connect(self._on_auto)

    def show_value(self, value: Any, automatic: Any) -> None:
        """Show a number; one that is automatic, or in µm, as what it is in px now."""
        self.auto.setChecked(value is None)
        self.auto.setVisible(self._optional and (self._may_follow or value is None))
        self._physical = value if isinstance(value, (Microns, Area)) else None
        follows = value is None or self._physical is not None
        self._number = automatic if follows else value
        self._show()

    def let_follow(self, on: bool) -> None:
        """Offer to let it follow from the diameter, or leave that out."""
        if on != self._may_follow:
            self._may_follow = on
            self.describe(self.words())

    def set_diameter(self, diameter: float | None) -> None:
        """Fit the slider's range to cells of a diameter (px)."""
        self._diameter = diameter
        track = usual_track(self.name, diameter)
        factor = self.unit.factor(self.power)
        if factor != 1:
            track = track.times(factor)
        self.slider.set_track(track)

    def set_unit(self, unit: Unit) -> None:
        """Show lengths and areas in a unit; nothing else changes."""
        if unit == self.unit or not self.power:
            return
        self.unit = unit
        self.set_diameter(self._diameter)
        factor = unit.factor(self.power)
        self.slider.set_limits(*(limit * factor for limit in self._bounds))
        self._show()
        self.describe(self.words())

    def symbol(self) -> str:
        """Symbol of the unit of what is shown; empty if it has none."""
        power = power_of(self._description)
        fixed = "µm/px" if _RATE in self._description else ""
        return self.unit.symbol(power) if power else fixed

    def words(self) -> str:
        """Say what it is, in its unit, and what it may be."""
        factor = self.unit.factor(self.power)
        low, high = (f"{limit * factor:g}" for limit in self._bounds)
        reach = f"{low} or more" if self._bounds[1] >= NO_LIMIT else f"{low} to {high}"
        what = self.unit.name_in(self._description)
        if not self._may_follow:
            what = what.removesuffix(FOLLOWS)
        return f"{what} May be {reach}."

    def _show(self) -> None:
        box, number = self.slider.number, self._number
        # shown in place of the least number: not known yet
        box.setSpecialValueText("—" if number is None else "")
        factor = self.unit.factor(self.power)
        self.slider.show_value(box.minimum() if number is None else number * factor)

    def _on_number(self, shown: float) -> None:
        if self._physical and self.unit != PX:
            # what is in µm in the recipe, and typed in µm, becomes no px meanwhile
            self._emit(type(self._physical)(f"{shown:.{DIGITS}g}"))
        else:
            self._tell(self.unit.back(shown, self.power))

    def _tell(self, value: float) -> None:
        self._emit(int(value) if self._whole else self._as_written(value))

    def _emit(self, value: float) -> None:
        self.auto.setChecked(False)
        self.changed.emit(value)

    def _as_written(self, value: float) -> float:
        """Keep µm where the recipe has them: it is to fit other images as well."""
        physical, number = self._physical, self._number
        if not physical or not number:
            return value
        return type(physical)(f"{value * float(physical) / number:.{DIGITS}g}")

    def _on_auto(self, checked: bool) -> None:
        if checked:
            self.changed.emit(None)
        elif self._number is not None:
            self._tell(self._number)
        else:
            guess = DIAMETER if self.name == "diameter" else self._bounds[0]
            self._tell(guess)


def auto_button(tip: str) -> QPushButton:
    """Make a button that is down while a number is automatic."""
    button = QPushButton("auto")
    button.setFixedWidth(AUTO_WIDTH)
    button.setStyleSheet("padding: 4px 0")
    button.setCheckable(True)
    button.setToolTip(f"<p>{tip}</p>")
    return button


def control_for(name: str, field: FieldInfo) -> Control:
    """Make the control that fits a field's type, with the tooltip it describes."""
    kind: Any = field.annotation
    optional = type(None) in get_args(kind)
    if get_origin(kind) is Literal:
        control: Control = Choice(get_args(kind))
    elif kind is bool:
        control = YesNo()
    else:
        control = Number(name, field, optional)
    words = control.words() if isinstance(control, Number) else field.description
    for child in (control, *control.findChildren(QWidget)):
        if not child.toolTip():
            child.setToolTip(f"<p>{words}</p>")
    control.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return control


def _word(value: object) -> str:
    """Say a choice; a size of 0 is none."""
    return "none" if value == 0 else str(value)


def _bounds(field: FieldInfo) -> tuple[float, float]:
    least, greatest = -NO_LIMIT, NO_LIMIT
    for limit in field.metadata:
        if isinstance(limit, Ge):
            least = float(limit.ge)  # type: ignore[arg-type]
        elif isinstance(limit, Gt):
            least = float(limit.gt) + 0.01  # type: ignore[arg-type]
        elif isinstance(limit, Le):
            greatest = float(limit.le)  # type: ignore[arg-type]
        elif isinstance(limit, Lt):
            greatest = float(limit.lt) - 0.01  # type: ignore[arg-type]
    return least, greatest
