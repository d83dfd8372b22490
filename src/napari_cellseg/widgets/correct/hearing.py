"""What a widget listens to outside of Qt, for as long as it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class Hearing:
    """Connections of a widget to signals of psygnal and napari.

    Qt does not know of these: whoever is not disconnected is called after the window
    has taken its widget with it.

    Parameters
    ----------
    widget : QWidget
        Once it is destroyed, nothing is heard any more.
    """

    def __init__(self, widget: QWidget) -> None:
        self._heard: list[tuple[Any, Callable[..., Any]]] = []
        end = self.end
        widget.destroyed.connect(lambda: end())

    def to(self, *heard: tuple[Any, Callable[..., Any]]) -> None:
        """Listen to these signals, each with what it calls, and to no others."""
        self.end()
        for signal, slot in heard:
            signal.connect(slot)
        self._heard = list(heard)

    def end(self) -> None:
        """Listen to nothing any more."""
        for signal, slot in self._heard:
            signal.disconnect(slot)
        self._heard = []
