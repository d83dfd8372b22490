"""Draw and erase: napari's own brush."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellseg.widgets.correct.desk import Desk


def draw(desk: Desk) -> None:
    """Paint a new cell."""
    new = desk.new_label()
    desk.layer.mode = "paint"
    desk.hinted.emit(f"Paint cell {new}. Press again for another one.")


def erase(desk: Desk) -> None:
    """Erase with the brush."""
    desk.layer.mode = "erase"
