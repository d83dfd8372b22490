"""The frames of a canvas, for its corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.session.frames import HIGHEST, numbers_in
from napari_cellseg.widgets.layers.layer_frames import LayerFrames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.widgets.layers.canvas import Canvas

    Labels = NDArray[np.unsignedinteger]


class CanvasFrames(LayerFrames):
    """What a canvas shows, frame by frame; a frame that is written is drawn at once.

    Parameters
    ----------
    canvas : Canvas
        Of labels. A layer that is gone is not made again.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, Y, X)."""
        frames, height, width = self._canvas.frames.shape
        return frames, height, width

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of every frame."""
        return self._canvas.frames.dtype

    @property
    def limit(self) -> int:
        """The highest number that can be written."""
        return HIGHEST

    def read(self, t: int) -> Labels:
        """Frame t as it is shown, (Y, X); not to be written to."""
        frame: Labels = self._canvas.frames[t]
        return frame

    def write(self, t: int, labels: Labels) -> None:
        """Show other labels in frame t."""
        canvas = self._canvas
        visible = canvas.is_there() and canvas.on_screen == t
        canvas.fill(t, labels, visible)

    def top(self) -> int:
        """Return the greatest number in any frame."""
        return int(self._canvas.frames.max(initial=0))

    def used(self) -> NDArray[np.int64]:
        """Return the numbers of all cells of all frames (N,), rising."""
        return numbers_in(self._canvas.frames)

    def shown_by(self, data: Any) -> bool:
        """Whether data of a layer are these frames."""
        return isinstance(data, np.ndarray) and np.may_share_memory(
            data, self._canvas.frames
        )

    def widen(self, dtype: np.dtype[Any]) -> None:
        """Hold the frames in a wider type."""
        self._canvas.widen(dtype)
