"""Between the session, the workers and the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.widgets._layers import Results
from napari_cellseg.widgets._qt import Signal
from napari_cellseg.widgets._runner import Job, Live
from napari_cellseg.widgets._source import frame_on_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.layers import Image as ImageLayer
    from napari.viewer import Viewer

    from napari_cellseg.io.images import Stack
    from napari_cellseg.session import Answer, Session


class Conductor(QObject):
    """Sends requests to the workers and answers to the layers.

    Parameters
    ----------
    viewer : Viewer
        Where the layers are.
    session : Session
        The state.

    Attributes
    ----------
    job : Job
        Longer work, as the window shows it.
    changed : Signal
        What is shown, or what can be done, is other than before.
    failed : Signal
        What went wrong, in words; empty when nothing is wrong any more.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, viewer: Viewer, session: Session) -> None:
        super().__init__()
        self.viewer = viewer
        self.session = session
        self.job = Job()
        self.results: Results | None = None
        self._image: ImageLayer | None = None
        self._axes = ""
        self._painted: set[int] = set()
        self._closed = False
        self._live: Live | None = None
        self.job.answered.connect(self._on_background)
        self.job.ended.connect(self._on_end)
        viewer.dims.events.current_step.connect(self._on_dims)
        viewer.layers.events.removed.connect(self._on_removed)
        session.recipe_changed.connect(self.follow)

    def open(self, image: ImageLayer | None, axes: str, stack: Stack | None) -> None:
        """Work on another stack, or on none."""
        self.stop()
        self._image, self._axes = image, axes
        self.results = None
        self._painted.clear()
        self.session.open(stack)
        if image is not None and stack is not None and self.session.engine:
            self.results = Results(self.viewer, image, axes, stack)
            self.results.painted.connect(self._on_painted)
            self.session.restore(self.results.recipes, self.results.counts)
            self._live = Live(self.session.engine)
            self._live.answered.connect(self._on_live)
            self._on_dims()
        self.follow()

    def stop(self) -> None:
        """End all work on the stack."""
        self.job.cancel()
        if self._live is not None:
            self._live.close()
            self._live = None
        if self.results is not None:
            self.results.hide_contrast()

    def close(self) -> None:
        """End all work, and listen to the viewer no more."""
        if self._closed:
            return
        self._closed = True
        self.job.cancel()
        if self._live is not None:
            self._live.close()
        self.viewer.dims.events.current_step.disconnect(self._on_dims)
        self.viewer.layers.events.removed.disconnect(self._on_removed)
        self.session.recipe_changed.disconnect(self.follow)

    def follow(self) -> None:
        """Bring the frame on screen up to date, if that can be had at once."""
        session, t = self.session, self.session.frame
        late = session.can_follow(t) and not session.up_to_date(t)
        wanted = session.preview or (late and not self.edited(t))
        if self._live is not None and wanted:
            self._live.ask(session.request())
        self.changed.emit()

    def set_preview(self, on: bool) -> None:
        """Show the frame on screen with its contrast normalised, or stop that."""
        self.session.preview = on
        if self.results is not None and not on:
            self.results.hide_contrast()
        self.follow()

    def edited(self, t: int) -> bool:
        """Whether the user painted on frame t's cells: those are kept."""
        return self.results is not None and t in self.results.edited

    def predict_frame(self) -> None:
        """Predict and segment the frame on screen."""
        if self.results is not None:
            self.results.edited.discard(self.session.frame)
        t = self.session.frame
        self._run(f"Segment frame {t}", [t], renew=True)

    def predict_all(self) -> None:
        """Predict and segment every frame, the one on screen first."""
        self._run("Segment all frames", self._frames(), renew=True)

    def apply_all(self) -> None:
        """Segment the frames that are not by the parameters of now."""
        self._run("Apply to all frames", self._frames(), renew=False)

    def estimate(self) -> None:
        """Estimate the diameter from the stack."""
        engine, session = self.session.engine, self.session
        if engine is not None and not self.job.running:
            self.failed.emit("")
            session.change("scale", diameter=None)
            request = session.request()
            self.job.start("Estimate the diameter", lambda: engine.estimate(request))

    def _frames(self) -> list[int]:
        """Frames without hand-made changes, those near the screen first."""
        stack, t = self.session.stack, self.session.frame
        frames = [i for i in range(len(stack or ())) if not self.edited(i)]
        return sorted(frames, key=lambda i: abs(i - t))

    def _run(self, title: str, frames: list[int], renew: bool) -> None:
        engine, session = self.session.engine, self.session
        if engine is None or self.job.running or not frames:
            return
        self.failed.emit("")
        done = {} if renew else dict(session.shown)

        def work() -> Iterator[object]:
            return engine.segment(frames, session.request, done)

        self.job.start(title, work)

    def _on_dims(self, event: Any = None) -> None:
        if self._image is None or self.session.engine is None:
            return
        point = self.viewer.dims.point
        before = self.session.frame
        self.session.go(frame_on_screen(self._image, self._axes, point))
        if self.session.frame == before:
            return
        if self.session.shown or self.session.preview:
            self.follow()
        else:
            # layers that were deleted stay away while one only looks around
            self.changed.emit()

    def _on_removed(self, event: Any) -> None:
        if self.results is not None and event.value is self.results.cells.layer:
            self.results.forget()
            self.session.forget()
            self.changed.emit()

    def _on_painted(self, t: int) -> None:
        self._painted.add(t)
        # napari tells of a change before it writes it
        QTimer.singleShot(0, self._recount)
        self.changed.emit()

    def _recount(self) -> None:
        painted, self._painted = self._painted, set()
        if self.results is None or self._closed:
            return
        for t in painted & set(self.session.shown):
            self.session.counts[t] = self.results.recount(t)
        self.changed.emit()

    def _on_live(self, answer: Answer) -> None:
        if answer.error:
            self.failed.emit(answer.error)
        self._take(answer)

    def _on_background(self, answer: Answer) -> None:
        self._take(answer)
        if answer.request.frame == self.session.frame:
            # the sliders may have moved on since
            self.follow()

    def _take(self, answer: Answer) -> None:
        kept = self.edited(answer.request.frame) and answer.contrast is None
        if not kept and self.session.accept(answer) and self.results is not None:
            self.results.show(answer, self.session.frame)
        self.changed.emit()

    def _on_end(self, words: str) -> None:
        self.failed.emit(words)
        self.follow()
