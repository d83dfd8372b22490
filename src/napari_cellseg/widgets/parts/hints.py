"""How fields are laid out: usual ranges of sliders, and when a field matters.

Names, bounds, titles and descriptions come from the parameters themselves.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any

from napari_cellseg.widgets.parts.slider import Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellseg.parameters import Parameters

ONLY_WITH = {
    "low": ("method", "percentile"),
    "high": ("method", "percentile"),
    "grid": ("method", "clahe"),
    "clip": ("method", "clahe"),
}
"""Fields that matter only with one choice of another field."""

BELOW = {"element": "element_size"}
"""Fields that come right below another."""

DIAMETER = 30.0
"""Assumed (px) until the diameter is known."""


def usual_track(name: str, diameter: float | None) -> Track:
    """Usual range of a field's slider, for cells of a diameter (px)."""
    d = diameter or DIAMETER
    tracks = {
        "threshold": Track(0, 1, 0.01, 2),
        "smallest_area": Track(0, max(10, round(pi / 4 * d**2)), max(1, d // 20)),
        "element_size": Track(0, max(9, min(101, int(d))), 2, odd=True),
        "h": Track(0, max(2.0, d / 2), 0.05 if d < 60 else 0.1, 2),
        "diameter": Track(4, 150, 0.5, 1),
        "low": Track(0, 50, 0.1, 1),
        "high": Track(50, 100, 0.1, 1),
        "grid": Track(1, 32, 1),
        "clip": Track(0.1, 20, 0.1, 1),
    }
    return tracks.get(name, Track(0, 100, 1))


def matters(name: str, parameters: Parameters) -> bool:
    """Whether a field has an effect beside the values of the others."""
    other, value = ONLY_WITH.get(name, (None, None))
    chosen: Any = getattr(parameters, other, value) if other else value
    return bool(chosen == value)


def in_rows(names: Iterable[str]) -> list[str]:
    """Fields in the order of their rows: what one decides about comes below it."""
    rows = list(names)
    for name, other in BELOW.items():
        if name in rows and other in rows:
            rows.remove(name)
            rows.insert(rows.index(other) + 1, name)
    return rows


def idle(name: str, parameters: Parameters) -> str:
    """Words for why a field that is shown has no effect; empty if it has one."""
    if name == "element" and not getattr(parameters, "element_size", 1):
        return "Element size is 0: no gaps are closed, so its shape has no effect."
    return ""
