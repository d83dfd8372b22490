"""How fields are laid out: usual ranges of sliders, and when a field matters.

Names, bounds, titles and descriptions come from the parameters themselves.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from napari_cellseg.widgets.parts.slider import Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellseg.parameters import Parameters

_SPLITS = ("distance map", "distance transform")
_BLOBS: dict[str, tuple[object, ...]] = {"threshold_by": ("blobs",)}
_GROWN: dict[str, tuple[object, ...]] = {"grow": (True,)}

ONLY_WITH: dict[str, dict[str, tuple[object, ...]]] = {
    "low": {"method": ("percentile",)},
    "high": {"method": ("percentile",)},
    "grid": {"method": ("clahe",)},
    "clip": {"method": ("clahe",)},
    "diameter": {"to": ("cell diameter",)},
    "pixel_size": {"to": ("pixel size",)},
    "side": {"to": ("image size",)},
    "factor": {"to": ("factor",)},
    "threshold": {"threshold_by": ("value",)},
    "sensitivity": _BLOBS,
    "smallest_blob": _BLOBS,
    "largest_blob": _BLOBS,
    "markers": {"landscape": _SPLITS},
    "h": {"markers": ("depth",), "landscape": _SPLITS},
    "area": _GROWN,
    "smoothing": _GROWN,
}
"""Fields that matter only with some choices of other fields."""

BELOW = {"element": "element_size"}
"""Fields that come right below another."""

ADVANCED = {"to", "map", "threshold_by", "markers", "test_time"}
"""Fields that say how a system works: its recipe sets them, and few change them."""

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
        "background": Track(0, 500, 5),
        "pixel_size": Track(0.1, 3, 0.01, 2),
        "side": Track(32, 1024, 32),
        "factor": Track(0.1, 4, 0.05, 2),
        "smallest_blob": Track(1, max(20, 2 * d), 0.5, 1),
        "largest_blob": Track(1, max(40, 4 * d), 0.5, 1),
        "area": Track(10, max(4000, round(4 * d**2)), max(10, d // 2)),
        "smoothing": Track(0, 10, 0.1, 1),
    }
    return tracks.get(name, Track(0, 100, 1))


def matters(name: str, parameters: Parameters) -> bool:
    """Whether a field has an effect beside the values of the others."""
    needs = ONLY_WITH.get(name, {})
    return all(
        getattr(parameters, other, values[0]) in values
        for other, values in needs.items()
    )


def in_rows(names: Iterable[str]) -> list[str]:
    """Fields in the order of their rows: what one decides about comes below it."""
    rows = list(names)
    for name, other in BELOW.items():
        if name in rows and other in rows:
            rows.remove(name)
            rows.insert(rows.index(other) + 1, name)
    return rows


def usual(kind: type[Parameters]) -> list[str]:
    """Fields of a class that one moves while looking, in the order of their rows."""
    return [name for name in in_rows(kind.model_fields) if name not in ADVANCED]


def advanced(kind: type[Parameters]) -> list[str]:
    """Fields of a class that few change."""
    return [name for name in in_rows(kind.model_fields) if name in ADVANCED]


def idle(name: str, parameters: Parameters) -> str:
    """Words for why a field that is shown has no effect; empty if it has one."""
    if name == "element" and not getattr(parameters, "element_size", 1):
        return "Element size is 0: no gaps are closed, so its shape has no effect."
    return ""
