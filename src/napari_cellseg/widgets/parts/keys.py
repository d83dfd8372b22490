"""A key that works while it is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

from qtpy.QtCore import QObject
from qtpy.QtGui import QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.layers import Layer
    from napari.viewer import Viewer

BEFORE = "Q"
"""Held to see what was before: napari uses it neither for layers nor for the viewer."""


class HeldKey(QObject):
    """Calls back when a key goes down in a viewer, and when it comes up.

    A window that loses the focus hears no key come up: that counts as coming up. What
    a key repeats while it is down is not heard, as napari keeps it back.

    Parameters
    ----------
    viewer : Viewer
        Where the key is pressed.
    key : str
        Its name.
    hold : callable
        Called with True when it goes down and with False when it comes up.
    """

    def __init__(self, viewer: Viewer, key: str, hold: Callable[[bool], Any]) -> None:
        super().__init__()
        self.key = key
        self._hold = hold
        self._down = self._closed = False
        self._bound: list[tuple[ReferenceType[Any], Any]] = []
        self.bind(viewer)
        _application().focusWindowChanged.connect(self._on_focus)

    def bind(self, owner: Viewer | Layer) -> None:
        """Hear the key in a viewer, or in a layer while it is the active one.

        A layer's own keys go before the viewer's and before those of its class.
        """
        if self._closed or any(owner is bound() for bound, _ in self._bound):
            return

        def held(_: Any) -> Iterator[None]:
            self._set(True)
            yield
            self._set(False)

        owner.bind_key(self.key, held, overwrite=True)
        self._bound.append((ref(owner), held))

    def close(self) -> None:
        """Let the key up, and hear it no more."""
        if self._closed:
            return
        self._set(False)
        self._closed = True
        for bound, held in self._bound:
            owner = bound()
            # another dock may have taken the key over
            if owner is not None and held in owner.keymap.values():
                owner.bind_key(self.key, None)
        self._bound.clear()
        _application().focusWindowChanged.disconnect(self._on_focus)

    def _on_focus(self, _: Any) -> None:
        self._set(False)

    def _set(self, down: bool) -> None:
        if down != self._down:
            self._down = down
            self._hold(down)


def _application() -> Any:
    return QGuiApplication.instance()
