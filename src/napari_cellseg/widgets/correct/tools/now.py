"""Tools that need no place: review, undo, redo, the cheat sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from napari_cellseg.widgets.correct.desk import Desk


def next_suspect(desk: Desk) -> None:
    """Go to the next suspect."""
    desk.reviewed.emit("next")


def accept(desk: Desk) -> None:
    """Accept the suspect."""
    desk.reviewed.emit("accept")


def skip(desk: Desk) -> None:
    """Skip the suspect."""
    desk.reviewed.emit("skip")


def check(desk: Desk) -> None:
    """Mark the frame on screen as done, or not."""
    desk.reviewed.emit("check")


def undo(desk: Desk) -> None:
    """Take the last step back."""
    if desk.corrections.timeline.last is None:
        raise EditError("There is nothing to undo.")
    desk.undo()


def redo(desk: Desk) -> None:
    """Do again what was undone."""
    if desk.corrections.timeline.next is None:
        raise EditError("There is nothing to redo.")
    desk.redo()


def sheet(desk: Desk) -> None:
    """Show the cheat sheet, or hide it."""
    desk.sheet_wanted.emit()
