"""What a tool is: one gesture, one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellseg.widgets.correct.desk import Desk

    Place = tuple[int, float, float]

How = Literal["cell", "gesture", "brush", "now"]
"""Needs one cell; a gesture of its own; napari's brush; nothing."""


@dataclass(frozen=True)
class Tool:
    """One row of the table that buttons, keys and the cheat sheet are made from.

    Attributes
    ----------
    name : str
        In the settings.
    title : str
        On its button.
    key : str
        By default, as napari writes it.
    gesture : str
        What to do with the mouse, in a few words.
    tooltip : str
        What it does.
    how : {"cell", "gesture", "brush", "now"}
        What it needs: the cell under the pointer, a gesture, napari's brush, nothing.
    act : callable
        Of a desk and a place (t, y, x) for "cell"; of a desk otherwise. It makes the
        `Gesture` for "gesture".
    fixed : bool
        Whether its key is bound elsewhere and cannot be changed.
    here : bool
        Whether it works in the frame on screen only, whatever is chosen.
    """

    name: str
    title: str
    key: str
    gesture: str
    tooltip: str
    how: How
    act: Callable[..., Any]
    fixed: bool = False
    here: bool = False


class Gesture:
    """Takes what the mouse does while a tool is armed; by default nothing.

    Parameters
    ----------
    desk : Desk
        What it works on.

    Attributes
    ----------
    seeds : list of (y, x)
        Points to show on the canvas.
    t : int
        The frame that they lie in.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.seeds: list[tuple[float, float]] = []
        self.t = 0

    def click(self, place: Place) -> None:
        """Take a click."""

    def drag(self, t: int, line: list[tuple[float, float]]) -> None:
        """Take a line (y, x) that was drawn in frame t."""

    def finish(self) -> None:
        """Enter, or a double click."""


class Starter(Protocol):
    """Makes a gesture."""

    def __call__(self, desk: Desk) -> Gesture:
        """Begin anew."""
