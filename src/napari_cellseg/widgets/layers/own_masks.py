"""Labels layers that came from elsewhere: their frames, written where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.session.frames import ArrayFrames, as_unsigned, check_type
from napari_cellseg.session.lazy_frames import LazyFrames
from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.layer_frames import LayerFrames
from napari_cellseg.widgets.layers.placed import place, unplace
from napari_cellseg.widgets.layers.source import frame_on_screen, guess_axes

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger]

NARROWED = "The labels are uint32 in napari now, and were {}."
LAZY = ("YX", "TYX")
"""Axes of labels that need not lie in memory."""


class OwnFrames(LayerFrames):
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
    narrowed : str
        That labels of 64 bits have 32 now, in words; empty if they had no more.

    Raises
    ------
    ImageError
        If the layer's data are no labels that can be corrected.
    """

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

    def take_over(self, data: Any) -> bool:
        """Go on with other data, which the layer shows already; True.

        Raises
        ------
        ImageError
            If they are no labels that can be corrected.
        """
        former = getattr(self, "frames", None)
        if isinstance(former, LazyFrames):
            former.close()
        self._shape = tuple(data.shape)
        wide = np.dtype(data.dtype).itemsize > np.dtype(np.uint32).itemsize
        self.narrowed = NARROWED.format(data.dtype) if wide else ""
        if isinstance(data, np.ndarray) and data.flags.writeable:
            unsigned = as_unsigned(data)
            frames = unplace(unsigned, self.axes)
            frames = frames if "T" in self.axes else frames[np.newaxis]
            self.frames: ArrayFrames | LazyFrames = ArrayFrames(frames)
            if unsigned.dtype != data.dtype:
                self._show()
            return True
        check_type(np.dtype(data.dtype))
        if self.axes not in LAZY:
            raise ImageError(
                f"The layer has the axes {self.axes} and does not lie in memory: give "
                "napari its frames in the order (T, Y, X), or as a NumPy array."
            )
        self.frames = LazyFrames(data, _can_be_written(data))
        self._show()
        return True

    def shown_by(self, data: Any) -> bool:
        """Whether data of a layer are these frames."""
        if isinstance(self.frames, LazyFrames):
            return data is self.frames.array
        return isinstance(data, np.ndarray) and np.may_share_memory(
            data, self.frames.data
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of every frame."""
        return self.frames.dtype

    @property
    def written_back(self) -> bool:
        """Whether the file that the labels came from changes with them."""
        return self.frames.written_back

    @property
    def limit(self) -> int:
        """The highest number that can be written."""
        return self.frames.limit

    @property
    def pending(self) -> bool:
        """Whether frames are still to be written to their file."""
        return isinstance(self.frames, LazyFrames) and self.frames.pending

    @property
    def trouble(self) -> str:
        """Why frames cannot be written to their file, in words; empty if they can."""
        return self.frames.trouble if isinstance(self.frames, LazyFrames) else ""

    def flush(self) -> bool:
        """Write what is still to be written to a file; whether it could be."""
        return self.frames.flush() if isinstance(self.frames, LazyFrames) else True

    def read(self, t: int) -> Labels:
        """Frame t (Y, X), not to be written to."""
        return self.frames.read(t)

    def write(self, t: int, labels: Labels) -> None:
        """Show labels in frame t."""
        if labels.dtype.itemsize > self.frames.dtype.itemsize:
            self.widen(labels.dtype)
        self.frames.write(t, labels)
        layer = self._layer()
        if layer is not None and self._on_screen(layer) == t:
            layer.refresh(thumbnail=False, highlight=False, extent=False)

    def widen(self, dtype: np.dtype[Any]) -> None:
        """Hold the frames in a wider type."""
        former = self.dtype
        self.frames.widen(dtype)
        self._show()
        greatest = np.iinfo(former).max
        self.widened.emit(
            f"The labels are {dtype} now: {former} ends at the number {greatest}."
        )

    def top(self) -> int:
        """Return the greatest number in any frame."""
        return self.frames.top()

    def used(self) -> NDArray[np.int64]:
        """Return the numbers of all cells of all frames (N,), rising."""
        return self.frames.used()

    def _show(self) -> None:
        """Give the layer the frames that took the place of its data."""
        layer = self._layer()
        if layer is None:
            return
        if isinstance(self.frames, LazyFrames):
            data: Any = self.frames.array
        else:
            data = place(self.frames.data, self.axes, self._shape)
        if OURS in layer.metadata:
            # told of the new data, one looks whether they are these
            layer.metadata[OURS]["data"] = data
        layer.data = data

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


def _can_be_written(data: Any) -> bool:
    """Whether what is assigned to lazy data reaches a file: zarr's alone."""
    zarr = type(data).__module__.partition(".")[0] == "zarr"
    return zarr and not data.read_only
