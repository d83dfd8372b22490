"""Tools that change what holds of a cell, not its pixels: lock, release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.widgets.correct.desk import Desk
    from napari_cellseg.widgets.correct.tools.tool import Place


def lock(desk: Desk, place: Place) -> None:
    """Lock the cell, or unlock it."""
    t, label = place[0], desk.cell(place)
    on = desk.corrections.status(t, label) != "locked"
    desk.lock(t, label, on)


def release(desk: Desk, place: Place) -> None:
    """Give the cell, or what was removed here, up to what is automatic."""
    t, y, x = place
    label = desk.label(place) or removed_at(desk.corrections, t, y, x)
    if not label:
        raise EditError("There is no cell here, and none was removed: pick another.")
    if desk.corrections.release(t, [label]) is None:
        raise EditError(f"Cell {label} is automatic already.")


def removed_at(corrections: Corrections, t: int, y: float, x: float) -> int:
    """Return the number of what was removed at a place of frame t, 0 if nothing."""
    row, column = round(y), round(x)
    for label, mark in corrections.marks.get(t, {}).items():
        void = mark.void
        if void is None:
            continue
        i, j = row - void.y, column - void.x
        inside = 0 <= i < void.height and 0 <= j < void.width
        if inside and void.mask[i, j]:
            return label
    return 0
