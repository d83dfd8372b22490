"""What befalls a corrected layer, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QCoreApplication, QTimer

from napari_cellseg.settings import MB

if TYPE_CHECKING:
    from napari_cellseg.widgets.layers.corrected import Corrected
    from napari_cellseg.widgets.layers.file_watch import FileWatch
    from napari_cellseg.widgets.layers.strokes import Strokes

PUT_BACK = "A locked cell was painted over, and put back: unlock it first."
FORGOTTEN = "The oldest steps can no longer be undone (memory for undo: {} MB)."
TOO_LARGE = (
    "This step takes more than the memory for undo ({} MB) and cannot be taken back."
)
ONE_FRAME = "Painting is for one frame at a time: n edit dim is 2 again."


class Listening:
    """Hears of the layer, its viewer and its corrections until it is stopped.

    What happens in one go is told once, and captured when napari is through.

    Parameters
    ----------
    corrected : Corrected
        Whose layer it is.
    strokes : Strokes
        What is painted on it.
    file : FileWatch
        The file that it came from.
    """

    def __init__(self, corrected: Corrected, strokes: Strokes, file: FileWatch) -> None:
        self._corrected, self._strokes, self._file = corrected, strokes, file
        self._forgotten = corrected.corrections.timeline.forgotten
        self._soon = QTimer()
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._catch_up)
        self._connect("connect")

    def stop(self) -> None:
        """Hear no more."""
        self._connect("disconnect")
        self._soon.stop()
        self._file.stop()

    def _connect(self, how: str) -> None:
        """Connect to all that is listened to, or disconnect."""
        corrected, corrections = self._corrected, self._corrected.corrections
        viewer = corrected.viewer
        dims, layers = viewer.dims.events, viewer.layers.events
        heard: list[tuple[Any, Any]] = [
            (dims.point, self._on_point),
            *((e, self._on_view) for e in (dims.order, dims.ndisplay, dims.ndim)),
            *((e, self._on_layers) for e in (layers.inserted, layers.removed)),
            (corrections.changed, self._on_changed),
            (corrections.noted, self._later),
            (corrections.put_back, self._on_put_back),
            (corrections.timeline.changed, self._on_timeline),
            (corrected.frames.widened, corrected.tell),
            (_application().aboutToQuit, self._on_quit),
        ]
        if corrected.alive:
            of = corrected.layer.events
            heard += [
                (of.paint, self._on_paint),
                # where napari loads in a thread, it reloads first and draws later
                *((e, self._on_drawn) for e in (of.set_data, of.reload)),
                (of.data, self._on_data),
                (of.n_edit_dimensions, self._on_dimensions),
                *((e, self._later) for e in (of.visible, of.scale, of.translate)),
            ]
        for signal, slot in heard:
            getattr(signal, how)(slot)

    def _later(self, event: Any = None) -> None:
        self._soon.start(0)

    def _catch_up(self) -> None:
        """Capture what was painted, and tell what changed: napari is through now."""
        if self._corrected.alive:
            self._corrected.capture()
            self._soon.stop()
            self._file.look()
            self._corrected.changed.emit()

    def _on_quit(self) -> None:
        self._corrected.capture()
        self._corrected.frames.flush()

    def _on_paint(self, event: Any = None) -> None:
        # napari tells of some strokes before it writes them
        self._strokes.painted = True
        self._later()

    def _on_drawn(self, event: Any = None) -> None:
        """Labels may have been written by others than napari's tools."""
        corrected = self._corrected
        if not corrected.alive or self._strokes.waiting(corrected.layer):
            return
        # told of what is shown as it was, whoever listens could draw without an end
        if corrected.shows_frames and not self._strokes.is_kept(corrected.t):
            corrected.renew()
            self._later()

    def _on_point(self, event: Any = None) -> None:
        if self._corrected.alive and self._corrected.follow():
            self._later()

    def _on_view(self, event: Any = None) -> None:
        if self._corrected.alive:
            self._corrected.capture()
            self._corrected.fit()
            self._later()

    def _on_layers(self, event: Any = None) -> None:
        corrected = self._corrected
        if not corrected.alive:
            return
        corrected.capture()
        corrected.follow()
        corrected.renew()
        self._later()
        if corrected.layer not in corrected.viewer.layers:
            corrected.frames.flush()

    def _on_data(self, event: Any = None) -> None:
        self._strokes.forget(self._corrected.layer)
        self._corrected.lay_over()
        self._corrected.fit()
        self._corrected.renew()
        self._later()

    def _on_dimensions(self, event: Any = None) -> None:
        if self._corrected.layer.n_edit_dimensions != 2:
            self._corrected.fit()
            self._corrected.tell(ONE_FRAME)

    def _on_changed(self, t: int) -> None:
        self._corrected.touch()
        if t == self._corrected.t:
            self._corrected.renew()
            self._later()

    def _on_put_back(self, t: int) -> None:
        self._corrected.tell(PUT_BACK)

    def _on_timeline(self) -> None:
        timeline = self._corrected.corrections.timeline
        if timeline.forgotten > self._forgotten:
            words = FORGOTTEN if timeline.past or timeline.future else TOO_LARGE
            self._corrected.tell(words.format(timeline.limit // MB))
        self._forgotten = timeline.forgotten
        self._later()


def _application() -> Any:
    return QCoreApplication.instance()
