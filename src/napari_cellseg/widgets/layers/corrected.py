"""Corrections bound to a Labels layer: what is painted on it, and what is shown."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np
from psygnal import Signal

from napari_cellseg.errors import CellsegError, ImageError
from napari_cellseg.widgets.layers import seen
from napari_cellseg.widgets.layers.file_watch import FileWatch
from napari_cellseg.widgets.layers.layer_frames import LayerFrames
from napari_cellseg.widgets.layers.listening import Listening
from napari_cellseg.widgets.layers.own_journal import Bell
from napari_cellseg.widgets.layers.source import frame_on_screen
from napari_cellseg.widgets.layers.strokes import Strokes
from napari_cellseg.widgets.layers.undo_keys import unbind_keys

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Edit
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.session.keeping import Keeping

    Labels = NDArray[np.unsignedinteger]

_CLOCK = count(1)


class Corrected:
    """A Labels layer and its corrections; made by `bind` or `adopt`.

    The layer owns it, by the keys that are bound to it.

    Parameters
    ----------
    viewer : Viewer
        Where it is shown.
    layer : Labels layer
        The layer.
    corrections : Corrections
        Of what it shows.
    axes : str
        Letters of ``TCZYX``, one an axis of the layer.

    Attributes
    ----------
    changed : Signal
        The frame on screen, its labels or marks, the timeline or `lacking` are other
        than before. Emitted once for all that happened, after napari has drawn.
    told : Signal
        Words for the user; empty when all is well again.
    words : str
        What was told last.
    frames : LayerFrames
        What the layer shows.
    t : int
        The frame on screen; 0 without T.
    bound : bool
        Whether it was not released yet.
    used : int
        Grows with every use: of several, the one with the greatest was used last.
    keeping : Keeping or None
        Where corrections of masks that came from elsewhere are written down.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(
        self, viewer: Viewer, layer: LabelsLayer, corrections: Corrections, axes: str
    ) -> None:
        assert isinstance(corrections.frames, LayerFrames)
        self.viewer = viewer
        self.corrections, self.frames = corrections, corrections.frames
        self.axes = axes
        self.bound = True
        self.words = ""
        self.keeping: Keeping | None = None
        self._own = True
        self._layer = ref(layer)
        self._shape = tuple(layer.data.shape)
        self._bell = Bell(self._on_keeping)
        self._strokes = Strokes(corrections)
        self.touch()
        self.t = self._frame_now()
        file = FileWatch(self.frames, self.tell)
        self._listening = Listening(self, self._strokes, file)
        self.fit()
        self.renew()

    @property
    def alive(self) -> bool:
        """Whether its layer still lives."""
        return self._layer() is not None

    @property
    def layer(self) -> LabelsLayer:
        """The layer; it lives as long as this is bound."""
        layer = self._layer()
        assert layer is not None
        return layer

    @property
    def frame(self) -> Labels:
        """The frame on screen (Y, X), not to be written to."""
        return self.frames.read(self.t)

    @property
    def trouble(self) -> str:
        """What is wrong with the journal, else the masks' file; empty if nothing."""
        journal = self.keeping.words if self.keeping is not None else ""
        return journal or self.frames.trouble

    @property
    def shown_axes(self) -> str:
        """Letters of the axes on screen, that from left to right last."""
        return seen.shown_axes(self.viewer, self.layer, self.axes)

    @property
    def shows_frames(self) -> bool:
        """Whether the layer's data are the frames of the corrections."""
        data = self.layer.data
        return tuple(data.shape) == self._shape and self.frames.shown_by(data)

    @property
    def lacking(self) -> str:
        """Why the layer cannot be corrected now, in words; empty if it can."""
        layer = self.layer
        if layer not in self.viewer.layers:
            return (
                f"The layer {layer.name} was removed. Its corrections are kept, and go "
                "on when it is there again."
            )
        shape = tuple(layer.data.shape)
        if shape != self._shape:
            return (
                f"The layer {layer.name} is {_size(shape)} now, and its corrections "
                f"are for {_size(self._shape)}."
            )
        if not self.shows_frames:
            return (
                f"The layer {layer.name} got other labels, and its corrections are for "
                "those that it had."
            )
        return seen.turned(self.viewer, layer, self.axes)

    def pixel(
        self, position: tuple[float, ...] | NDArray[Any]
    ) -> tuple[int, int, int] | None:
        """Find the pixel (t, y, x) at a world position; None outside of the layer."""
        at = np.round(self.layer.world_to_data(position)).astype(int).tolist()
        place = dict(zip(self.axes, at, strict=True))
        t, y, x = place.get("T", 0), place["Y"], place["X"]
        frames, height, width = self.frames.shape
        inside = 0 <= t < frames and 0 <= y < height and 0 <= x < width
        return (t, y, x) if inside else None

    def capture(self) -> Edit | None:
        """Take what was painted on the frame on screen as a stroke.

        Called by whoever reads or writes the frame; by itself when a stroke is done.

        Returns
        -------
        Edit or None
            None if nothing was painted.
        """
        layer = self._layer()
        if layer is None or not self._strokes.waiting(layer):
            return None
        self._strokes.forget(layer)
        if not self.shows_frames:
            return None
        self.touch()
        # what is wrong with this stroke is told by it
        self.tell(self.trouble)
        try:
            return self._strokes.take(self.t)
        except CellsegError as error:
            self.tell(str(error))
            return None

    def renew(self) -> None:
        """Take the frame on screen as it is: labels were written to it."""
        if not self._strokes.busy and self.shows_frames:
            self._strokes.keep(self.t)

    def go(self, t: int) -> None:
        """Bring a frame on screen."""
        if "T" in self.axes and t != self.t:
            seen.bring(self.viewer, self.layer, self.axes, t)

    def follow(self) -> bool:
        """Take up the frame on screen; whether it is another than before."""
        t = self._frame_now()
        if t == self.t:
            return False
        self.capture()
        self.t = t
        self.renew()
        return True

    def fit(self) -> None:
        """Let napari paint on frames as they are, and on nothing that lies across."""
        layer = self.layer
        across = layer.multiscale or seen.turned(self.viewer, layer, self.axes)
        seen.let_paint(layer, not across)

    def lay_over(self) -> None:
        """Lay the corrections over other labels of the same size, if there are."""
        layer, corrections = self.layer, self.corrections
        if tuple(layer.data.shape) != self._shape or self.shows_frames:
            return
        try:
            if not self.frames.take_over(layer.data):
                return
        except ImageError as error:
            self.tell(str(error))
            return
        corrections.renumber()
        for t in corrections.marks:
            auto = self.frames.read(t).copy()
            self.frames.write(t, corrections.take(t, auto))
        if corrections.marks:
            name = layer.name
            self.tell(f"{name} got other labels: your corrections are laid over them.")

    def undo(self) -> None:
        """Take the last step back, and bring on screen what it changed."""
        self.capture()
        self._step(self.corrections.timeline.undo)

    def redo(self) -> None:
        """Do the step again that was undone last, and bring it on screen."""
        self.capture()
        self._step(self.corrections.timeline.redo)

    def new_label(self) -> int:
        """Select a number that is free, for napari's brush; return it."""
        self.capture()
        label = self.corrections.new_label(self.t)
        self.frames.make_room(label)
        self.layer.selected_label = label
        return label

    def touch(self) -> None:
        """Take note that it is used."""
        self.used = next(_CLOCK)

    def tell(self, words: str) -> None:
        """Tell the user; empty: all is well."""
        if words != self.words:
            self.words = words
            self.told.emit(words)

    def keep(self, keeping: Keeping, own: bool = True) -> None:
        """Write corrections down from now on.

        Parameters
        ----------
        keeping : Keeping
            Where they are written down.
        own : bool
            It ends with this; else with whoever gave it.
        """
        self.keeping, self._own = keeping, own
        keeping.changed.connect(self._bell.ring)
        self._on_keeping()

    def release(self) -> None:
        """Let the layer go: its corrections are another's, or nobody's."""
        self.capture()
        self.bound = False
        self._listening.stop()
        if (layer := self._layer()) is not None:
            unbind_keys(layer)
        if self.keeping is not None and self._own:
            self.keeping.close()

    def _step(self, take: Any) -> None:
        try:
            step = take()
        except CellsegError as error:
            self.tell(str(error))
            return
        self.touch()
        frames = getattr(step, "frames", ())
        if frames and self.t not in frames:
            self.go(min(frames, key=lambda t: abs(t - self.t)))

    def _on_keeping(self) -> None:
        """Tell of trouble with the journal, and when it is over."""
        self.tell(self.trouble)

    def _frame_now(self) -> int:
        at = frame_on_screen(self.layer, self.axes, self.viewer.dims.point)
        return min(max(at, 0), self.frames.shape[0] - 1)


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
