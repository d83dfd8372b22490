"""The tools' keys, bound on a layer and on its viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellseg.widgets.correct.keymap import KeyMap
    from napari_cellseg.widgets.correct.tools.tool import Tool


class BoundKeys:
    """Keys of tools, in front of napari's own while they are bound.

    Parameters
    ----------
    keys : KeyMap
        Which key is which tool's.
    press : callable
        Called with the tool whose key is pressed.
    """

    def __init__(self, keys: KeyMap, press: Callable[[Tool], object]) -> None:
        self._map, self._press = keys, press
        self._bound: list[tuple[ref[Any], str, Any, Any]] = []

    def bind(self, layer: Any, viewer: Any) -> None:
        """Bind keys to a layer, and to its viewer for while others are selected."""
        self.unbind()
        for tool in self._map.tools.values():
            if not tool.fixed:
                self._bind(tool, (layer, viewer))

    def unbind(self) -> None:
        """Give the keys back to whoever had them."""
        for owner, key, does, before in reversed(self._bound):
            there = owner()
            # another dock may have taken the key over
            if there is not None and does in there.keymap.values():
                there.bind_key(key, before, overwrite=True)
        self._bound.clear()

    def _bind(self, tool: Tool, owners: Iterable[Any]) -> None:
        key = self._map[tool.name]
        for owner in owners:

            def does(_: Any) -> None:
                self._press(tool)

            before = owner.bind_key(key, does, overwrite=True)
            self._bound.append((ref(owner), key, does, before))
