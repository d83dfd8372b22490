"""The base class of every stage's parameters, and lengths that may be in µm."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, WrapValidator

if TYPE_CHECKING:
    from collections.abc import Sequence

P = TypeVar("P", bound="Parameters")


def nearest(name: str, known: Sequence[str]) -> str:
    """Question for the name that was meant, or nothing if none is near.

    Examples
    --------
    >>> nearest("alkofahi", ["aydin2022", "alkofahi2018"])
    "Did you mean 'alkofahi2018'? "
    """
    # shorter than what is known, a name is often its beginning
    begun = [k for k in known if name and k.startswith(name.lower())]
    near = begun or get_close_matches(name.lower(), known, 1)
    return f"Did you mean {near[0]!r}? " if near else ""


class Parameters(BaseModel):
    """Frozen, validated parameters of one stage.

    Instances are immutable and hash by value, so they serve as cache keys. The form,
    the command line's help, the recipe file and the documentation are derived from the
    fields: each has a title, a description that names its unit, and bounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def replace(self, **changes: Any) -> Self:
        """Copy with some fields changed, validated.

        Raises
        ------
        pydantic.ValidationError
            If a name is unknown or a value is out of range.
        """
        return self.model_validate(dict(iter(self)) | changes)

    def part(self, kind: type[P]) -> P:
        """Take the fields that belong to one of this class's bases, as that base."""
        return kind.model_validate({k: getattr(self, k) for k in kind.model_fields})

    def calibrate(self, pixel_size: float | None) -> Self:
        """Turn what is in µm or µm² into px or px².

        Parameters
        ----------
        pixel_size : float or None
            Side of a pixel (µm).

        Raises
        ------
        ValueError
            If there is something to convert and the pixel size is not known; the text
            names the field.
        """
        physical = {
            name: value for name, value in self if isinstance(value, (Microns, Area))
        }
        if not physical:
            return self
        if pixel_size is None:
            name, value = next(iter(physical.items()))
            raise ValueError(f"{name} is {value}, but the pixel size is not known")
        return self.replace(**{k: v.in_px(pixel_size) for k, v in physical.items()})


class _Physical(float):
    """A number that is no pixels: unequal to the plain number of the same value."""

    unit = ""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and float(self) == float(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.unit, float(self)))

    def __str__(self) -> str:
        return f"{float(self):g} {self.unit}"

    __repr__ = __str__


class Microns(_Physical):
    """A length in µm, until the stack's pixel size is known."""

    unit = "µm"

    def in_px(self, pixel_size: float) -> float:
        """Length in px, for pixels of a size (µm)."""
        return float(self) / pixel_size


class Area(_Physical):
    """An area in µm², until the stack's pixel size is known."""

    unit = "µm²"

    def in_px(self, pixel_size: float) -> float:
        """Area in px², for pixels of a size (µm)."""
        return float(self) / pixel_size**2


_LENGTHS = {"px": float, "µm": Microns, "μm": Microns, "um": Microns}
_AREAS = {"px²": float, "px2": float, "px^2": float} | {
    f"{micro}{square}": Area
    for micro in ("µm", "μm", "um")
    for square in ("²", "2", "^2")
}
_QUANTITY = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


def _with_unit(units: dict[str, type[float]], allowed: str) -> WrapValidator:
    def validate(value: Any, handler: Any) -> Any:
        if isinstance(value, str):
            found = _QUANTITY.fullmatch(value)
            if found is None:
                raise ValueError(f"expected a number and perhaps a unit ({allowed})")
            number, unit = found.groups()
            if unit and unit not in units:
                near = get_close_matches(unit, units, 1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                raise ValueError(f"the unit {unit!r} is not one of {allowed}{hint}")
            kind = units[unit] if unit else float
            return kind(handler(number))
        checked = handler(value)
        return type(value)(checked) if isinstance(value, _Physical) else checked

    return WrapValidator(validate)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, _Physical) else value


Length = Annotated[float, _with_unit(_LENGTHS, "px, µm"), PlainSerializer(_plain)]
"""A length: a number is px, text such as "3 µm" has its unit."""

PlaneArea = Annotated[float, _with_unit(_AREAS, "px², µm²"), PlainSerializer(_plain)]
"""An area: a number is px², text such as "400 µm²" has its unit."""
