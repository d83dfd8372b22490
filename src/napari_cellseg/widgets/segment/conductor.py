"""Between the session, the workers and the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

from napari_cellseg.errors import CellsegError, RecipeError
from napari_cellseg.recipe import parse_recipe
from napari_cellseg.session import Place, Run
from napari_cellseg.session.words import lacking_words
from napari_cellseg.widgets.layers.changes import ChangesLayer
from napari_cellseg.widgets.layers.registry import find
from napari_cellseg.widgets.layers.results import results_of
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
    from napari_cellseg.session.keeping import Keeping
    from napari_cellseg.widgets.layers.corrected import Corrected
    from napari_cellseg.widgets.layers.results import Results


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
    kept : Signal
        `keeping_words` are other than before; emitted in any thread.
    """

    changed = Signal()
    found_changed = Signal()
    failed = Signal(str)
    kept = Signal()

    def __init__(self, viewer: Viewer, session: Session) -> None:
        super().__init__()
        self.viewer = viewer
        self.session = session
        self.job = Job()
        self.results: Results | None = None
        self._image: ImageLayer | None = None
        self._axes = ""
        self._corrected: set[int] = set()
        self._bound: Corrected | None = None
        self._run_now: Run | None = None
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
        if image is None or stack is None:
            self.session.open(None)
        else:
            self._open(image, axes, stack)
        self.kept.emit()
        self.follow()

    def _open(self, image: ImageLayer, axes: str, stack: Stack) -> None:
        session = self.session
        results = results_of(self.viewer, image, axes, stack)
        results.keep()
        # what was chosen when a dock left it
        chosen = results.course.value
        place = Place(image, image.data, choice_of(stack))
        session.open(stack, place, results.course, results.corrections)
        assert session.engine is not None
        self.results = results
        self._listen(results)
        self._restore()
        if chosen is not None:
            # its results stay what they are
            session.take_up(chosen)
        self.marking.layer = ChangesLayer(self.viewer, image, axes, stack.shape)
        self.pursuit.begin(session.engine)
        self._on_dims()

    def _listen(self, results: Results, how: str = "connect") -> None:
        for signal, slot in (
            (results.corrected, self._on_corrected),
            (results.replaced, self._on_replaced),
            *((keeping.changed, self._on_kept) for keeping in results.keepings),
        ):
            getattr(signal, how)(slot)

    def stop(self) -> None:
        """End all work on the stack."""
        self._end_run()
        if self.results is not None:
            self._listen(self.results, "disconnect")
            self.results.leave()
            self.results = None
        self._hear(None)
        self._corrected.clear()
        self.job.cancel()
        self.pursuit.end()
        self.marking.remove()

    def close(self) -> None:
        """End all work, and listen to the viewer no more."""
        if self._closed:
            return
        self._end_run()
        self._closed = True
        self.job.cancel()
        self.pursuit.close()
        session = self.session
        if self.results is not None:
            self._listen(self.results, "disconnect")
            self.results = None
        self._hear(None)
        session.leave()
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

    @property
    def found(self) -> list[Keeping]:
        """Where corrections were found that can be restored."""
        keepings = self.results.keepings if self.results is not None else []
        return [keeping for keeping in keepings if keeping.found]

    @property
    def keeping_words(self) -> str:
        """What the user should know of where corrections are written down."""
        if self.results is None:
            return ""
        said = [self.results.unkept, *(each.words for each in self.results.keepings)]
        return " ".join(words for words in said if words)

    def restore(self) -> None:
        """Lay the corrections that were found over what is there."""
        results, session = self.results, self.session
        if results is None:
            return
        results.restore()
        session.restored = True
        self.failed.emit("")
        text = results.corrections.recipe
        try:
            if text:
                session.take_up(parse_recipe(text, "The recipe of the journal"))
        except RecipeError as error:
            self.failed.emit(f"{error} The corrections are back without it.")
        self.follow()

    def undo(self) -> None:
        """Take the last step back, whatever it was."""
        self._step("undo")

    def redo(self) -> None:
        """Do the step again that was undone last, whatever it was."""
        self._step("redo")

    def predict_frame(self) -> None:
        """Predict and segment the frame on screen."""
        t = self.session.frame
        self._run(f"Predict frame {t}", [t], renew=True)

    def predict_all(self) -> None:
        """Predict and segment every frame, the one on screen first."""
        self._run("Predict all frames", self._frames(), renew=True)

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
        """All frames, those near the screen first."""
        stack, t = self.session.stack, self.session.frame
        return sorted(range(len(stack or ())), key=lambda i: abs(i - t))

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
        shown = session.shown.items()
        done = {t: made for t, made in shown if not renew and t not in session.pinned}
        if self.results is not None:
            self._run_now = Run(title, self.results)

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
        self.session.restore(results.recipes, results.counts, results.pinned)

    def _step(self, way: str) -> None:
        """Undo or redo: by the layer, which shows what changes, if it is bound."""
        self.failed.emit("")
        if self._bound is not None:
            getattr(self._bound, way)()
            return
        try:
            getattr(self.session, way)()
        except CellsegError as error:
            self.failed.emit(str(error))

    def _hear(self, layer: Any) -> None:
        """Hear what the corrections of a layer have to tell, and no other's."""
        bound = find(layer)
        if bound is self._bound:
            return
        if self._bound is not None:
            self._bound.told.disconnect(self._on_told)
        self._bound = bound
        if bound is not None:
            bound.told.connect(self._on_told)

    def _on_told(self, words: str) -> None:
        # what is wrong with the journal has a place of its own
        if words not in self.keeping_words or not words:
            self.failed.emit(words)

    def _on_kept(self) -> None:
        self.kept.emit()

    def _on_replaced(self, frames: list[int], pin: bool) -> None:
        """Take in that a run was undone, or done again."""
        results = self.results
        assert results is not None
        made = {
            t: (results.recipes[t], results.counts[t]) if t in results.recipes else None
            for t in frames
        }
        self.session.put(made, pin)
        self._hear(self.cells)
        self.follow()

    def _on_corrected(self, t: int) -> None:
        if not self._corrected:
            # once for all that happens in one go, and after it is drawn
            QTimer.singleShot(0, self._recount)
        self._corrected.add(t)

    def _recount(self) -> None:
        corrected, self._corrected = self._corrected, set()
        results, session = self.results, self.session
        if results is None or self._closed:
            return
        for t in corrected:
            results.recount(t)
            if t in session.shown and t in results.counts:
                session.counts[t] = results.counts[t]
        self.pursuit.rest()
        self._tell()

    def _end_run(self) -> None:
        """Let what was run be undone: all of it is one step."""
        run, self._run_now = self._run_now, None
        step = run.step() if run is not None else None
        if step is not None:
            self.session.timeline.push(step)

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
        run, found = self._run_now, answer.segmentation is not None
        if run is not None and found:
            run.begins(answer.request.frame)
        if self._write(answer, anew=True) and run is not None and found:
            run.shown(answer.request.frame)
        self._tell()
        if answer.request.frame == self.session.frame:
            # the sliders may have moved on since
            self.follow()

    def _write(self, answer: Answer, anew: bool = False) -> bool:
        """Show an answer; whether it is not stale."""
        before, t = (self.cells, self.nuclei), answer.request.frame
        results, session = self.results, self.session
        taken = session.accept(answer) and results is not None
        if taken and results is not None:
            results.show(answer, session.frame, anew)
            if answer.segmentation is not None:
                session.counts[t] = results.counts[t]
        if (self.cells, self.nuclei) != before:
            self._hear(self.cells)
            self.marking.lift()
        return taken

    def _tell(self) -> None:
        """Say that what is shown is other than before."""
        found, comparison = self._known
        session = self.session
        if session.found is not found or session.comparison is not comparison:
            self._known = session.found, session.comparison
            self.found_changed.emit()
        self.changed.emit()

    def _on_end(self, words: str) -> None:
        self._end_run()
        if self._closed:
            return
        self.failed.emit(words)
        self.follow()
