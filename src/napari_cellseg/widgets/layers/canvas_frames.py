"""The frames of a canvas, for its corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.postprocess.hierarchy import smallest_type
from napari_cellseg.session.frames import HIGHEST, numbers_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.widgets.layers.canvas import Canvas

    Labels = NDArray[np.unsignedinteger]


class CanvasFrames:
    """What a canvas shows, frame by frame; a frame that is written is drawn at once.

    Parameters
    ----------
    canvas : Canvas
        Of labels. A layer that is gone is not made again.

    Attributes
    ----------
    limit : int
        The highest number that can be written.
    written_back : bool
        Whether what the labels came from changes with them.
    """

    limit = HIGHEST
    written_back = False

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, Y, X)."""
        frames, height, width = self._canvas.frames.shape
        return frames, height, width

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

    def make_room(self, label: int) -> None:
        """Let frames hold a number."""
        self._canvas.widen(smallest_type(label))
