"""How fields are laid out: usual ranges of sliders, and when a field matters.

Names, bounds, titles and descriptions come from the parameters themselves.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any

from napari_cellseg.widgets._slider import Track

if TYPE_CHECKING:
    from napari_cellseg.parameters import Parameters

ONLY_WITH = {
    "low": ("method", "percentile"),
    "high": ("method", "percentile"),
    "grid": ("method", "clahe"),
    "clip": ("method", "clahe"),
}
"""Fields that matter only with one choice of another field."""

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
    if name == "element":
        return bool(getattr(parameters, "element_size", 1))
    return bool(chosen == value)
