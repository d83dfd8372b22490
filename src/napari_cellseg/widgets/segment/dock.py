"""The Segment dock: from a stack to masks, tuned while looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QCheckBox, QPushButton

from napari_cellseg.session import Session, Step, advice, tally
from napari_cellseg.widgets.layers import engines
from napari_cellseg.widgets.layers.circle import Circle
from napari_cellseg.widgets.parts.dock import Dock
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.progress_box import ProgressBox
from napari_cellseg.widgets.parts.restore import offer
from napari_cellseg.widgets.parts.section import Section
from napari_cellseg.widgets.parts.unit import square_pixel
from napari_cellseg.widgets.parts.words import RIGHT, WRONG, Trouble, Words
from napari_cellseg.widgets.segment.adjust_box import AdjustBox
from napari_cellseg.widgets.segment.advanced_box import AdvancedBox
from napari_cellseg.widgets.segment.conductor import Conductor
from napari_cellseg.widgets.segment.follow_bar import FollowBar
from napari_cellseg.widgets.segment.image_box import ImageBox
from napari_cellseg.widgets.segment.look import Look
from napari_cellseg.widgets.segment.memory_box import MemoryBox
from napari_cellseg.widgets.segment.possible import possible
from napari_cellseg.widgets.segment.recipe_box import RecipeBox
from napari_cellseg.widgets.segment.section_form import SectionForm

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_cellseg.io.images import Stack
    from napari_cellseg.session import Tally
    from napari_cellseg.widgets.parts.restore import RestoreBox

AGAIN = "The recipe is that of these results again; Undo: that of before."


class SegmentWidget(Dock):
    """Choose a stack and a recipe, predict, adjust live, apply to all frames.

    Parameters
    ----------
    napari_viewer : Viewer
        The viewer that the dock belongs to.
    session : Session, optional
        State to show; a new one if absent.
    """

    def __init__(self, napari_viewer: Viewer, session: Session | None = None) -> None:
        super().__init__(napari_viewer)
        self.session = session or Session(engines=engines.ENGINES)
        self.conductor = Conductor(self.viewer, self.session)
        self.question: RestoreBox | None = None
        self._make_parts()
        self._lay_out()
        self._connect()
        self._on_stack(self.image.stack)
        # with the whole window: its layers are not to be touched any more
        layers = self.image.layers
        self._end_with_window(self.conductor.close, layers.close_down, self.look.close)

    def _end(self) -> None:
        self._ask_no_more()
        self.conductor.stop()
        self.circle.hide()
        self.conductor.close()
        self.image.layers.close_down()
        self.look.close()

    def _make_parts(self) -> None:
        self.advice = Words("What to do next.")
        self.advice.setStyleSheet(
            f"border-left: 3px solid {RIGHT}; padding: 4px 6px; font-weight: bold"
        )
        self.message = Trouble("What went wrong.")
        self.kept = Trouble("Where corrections are written down.")
        self.image = ImageBox(self.viewer)
        self.recipe = RecipeBox(self.session)
        self.contrast = SectionForm(self.session, "preprocess")
        self.preview = QCheckBox("Preview")
        self.preview.setToolTip(
            "<p>Show the frame on screen as the network will see it, in a layer of its "
            "own.</p>"
        )
        self.predict = QPushButton("Predict frame")
        self.predict.setToolTip(
            "<p>Run the network on the frame on screen; then its sliders are live.</p>"
        )
        self.predict_all = QPushButton("Predict all")
        self.predict_all.setToolTip(
            "<p>Run the network on every frame, this one first. It can be "
            "cancelled.</p>"
        )
        self.progress = ProgressBox()
        self.adjust = AdjustBox(self.session)
        self.following = FollowBar()
        self.advanced = AdvancedBox(self.session)
        self.memory = MemoryBox(self.session)
        self.look = Look(self.viewer, self.adjust.look)
        self.circle = Circle(self.viewer)

    def _lay_out(self) -> None:
        self._image = Section("Image", None, self.image)
        self._recipe = Section("Recipe", None, self.recipe)
        self._contrast = Section("Contrast", True, self.contrast, self.preview)
        self._buttons = line(self.predict, self.predict_all)
        self._adjust = Section("Adjust", None, self.adjust, self.following)
        self._advanced = Section("Advanced", True, self.advanced)
        self._memory = Section("Memory", True, self.memory)
        self._fill(
            self.advice,
            self.message,
            self.kept,
            self._image,
            self._recipe,
            self._contrast,
            self._buttons,
            self.progress,
            self._adjust,
            self._advanced,
            self._memory,
        )

    def _connect(self) -> None:
        job, session, conductor = self.conductor.job, self.session, self.conductor
        self.image.changed.connect(self._on_stack)
        self.recipe.estimate_wanted.connect(self._on_job(conductor.estimate))
        self.predict.clicked.connect(self._on_job(conductor.predict_frame))
        self.predict_all.clicked.connect(self._on_job(conductor.predict_all))
        self.adjust.apply_wanted.connect(self._on_job(conductor.apply_all))
        self.adjust.undo_wanted.connect(conductor.undo)
        self.adjust.redo_wanted.connect(conductor.redo)
        conductor.kept.connect(self._show_kept)
        self.recipe.circle_toggled.connect(self._show_circle)
        self.recipe.failed.connect(self._say)
        self.recipe.told.connect(self._say)
        self.preview.toggled.connect(conductor.set_preview)
        for part in (self.contrast, self.advanced, self.adjust.form, self.adjust.cells):
            part.refused.connect(self._say)
        self.progress.cancelled.connect(job.cancel)
        job.stepped.connect(self._on_step)
        job.ended.connect(self._on_end)
        conductor.failed.connect(self._say)
        conductor.changed.connect(self._show_state)
        conductor.found_changed.connect(self.adjust.show_found)
        self.adjust.look.changes_toggled.connect(conductor.show_changes)
        self.image.calibrated.connect(self._on_calibrated)
        self.following.stopped.connect(conductor.stop_following)
        session.recipe_changed.connect(self._on_recipe)
        session.resolved_changed.connect(self._show_resolved)

    def _on_stack(self, stack: Stack | None) -> None:
        before, used = self.session.recipe, self.session.stack is not None
        self.conductor.open(self.image.layer, self.image.choice.axes, stack)
        again = used and self.session.recipe != before
        self._say(AGAIN if again else "")
        self._show_pixel_size(stack)
        self._show_resolved()
        self._offer()

    def _offer(self) -> None:
        """Ask what becomes of corrections that were found, once."""
        self._ask_no_more()
        found, layer = self.conductor.found, self.image.layer
        name = layer.name if layer is not None else ""
        self.question = offer(self, name, found, self._on_restore)
        if self.question is not None:
            self.question.finished.connect(self._on_answered)

    def _on_answered(self) -> None:
        self.question = None

    def _ask_no_more(self) -> None:
        if self.question is not None:
            self.question.drop()
            self.question = None

    def _on_restore(self) -> None:
        self.conductor.restore()
        self._show_recipe()

    def _show_kept(self) -> None:
        self.kept.say(self.conductor.keeping_words)

    def _on_calibrated(self, stack: Stack) -> None:
        self._show_pixel_size(stack)
        self.session.calibrate(stack)
        self._show_resolved()
        self.conductor.follow()

    def _show_pixel_size(self, stack: Stack | None) -> None:
        layer, axes = self.image.layer, self.image.choice.axes
        size = square_pixel(layer, axes) if layer is not None and stack else None
        self.adjust.set_pixel_size(size)

    def _on_job(self, start: Any) -> Any:
        def begin() -> None:
            start()
            if self.conductor.job.running:
                self.progress.begin("Starting…")
            self._show_state()

        return begin

    def _on_step(self, step: Step) -> None:
        self.progress.step(step.words, step.done, step.total)
        if not step.total:
            self._show_resolved()

    def _on_end(self, words: str) -> None:
        self.progress.end()
        self._show_resolved()

    def _say(self, words: str) -> None:
        # the recipe's word for it, and the window's
        here = "set Missing pixels (under Contrast) to"
        words = words.replace("set preprocess.nan to", here)
        wrong = not words.startswith(("Cancelled", "Saved", AGAIN))
        self.message.setStyleSheet(f"color: {WRONG}" if wrong else "")
        self.message.say(words)

    def _show_circle(self, on: bool = True) -> None:
        resolved = self.session.resolved
        diameter = resolved.scale.diameter if resolved else None
        if on and diameter and self.image.layer is not None:
            self.circle.show(self.image.layer, diameter)
        else:
            self.circle.hide()

    def _on_recipe(self) -> None:
        # what was wrong before was wrong with another recipe
        self._say("")
        self._show_recipe()

    def _show_recipe(self) -> None:
        self.recipe.show_recipe()
        self.contrast.offer(possible(self.session.recipe))
        self.contrast.show_section()
        self.adjust.show_recipe()
        self.advanced.show_recipe()
        if self.recipe.circle.isChecked():
            self._show_circle()

    def _show_resolved(self) -> None:
        resolved = self.session.resolved
        self.adjust.set_diameter(resolved.scale.diameter if resolved else None)
        self._show_recipe()
        self._show_state()

    def _show_state(self) -> None:
        session = self.session
        there, idle = session.stack is not None, not self.conductor.job.running
        self._image.setVisible(self.image.layer is not None)
        for part in (self._recipe, self._contrast, self._buttons, self._advanced):
            part.setVisible(there)
        self._adjust.setVisible(there and bool(session.shown or session.pinned))
        for button in (self.predict, self.predict_all, self.recipe.estimate):
            button.setEnabled(idle)
        many = there and not session.stack.single  # type: ignore[union-attr]
        self.predict_all.setVisible(many)
        frames = tally(session)
        self.adjust.apply.setVisible(many)
        # needed for what does not follow by itself
        behind = session.stopped or not frames.all_follow
        self.adjust.apply.setEnabled(idle and behind)
        self.adjust.show_count()
        self.look.show(self.conductor.cells, self.conductor.nuclei)
        self._show_progress(frames)
        self.memory.show_use()
        words = advice(session, frames)
        unread = self.image.layer is not None and not there
        self.advice.setText(self.image.words.text() if unread else words)

    def _show_progress(self, frames: Tally) -> None:
        progress = self.conductor.pursuit.progress(frames)
        if progress is None:
            self.following.hide()
        else:
            self.following.show_progress(*progress)
