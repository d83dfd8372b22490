"""Labels layers that came from elsewhere: their frames, written where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np
from psygnal import Signal

from napari_cellseg.errors import ImageError
from napari_cellseg.session.frames import ArrayFrames, as_unsigned
from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.placed import place, unplace
from napari_cellseg.widgets.layers.source import frame_on_screen, guess_axes

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger]

SIMPLE = ("YX", "TYX")


class OwnFrames:
    """Frames of a Labels layer; what is written is drawn if it is on screen.

    Parameters
    ----------
    viewer : Viewer
        Where it is shown.
    layer : Labels layer
        The layer. Its data are replaced by a view of the same memory, or a copy, where
        their type cannot hold corrections.
    axes : str
        Letters of its axes.

    Attributes
    ----------
    widened : Signal
        The type has become another, in words.

    Raises
    ------
    ImageError
        If the layer's data are no labels that can be corrected.
    """

    widened = Signal(str)

    def __init__(self, viewer: Viewer, layer: LabelsLayer, axes: str) -> None:
        self.viewer = viewer
        self.axes = axes
        # the layer owns its corrections, not they the layer
        self._layer = ref(layer)
        self.take_over(layer.data)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, Y, X)."""
        return self.frames.shape

    def take_over(self, data: Any) -> None:
        """Go on with other data, which the layer shows already.

        Raises
        ------
        ImageError
            If they are no labels that can be corrected.
        """
        self._shape = tuple(data.shape)
        unsigned = as_unsigned(data)
        frames = unplace(unsigned, self.axes)
        self.frames = ArrayFrames(frames if "T" in self.axes else frames[np.newaxis])
        if unsigned.dtype != data.dtype:
            self._show()

    def shown_by(self, data: Any) -> bool:
        """Whether data of a layer are these frames."""
        return isinstance(data, np.ndarray) and np.may_share_memory(
            data, self.frames.data
        )

    def read(self, t: int) -> Labels:
        """Frame t (Y, X), not to be written to."""
        return self.frames.read(t)

    def write(self, t: int, labels: Labels) -> None:
        """Show labels in frame t."""
        if labels.dtype.itemsize > self.frames.dtype.itemsize:
            self._widen(labels.dtype)
        self.frames.write(t, labels)
        layer = self._layer()
        if layer is not None and self._on_screen(layer) == t:
            layer.refresh(thumbnail=False, highlight=False, extent=False)

    def make_room(self, label: int) -> None:
        """Widen the type of the labels where a number needs it."""
        for dtype in (np.uint16, np.uint32):
            if label > np.iinfo(self.frames.dtype).max:
                self._widen(np.dtype(dtype))

    def top(self) -> int:
        """Return the greatest number in any frame."""
        return self.frames.top()

    def _widen(self, dtype: np.dtype[Any]) -> None:
        former = self.frames.dtype
        self.frames.widen(dtype)
        self._show()
        greatest = np.iinfo(former).max
        self.widened.emit(
            f"The labels are {dtype} now: {former} ends at the number {greatest}."
        )

    def _show(self) -> None:
        """Give the layer the frames that took the place of its data."""
        layer = self._layer()
        if layer is not None:
            layer.data = place(self.frames.data, self.axes, self._shape)
            if OURS in layer.metadata:
                # else the layer would be taken for one that got other data
                layer.metadata[OURS]["data"] = layer.data

    def _on_screen(self, layer: LabelsLayer) -> int:
        return frame_on_screen(layer, self.axes, self.viewer.dims.point)


def axes_of(layer: LabelsLayer) -> str:
    """Letters of a Labels layer's axes.

    Raises
    ------
    ImageError
        If its frames cannot be told from them.
    """
    if layer.multiscale:
        raise ImageError(
            "The layer has several resolutions, and napari can edit none of them: add "
            "the highest one as a layer of its own."
        )
    note = layer.metadata.get(OURS, {})
    axes = str(note.get("axes", "")) or guess_axes(layer)
    if len(axes) != layer.ndim or not (note or set(axes) <= set("TYX")):
        raise ImageError(
            f"The layer has the axes {axes}: corrections are for frames (Y, X) and "
            "movies of them (T, Y, X). Name its axes in axis_labels if they are so."
        )
    return axes
