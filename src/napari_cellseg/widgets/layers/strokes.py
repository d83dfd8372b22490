"""Which frames of a layer were painted on by hand, as napari undoes and redoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

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
    sums : dict of int
        Of the results of those frames that napari's history may change.
    """

    def __init__(self, sums: dict[int, int] | None = None) -> None:
        self.sums = {} if sums is None else sums
        self._redo = 0

    def began(self, t: int, result: NDArray[Any] | None, layer: Layer) -> None:
        """Take note of a stroke on frame t, whose result may be known."""
        self._redo = len(_redone(layer))
        if result is not None:
            self.sums.setdefault(t, _sum(result))

    def undone(self, layer: Layer) -> bool:
        """Whether a stroke was undone, or redone, since this was asked last."""
        before, self._redo = self._redo, len(_redone(layer))
        return before != self._redo

    def edited(self, frame: Callable[[int], NDArray[Any]]) -> dict[int, bool]:
        """By frame that napari's history may change: whether it differs now."""
        return {t: _sum(frame(t)) != known for t, known in self.sums.items()}

    def clear(self, layer: Layer | None) -> None:
        """Let napari forget its history: it would write what was there before."""
        self.sums.clear()
        self._redo = 0
        for name in ("_undo_history", "_redo_history"):
            history = getattr(layer, name, None)
            if history is not None:
                history.clear()


def _redone(layer: Layer) -> Any:
    # napari has no public name for it
    return getattr(layer, "_redo_history", ())


def _sum(labels: NDArray[Any]) -> int:
    # a layer may have been widened since
    return crc32(np.ascontiguousarray(labels, np.uint32).data)
