"""Which frames of a layer were painted on by hand, as napari undoes and redoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari.layers import Layer
    from numpy.typing import NDArray


class Strokes:
    """Follows napari's undo, which tells nobody what it changes.

    A frame is known by a checksum of its result: it is edited while it differs. Where
    the result was not known when the first stroke came, a frame stays edited.

    Parameters
    ----------
    sums : dict of int, optional
        Checksums by frame, from an earlier look at the same layer.

    Attributes
    ----------
    sums : dict of int to int or None
        Of the results of those frames that napari's history may change; None where it
        is not known.
    """

    def __init__(self, sums: dict[int, int | None] | None = None) -> None:
        self.sums = {} if sums is None else sums
        self._redo = 0

    def began(self, t: int, result: NDArray[Any] | None, layer: Layer) -> None:
        """Take note of a stroke on frame t, whose result may be known."""
        self._redo = len(_redone(layer))
        self.sums.setdefault(t, None if result is None else _sum(result))

    def undone(self, layer: Layer) -> bool:
        """Whether a stroke was undone, or redone, since this was asked last."""
        before, self._redo = self._redo, len(_redone(layer))
        return before != self._redo

    def edited(self, frame: Callable[[int], NDArray[Any]]) -> dict[int, bool]:
        """By frame that napari's history may change: whether it differs now."""
        return {
            t: known is None or _sum(frame(t)) != known
            for t, known in self.sums.items()
        }

    def clear(self, layer: Layer | None, lasting: Iterable[int] = ()) -> None:
        """Let napari forget its history: it would write what was there before.

        Frames that are edited still, ``lasting``, stay so.
        """
        edited = set(self.sums) & set(lasting)
        self.sums.clear()
        self.sums.update(dict.fromkeys(edited))
        self._redo = 0
        for name in ("_undo_history", "_redo_history"):
            history = getattr(layer, name, None)
            if history is not None:
                history.clear()


class Hand:
    """Hears what is painted on a layer by hand, and when napari undoes it.

    Parameters
    ----------
    painted, undone : callable
        Called with this when a stroke begins, and when one was undone or redone.
    strokes : Strokes
        What is known of the layer's frames.
    """

    def __init__(
        self,
        painted: Callable[[Hand], None],
        undone: Callable[[Hand], None],
        strokes: Strokes,
    ) -> None:
        self.strokes = strokes
        self._painted, self._undone = painted, undone
        self._layer: Layer | None = None

    def listen(self, layer: Layer | None) -> None:
        """Hear this layer, and no more the one before; None: none."""
        if self._layer is not None:
            self._layer.events.paint.disconnect(self._on_paint)
            self._layer.events.set_data.disconnect(self._on_drawn)
        self._layer = layer
        if layer is not None:
            self.strokes.undone(layer)
            layer.events.paint.connect(self._on_paint)
            layer.events.set_data.connect(self._on_drawn)

    def began(self, t: int, result: NDArray[Any] | None) -> None:
        """Take note of a stroke on frame t, whose result may be known."""
        assert self._layer is not None
        self.strokes.began(t, result, self._layer)

    def _on_paint(self, event: Any = None) -> None:
        self._painted(self)

    def _on_drawn(self, event: Any = None) -> None:
        """Look whether napari undid strokes: it tells of nothing but the drawing."""
        if self._layer is not None and self.strokes.undone(self._layer):
            self._undone(self)


def _redone(layer: Layer) -> Any:
    # napari has no public name for it
    return getattr(layer, "_redo_history", ())


def _sum(labels: NDArray[Any]) -> int:
    # a layer may have been widened since
    return crc32(np.ascontiguousarray(labels, np.uint32).data)
