"""Lengths and areas as they are shown: in px, or in µm where a pixel has a size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING

from napari_cellseg.widgets.layers.source import pixel_size

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer

_NAMED = re.compile(r"\(px(²?)\)")
DIGITS = 9
"""Significant digits of a length in px that was typed in µm."""


@dataclass(frozen=True)
class Unit:
    """What a length in px is multiplied by to be shown.

    Attributes
    ----------
    name : str
        Of a length.
    size : float
        Length of a pixel in this unit.
    """

    name: str = "px"
    size: float = 1.0

    def factor(self, power: int) -> float:
        """Return what px to a power are multiplied by to be shown.

        Parameters
        ----------
        power : int
            0 for plain numbers, 1 for lengths, 2 for areas.
        """
        return self.size**power

    def back(self, shown: float, power: int) -> float:
        """Value in px, px² of one that was typed.

        Rounded so that what is a plain number in px becomes that number.

        Examples
        --------
        >>> 1.2 / 0.4, Unit("µm", 0.4).back(1.2, 1)
        (2.9999999999999996, 3.0)
        """
        if self.size == 1:
            return shown
        return float(f"{shown / self.factor(power):.{DIGITS}g}")

    def say(self, value: float, power: int = 1) -> str:
        """Words for a value in px, px².

        Examples
        --------
        >>> Unit().say(1.834), Unit("µm", 0.5).say(412, 2)
        ('1.83 px', '103 µm²')
        """
        shown = value * self.factor(power)
        number = f"{shown:.0f}" if shown >= 100 else f"{shown:.3g}"
        return f"{number} {self.symbol(power)}"

    def symbol(self, power: int = 1) -> str:
        """Symbol of a length or an area."""
        return self.name + ("²" if power == 2 else "")

    def name_in(self, description: str) -> str:
        """Put this unit in place of px in a parameter's description."""
        return _NAMED.sub(lambda found: f"({self.name}{found[1]})", description)


PX = Unit()


def power_of(description: str) -> int:
    """Power of a length that a description names: 1 for (px), 2 for (px²), else 0."""
    found = _NAMED.search(description)
    return 0 if found is None else 2 if found[1] else 1


def square_pixel(layer: ImageLayer, axes: str) -> float | None:
    """Size (µm) of a pixel that is as high as wide; None if it is not, or not known."""
    if not {"Y", "X"} <= set(axes):
        return None
    wide = pixel_size(layer, axes)
    high = pixel_size(layer, axes[: axes.index("Y")] + "X")
    if wide is None or high is None or not isclose(wide, high, rel_tol=1e-3):
        return None
    return wide
