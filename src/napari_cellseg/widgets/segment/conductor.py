"""Between the session, the workers and the layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.session import Place
from napari_cellseg.session.words import lacking_words
from napari_cellseg.widgets.layers.changes import ChangesLayer
from napari_cellseg.widgets.layers.results import Results
from napari_cellseg.widgets.layers.source import choice_of, frame_on_screen
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.segment.marking import Marking
from napari_cellseg.widgets.segment.pursuit import Pursuit
from napari_cellseg.widgets.workers.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.layers import Image as ImageLayer
    from napari.layers import Layer
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
    found_changed : Signal
        ``session.found`` or ``session.changes`` is other than before.
    failed : Signal
        What went wrong, in words; empty when nothing is wrong any more.
    """

    changed = Signal()
    found_changed = Signal()
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
        self._known: tuple[object, object] = None, None
        self.marking = Marking(session)
        self.pursuit = Pursuit(session, self.marking)
        self.pursuit.answered.connect(self._write)
        self.pursuit.changed.connect(self._tell)
        self.pursuit.failed.connect(self.failed)
        self.job.answered.connect(self._on_background)
        self.job.ended.connect(self._on_end)
        viewer.dims.events.current_step.connect(self._on_dims)
        viewer.layers.events.removed.connect(self._on_removed)
        session.recipe_changed.connect(self._on_recipe)
        session.glance_changed.connect(self._on_glance)
        session.changes_changed.connect(self.marking.draw)

    def open(self, image: ImageLayer | None, axes: str, stack: Stack | None) -> None:
        """Work on another stack, or on none."""
        self.stop()
        self._image, self._axes = image, axes
        self._painted.clear()
        place = None
        if image is not None and stack is not None:
            place = Place(image, image.data, choice_of(stack))
        self.session.open(stack, place)
        if image is not None and stack is not None and self.session.engine:
            self.results = Results(self.viewer, image, axes, stack)
            self.results.painted.connect(self._on_painted)
            self._restore()
            if self.results.wanted is not None:
                # its results stay what they are
                self.session.take_up(self.results.wanted)
            self.marking.layer = ChangesLayer(self.viewer, image, axes, stack.shape)
            self.pursuit.begin(self.session.engine)
            self._on_dims()
        self.follow()

    def stop(self) -> None:
        """End all work on the stack."""
        if self.results is not None:
            self.results.want(self.session.recipe)
            self.results.leave()
            self.results = None
        self.job.cancel()
        self.pursuit.end()
        self.marking.remove()

    def close(self) -> None:
        """End all work, and listen to the viewer no more."""
        if self._closed:
            return
        self._closed = True
        self.job.cancel()
        self.pursuit.close()
        session = self.session
        self.viewer.dims.events.current_step.disconnect(self._on_dims)
        self.viewer.layers.events.removed.disconnect(self._on_removed)
        session.recipe_changed.disconnect(self._on_recipe)
        session.glance_changed.disconnect(self._on_glance)
        session.changes_changed.disconnect(self.marking.draw)

    @property
    def cells(self) -> Layer | None:
        """The layer that shows the cells, if there is one."""
        return self.results.cells.layer if self.results is not None else None

    @property
    def nuclei(self) -> Layer | None:
        """The layer that shows the nuclei of the cells, if there is one."""
        return self.results.nuclei.layer if self.results is not None else None

    def follow(self) -> None:
        """Bring the frame on screen up to date, if that can be had at once."""
        self.pursuit.hurry()
        self._tell()

    def stop_following(self) -> None:
        """Leave the other frames as they are until a parameter changes."""
        self.session.stopped = True
        self.pursuit.halt()
        self._tell()

    def show_changes(self, on: bool) -> None:
        """Outline the cells that changed with the last setting, or do not."""
        self.marking.switch(on)
        self.pursuit.rest()

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
            self.results.release(self.session.frame)
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
        lacking = lacking_words(session)
        if engine is not None and not self.job.running:
            self.failed.emit("")
            if lacking:
                # said under Recipe, once
                return
            session.change("scale", diameter=None)
            request = session.request(session.frame)
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
        lacking = lacking_words(session)
        self.failed.emit("")
        if lacking:
            # said under Recipe, once; a model may have come meanwhile, or be gone
            self._tell()
            return
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
        self.pursuit.look()
        if self.session.shown or self.session.preview:
            self.follow()
        else:
            # layers that were deleted stay away while one only looks around
            self._tell()

    def _on_removed(self, event: Any) -> None:
        self.session.engines.drop(event.value)
        if self.results is not None and event.value is self.results.cells.layer:
            self.pursuit.halt()
            self.results.forget()
            self.session.forget()
            self._restore()
            self._tell()

    def _restore(self) -> None:
        """Tell the session what the layers show."""
        results = self.results
        assert results is not None
        self.session.restore(results.recipes, results.counts, results.edited)

    def _on_painted(self, t: int) -> None:
        self._painted.add(t)
        if t == self.session.frame:
            self.session.forget_frame()
        # napari tells of a change before it writes it
        QTimer.singleShot(0, self._recount)
        self._tell()

    def _recount(self) -> None:
        painted, self._painted = self._painted, set()
        if self.results is None or self._closed:
            return
        for t in painted & set(self.session.shown):
            self.session.counts[t] = self.results.recount(t)
        if painted <= self.results.edited:
            self._tell()
        else:
            # a stroke was undone: what is as it was found follows again
            self.follow()

    def _on_recipe(self) -> None:
        self.pursuit.halt()
        self.follow()

    def _on_glance(self) -> None:
        self.pursuit.halt()
        self.marking.draw()
        self.follow()

    def _on_background(self, answer: Answer) -> None:
        if self._closed:
            return
        self._write(answer)
        self._tell()
        if answer.request.frame == self.session.frame:
            # the sliders may have moved on since
            self.follow()

    def _write(self, answer: Answer) -> None:
        if self.edited(answer.request.frame):
            answer = replace(answer, segmentation=None)
        before = self.cells, self.nuclei
        if self.session.accept(answer) and self.results is not None:
            self.results.show(answer, self.session.frame)
        if (self.cells, self.nuclei) != before:
            self.marking.lift()

    def _tell(self) -> None:
        """Say that what is shown is other than before."""
        found, comparison = self._known
        session = self.session
        if session.found is not found or session.comparison is not comparison:
            self._known = session.found, session.comparison
            self.found_changed.emit()
        self.changed.emit()

    def _on_end(self, words: str) -> None:
        if self._closed:
            return
        self.failed.emit(words)
        self.follow()
