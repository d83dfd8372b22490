"""Corrections bound to a Labels layer: what is painted on it, and what is shown."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from psygnal import Signal
from qtpy.QtCore import QCoreApplication, QTimer

from napari_cellseg.correction import derive
from napari_cellseg.correction.patch import patch_of
from napari_cellseg.correction.tracked import tracked
from napari_cellseg.errors import CellsegError, ImageError
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.settings import MB
from napari_cellseg.widgets.layers.own_journal import Bell, keep_masks
from napari_cellseg.widgets.layers.own_masks import OwnFrames, axes_of
from napari_cellseg.widgets.layers.real import real
from napari_cellseg.widgets.layers.source import frame_on_screen
from napari_cellseg.widgets.layers.undo_keys import bind_keys, unbind_keys
from napari_cellseg.widgets.parts.restore import offer

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Edit
    from napari_cellseg.session.keeping import Keeping

    Labels = NDArray[np.unsignedinteger]

PUT_BACK = "A locked cell was painted over, and put back: unlock it first."
FORGOTTEN = "The oldest steps can no longer be undone (memory for undo: {} MB)."
TOO_LARGE = (
    "This step takes more than the memory for undo ({} MB) and cannot be taken back."
)
WATCH = 1000
"""Time after which it is looked whether a file could be written (ms)."""
ONE_FRAME = "Painting is for one frame at a time: n edit dim is 2 again."

_BOUND: WeakKeyDictionary[LabelsLayer, ref[Corrected]] = WeakKeyDictionary()
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
    t : int
        The frame on screen; 0 without T.
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
        self.viewer = viewer
        self.corrections = corrections
        self.axes = axes
        self.used = next(_CLOCK)
        self._layer = ref(layer)
        self._shape = tuple(layer.data.shape)
        self.words = ""
        self.keeping: Keeping | None = None
        self._unkept = ""
        self._own = True
        self._bell = Bell(self._on_keeping)
        self._forgotten = corrections.timeline.forgotten
        self._painted = self._busy = False
        self._kept: Labels | None = None
        # what happens in one go is told once, and captured when napari is through
        self._soon = QTimer()
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._catch_up)
        self._watch = QTimer()
        self._watch.setSingleShot(True)
        self._watch.timeout.connect(self._watch_writing)
        self.t = self._frame_now()
        self._listen()
        bind_keys(self, layer)
        self._fit_view()
        self.renew()

    @property
    def layer(self) -> LabelsLayer:
        """The layer; it lives as long as this is bound."""
        layer = self._layer()
        assert layer is not None
        return layer

    @property
    def frame(self) -> Labels:
        """The frame on screen (Y, X), not to be written to."""
        return self.corrections.frames.read(self.t)

    @property
    def trouble(self) -> str:
        """What is wrong with the journal, in words; empty if nothing is."""
        return self.keeping.words if self.keeping is not None else self._unkept

    @property
    def shown_axes(self) -> str:
        """Letters of the axes on screen, that from left to right last."""
        dims = self.viewer.dims
        across = dims.ndim - self.layer.ndim
        shown = (dims.order[i] - across for i in range(-dims.ndisplay, 0))
        return "".join(self.axes[i] if i >= 0 else "-" for i in shown)

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
        if not self._shows_them():
            return (
                f"The layer {layer.name} got other labels, and its corrections are for "
                "those that it had."
            )
        return self._turned()

    def pixel(
        self, position: tuple[float, ...] | NDArray[Any]
    ) -> tuple[int, int, int] | None:
        """Find the pixel (t, y, x) at a world position; None outside of the layer."""
        at = np.round(self.layer.world_to_data(position)).astype(int).tolist()
        place = dict(zip(self.axes, at, strict=True))
        t, y, x = place.get("T", 0), place["Y"], place["X"]
        frames, height, width = self.corrections.frames.shape
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
        if layer is None or self._busy or not (self._painted or layer._staged_history):
            return None
        self._painted = False
        _forget_history(layer)
        if self._kept is None or not self._shows_them():
            return None
        self._busy = True
        try:
            edit = self._stroke(self._kept)
        finally:
            self._busy = False
        self.renew()
        return edit

    def renew(self) -> None:
        """Take the frame on screen as it is: labels were written to it."""
        if self._busy or not self._shows_them():
            return
        frame, kept = self.corrections.frames.read(self.t), self._kept
        alike = (frame.shape, frame.dtype)
        if kept is not None and (kept.shape, kept.dtype) == alike:
            # memory that is at hand already is written twice as fast
            np.copyto(kept, frame)
        else:
            self._kept = frame.copy()

    def go(self, t: int) -> None:
        """Bring a frame on screen."""
        if "T" in self.axes and t != self.t:
            at, layer = self.axes.index("T"), self.layer
            point = [0.0] * layer.ndim
            point[at] = t
            world = layer.data_to_world(point)[at]
            dims = self.viewer.dims
            dims.set_point(dims.ndim - layer.ndim + at, float(world))

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
        make_room = getattr(self.corrections.frames, "make_room", None)
        if make_room is not None:
            make_room(label)
        self.layer.selected_label = label
        return label

    def tell(self, words: str) -> None:
        """Tell the user; empty: all is well."""
        if words != self.words:
            self.words = words
            self.told.emit(words)

    def keep(self, keeping: Keeping | str, own: bool = True) -> None:
        """Write corrections down from now on, or tell why they cannot be.

        Parameters
        ----------
        keeping : Keeping or str
            Where they are written down, or words.
        own : bool
            It ends with this; else with whoever gave it.
        """
        if isinstance(keeping, str):
            self._unkept = keeping
            self.tell(keeping)
            return
        self.keeping, self._own = keeping, own
        keeping.changed.connect(self._bell.ring)
        self._on_keeping()

    def release(self) -> None:
        """Let the layer go: its corrections are another's, or nobody's."""
        self.capture()
        self._connect("disconnect")
        self._soon.stop()
        self._watch.stop()
        if (layer := self._layer()) is not None:
            unbind_keys(layer)
            _BOUND.pop(layer, None)
        if self.keeping is not None and self._own:
            self.keeping.close()

    def _stroke(self, before: Labels) -> Edit | None:
        marks = self.corrections.marks.get(self.t, {})
        put_back = False
        if any(mark.status == "locked" for mark in marks.values()):
            patch = patch_of(before, self.frame)
            kept = derive.protected(patch.before, patch.after, marks)
            put_back = not np.array_equal(kept, patch.after)
        said, forgotten = self.words, self._forgotten
        try:
            edit = self.corrections.stroke(self.t, before)
        except CellsegError as error:
            self.tell(str(error))
            return None
        if edit is not None and self.corrections.automatic(self.t) is before:
            self._kept = None
        self.used = next(_CLOCK)
        if put_back:
            self.tell(PUT_BACK)
        elif (self.words, self._forgotten) == (said, forgotten):
            self.tell(self.trouble)
        return edit

    def _step(self, take: Any) -> None:
        try:
            step = take()
        except CellsegError as error:
            self.tell(str(error))
            return
        self.used = next(_CLOCK)
        frames = getattr(step, "frames", ())
        if frames and self.t not in frames:
            self.go(min(frames, key=lambda t: abs(t - self.t)))

    def _listen(self) -> None:
        self._connect("connect")

    def _connect(self, how: str) -> None:
        """Connect to all that is listened to, or disconnect."""
        dims, layers = self.viewer.dims.events, self.viewer.layers.events
        getattr(dims.point, how)(self._on_point)
        for event in (dims.order, dims.ndisplay, dims.ndim):
            getattr(event, how)(self._on_view)
        for event in (layers.inserted, layers.removed):
            getattr(event, how)(self._on_layers)
        if (layer := self._layer()) is not None:
            getattr(layer.events.paint, how)(self._on_paint)
            # where napari loads in a thread, it reloads first and draws later
            for event in (layer.events.set_data, layer.events.reload):
                getattr(event, how)(self._on_drawn)
            getattr(layer.events.data, how)(self._on_data)
            getattr(layer.events.n_edit_dimensions, how)(self._on_dimensions)
            for event in (
                layer.events.visible,
                layer.events.scale,
                layer.events.translate,
            ):
                getattr(event, how)(self._later)
        getattr(self.corrections.changed, how)(self._on_changed)
        getattr(self.corrections.noted, how)(self._later)
        getattr(self.corrections.timeline.changed, how)(self._on_timeline)
        frames = self.corrections.frames
        if isinstance(frames, OwnFrames):
            getattr(frames.widened, how)(self.tell)
            application: Any = QCoreApplication.instance()
            getattr(application.aboutToQuit, how)(self._flush)

    def _on_keeping(self) -> None:
        """Tell of trouble with the journal, and when it is over."""
        self.tell(self.trouble)

    def _later(self, event: Any = None) -> None:
        self._soon.start(0)

    def _flush(self) -> None:
        """Write to the layer's file what is still to be written."""
        frames = self.corrections.frames
        if isinstance(frames, OwnFrames):
            self.capture()
            frames.flush()

    def _watch_writing(self) -> None:
        """Tell of a file that cannot be written, while something is to be written."""
        frames = self.corrections.frames
        if isinstance(frames, OwnFrames):
            if frames.trouble:
                self.tell(frames.trouble)
            elif frames.pending:
                self._watch.start(WATCH)

    def _catch_up(self) -> None:
        """Capture what was painted, and tell what changed: napari is through now."""
        if self._layer() is not None:
            self.capture()
            self._soon.stop()
            self._watch_writing()
            self.changed.emit()

    def _on_paint(self, event: Any = None) -> None:
        # napari tells of some strokes before it writes them
        self._painted = True
        self._later()

    def _on_drawn(self, event: Any = None) -> None:
        """Labels may have been written by others than napari's tools."""
        layer = self._layer()
        if layer is None or self._painted or layer._staged_history:
            return
        # told of what is shown as it was, whoever listens could draw without an end
        if self._shows_them() and not self._is_as_kept():
            self.renew()
            self._later()

    def _on_point(self, event: Any = None) -> None:
        if self._layer() is None or (t := self._frame_now()) == self.t:
            return
        self.capture()
        self.t = t
        self.renew()
        self._later()

    def _on_view(self, event: Any = None) -> None:
        if self._layer() is not None:
            self.capture()
            self._fit_view()
            self._later()

    def _on_layers(self, event: Any = None) -> None:
        if self._layer() is not None:
            self.capture()
            self._on_point()
            self.renew()
            self._later()
            if self.layer not in self.viewer.layers:
                self._flush()

    def _on_data(self, event: Any = None) -> None:
        """Lay the corrections over other labels of the same size."""
        layer, frames = self.layer, self.corrections.frames
        self._painted = False
        _forget_history(layer)
        same = tuple(layer.data.shape) == self._shape
        if same and not self._shows_them() and isinstance(frames, OwnFrames):
            self._lay_over(frames)
        self._fit_view()
        self.renew()
        self._later()

    def _lay_over(self, frames: OwnFrames) -> None:
        try:
            frames.take_over(self.layer.data)
        except ImageError as error:
            self.tell(str(error))
            return
        self.corrections.renumber()
        for t in self.corrections.marks:
            auto = frames.read(t).copy()
            frames.write(t, self.corrections.take(t, auto))
        if self.corrections.marks:
            name = self.layer.name
            self.tell(f"{name} got other labels: your corrections are laid over them.")

    def _on_dimensions(self, event: Any = None) -> None:
        if self.layer.n_edit_dimensions != 2:
            self.layer.n_edit_dimensions = 2
            self.tell(ONE_FRAME)

    def _on_changed(self, t: int) -> None:
        self.used = next(_CLOCK)
        if t == self.t:
            self.renew()
            self._later()

    def _on_timeline(self) -> None:
        timeline = self.corrections.timeline
        if timeline.forgotten > self._forgotten:
            words = FORGOTTEN if timeline.past or timeline.future else TOO_LARGE
            self.tell(words.format(timeline.limit // MB))
        self._forgotten = timeline.forgotten
        self._later()

    def _fit_view(self) -> None:
        """Let napari paint on frames as they are, and on nothing that lies across."""
        layer = self.layer
        if layer.n_edit_dimensions != 2:
            layer.n_edit_dimensions = 2
        editable = not (layer.multiscale or self._turned())
        if layer.editable != editable:
            layer.editable = editable

    def _turned(self) -> str:
        if self.shown_axes in ("YX", "XY"):
            return ""
        return "Corrections are made in frames: show Y and X, in 2D."

    def _frame_now(self) -> int:
        at = frame_on_screen(self.layer, self.axes, self.viewer.dims.point)
        return min(max(at, 0), self.corrections.frames.shape[0] - 1)

    def _is_as_kept(self) -> bool:
        kept, frame = self._kept, self.frame
        return (
            kept is not None
            and kept.dtype == frame.dtype
            and np.array_equal(kept, frame)
        )

    def _shows_them(self) -> bool:
        """Whether the layer's data are the frames of the corrections."""
        data, frames = self.layer.data, self.corrections.frames
        if tuple(data.shape) != self._shape:
            return False
        if isinstance(frames, OwnFrames):
            return frames.shown_by(data)
        return isinstance(data, np.ndarray) and np.may_share_memory(
            data, frames.read(self.t)
        )


def bind(
    viewer: Viewer, layer: LabelsLayer, corrections: Corrections, axes: str
) -> Corrected:
    """Bind corrections to the layer that shows them; again if they have a new layer.

    Parameters
    ----------
    viewer, layer, corrections, axes
        As of a `Corrected`.
    """
    viewer, layer = real(viewer), real(layer)
    for known in [maker() for maker in _BOUND.values()]:
        if known is None:
            continue
        if known._layer() is layer and known.corrections is corrections:
            return known
        if known._layer() is layer or known.corrections is corrections:
            known.release()
    corrected = Corrected(viewer, layer, corrections, axes)
    _BOUND[layer] = ref(corrected)
    return corrected


def find(layer: LabelsLayer | None) -> Corrected | None:
    """Return what a layer is bound to; None if it is not."""
    maker = _BOUND.get(real(layer)) if layer is not None else None
    return maker() if maker is not None else None


def last_used(viewer: Viewer) -> Corrected | None:
    """Return the selected layer's, else that of the viewer's layers used last."""
    chosen = find(viewer.layers.selection.active)
    if chosen is not None:
        return chosen
    bound = [find(layer) for layer in viewer.layers]
    return max((c for c in bound if c), key=lambda c: c.used, default=None)


def adopt(viewer: Viewer, layer: LabelsLayer) -> Corrected:
    """Return what a layer is bound to, or bind one that came from elsewhere.

    Its labels as they are count as automatic, and it is looked whether cells keep their
    numbers over time. Where corrections of them are found, the user is asked whether
    they are to be restored.

    Raises
    ------
    ImageError
        If it cannot be corrected, in words.
    """
    viewer, layer = real(viewer), real(layer)
    if (known := find(layer)) is not None:
        return known
    axes = axes_of(layer)
    frames = OwnFrames(viewer, layer, axes)
    by_number = tracked(frames.read, frames.shape[0])
    corrections = Corrections(frames, by_number=by_number)
    corrected = bind(viewer, layer, corrections, axes)
    keeping = keep_masks(viewer, layer, corrections, frames)
    corrected.keep(keeping)
    if not isinstance(keeping, str) and keeping.found:
        offer(viewer.window._qt_window, layer.name, [keeping], keeping.restore)
    return corrected


def _forget_history(layer: LabelsLayer) -> None:
    """Let napari forget what it would undo: it would write what was there before."""
    for name in ("_undo_history", "_redo_history", "_staged_history"):
        # napari has no public name for them
        history = getattr(layer, name, None)
        if history is not None:
            history.clear()


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
