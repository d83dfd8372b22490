"""What a working session knows: the stack, the recipe, and which frame has what."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_cellseg.recipe import load_recipe
from napari_cellseg.session.engine import Engine, decisive
from napari_cellseg.session.engines import Engines
from napari_cellseg.session.history import History
from napari_cellseg.session.newest import Newest
from napari_cellseg.session.requests import Answer, DrawnChanges, Request
from napari_cellseg.session.steps import Course
from napari_cellseg.session.words import difference
from napari_cellseg.settings import Settings, grant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.correction.history import Timeline
    from napari_cellseg.io.images import Stack
    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.pipeline import Segmentation
    from napari_cellseg.postprocess.changes import Changes
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.session.engines import Place


class Session:
    """State of one working session; whoever shows it listens to its signals.

    All methods are called in one thread, the window's. Work in other threads goes
    through `engine` and comes back by `accept`.

    Parameters
    ----------
    recipe : Recipe, optional
        To begin with; the default recipe if absent.
    device : {"auto", "cpu", "cuda", "mps"}
        Where networks run.
    settings : Settings, optional
        The user's; the usual ones if absent.
    engines : Engines, optional
        Those of stacks that may be opened again; its own if absent.

    Attributes
    ----------
    shown, counts : dict of int
        By frame: the recipe of the result that is shown, and its number of cells.
    pinned : set of int
        Frames that were put back by an undo: they do not follow until a parameter
        changes, or they are run again.
    corrections : Corrections or None
        What was corrected by hand; None while there is no stack.
    restored : bool
        Whether corrections were restored, and no layer was lost since.
    found : Segmentation or None
        Of the frame on screen, as last answered; None while it is not known.
    comparison : DrawnChanges or None
        What changed in it since the recipe before; None while it is not known.
    stopped : bool
        The other frames follow no more until a parameter changes.
    """

    stack_changed = Signal()
    timeline_changed = Signal()
    recipe_changed = Signal()
    frame_changed = Signal(int)
    resolved_changed = Signal()
    answered = Signal(Answer)
    glance_changed = Signal()
    changes_changed = Signal()

    def __init__(
        self,
        recipe: Recipe | None = None,
        device: DeviceName = "auto",
        settings: Settings | None = None,
        engines: Engines | None = None,
    ) -> None:
        self.history = History(recipe or load_recipe(), difference)
        self.history.changed.connect(self._on_recipe)
        self.history.released.connect(self._write_down)
        self.timeline.changed.connect(self.timeline_changed)
        self.device = device
        self.settings = settings or Settings()
        self.engines = engines or Engines()
        self.granted = grant(self.settings, self.engines.held(None))
        self.engine: Engine | None = None
        self.frame = 0
        self.preview = False
        self.shown: dict[int, Recipe] = {}
        self.counts: dict[int, int] = {}
        self.pinned: set[int] = set()
        self.corrections: Corrections | None = None
        self.restored = False
        self.found: Segmentation | None = None
        self.comparison: DrawnChanges | None = None
        self.stopped = False
        self._glance: Recipe | None = None
        self._numbers = count(1)
        self._resolved: Recipe | None = None
        self._used = False
        self._newest = Newest()

    @property
    def stack(self) -> Stack | None:
        """The images, if there are any."""
        return self.engine.stack if self.engine else None

    @property
    def recipe(self) -> Recipe:
        """As wanted: fields may be automatic."""
        return self.history.value

    @property
    def timeline(self) -> Timeline:
        """What can be undone of the stack."""
        return self.history.course.timeline

    @property
    def before(self) -> Recipe | None:
        """The recipe before the last change, be it by an undo; None if not known."""
        return self.history.before

    @property
    def resolved(self) -> Recipe | None:
        """With numbers in px; None while something is missing for that.

        That is an estimate of the diameter, or the size of a pixel.
        """
        return self._resolve(self.recipe)

    @property
    def changes(self) -> Changes | None:
        """Cells of the frame on screen that changed since the recipe before."""
        return self.comparison.changes if self.comparison else None

    @property
    def wanted(self) -> Recipe:
        """What the frame on screen is to show: the recipe, or the one glanced at."""
        return self._glance or self.recipe

    @property
    def glancing(self) -> bool:
        """Whether the recipe before the last change is shown."""
        return self._glance is not None

    def open(
        self,
        stack: Stack | None,
        place: Place | None = None,
        course: Course[Recipe] | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        """Work on another stack, or on none; answers for the former are stale.

        Parameters
        ----------
        stack : Stack or None
            The images.
        place : Place, optional
            Where they come from: what was predicted of them before is at hand again.
        course : Course, optional
            Whose timeline the steps are in; its own if absent.
        corrections : Corrections, optional
            Of the stack, with the same timeline.
        """
        self.forget_frame()
        self._used = self.stack is not None
        self._glance, self.stopped = None, False
        self.engine = self._engine_of(stack, place) if stack is not None else None
        self.engines.share(self.engine, self.granted.limit)
        self.shown.clear()
        self.counts.clear()
        self.pinned, self.restored = set(), False
        self._newest.begin(next(self._numbers))
        self._attach(course or Course())
        self._correct(corrections)
        self.frame = 0
        self.stack_changed.emit()
        self._announce()

    def leave(self) -> None:
        """Work on no stack any more; what was chosen is kept with its timeline."""
        self._attach(Course())
        self._correct(None)

    def calibrate(self, stack: Stack) -> None:
        """Take the frames of now with another pixel size: what is in µm follows."""
        if self.engine is not None:
            self.engine.stack = stack
            self._announce()

    def restore(
        self, shown: dict[int, Recipe], counts: dict[int, int], pinned: set[int]
    ) -> None:
        """Take in what frames of the stack show already.

        Parameters
        ----------
        shown, counts : dict of int
            Their recipes and numbers of cells.
        pinned : set of int
            Those that were put back by an undo.
        """
        self.shown.update(shown)
        self.counts.update(counts)
        self.pinned = set(pinned)

    def put(
        self, frames: Mapping[int, tuple[Recipe, int] | None], pin: bool = True
    ) -> None:
        """Take in that frames show what they showed before.

        Parameters
        ----------
        frames : mapping of int to (Recipe, int)
            By frame the recipe, and the number of cells; None if it has no result.
        pin : bool
            Whether they follow no more.
        """
        for t, made in frames.items():
            self.shown.pop(t, None)
            self.counts.pop(t, None)
            if made is not None:
                self.shown[t], self.counts[t] = made
            (self.pinned.add if pin else self.pinned.discard)(t)
            # what is under way would show it otherwise
            self._newest.pass_over(t, next(self._numbers))
        if self.frame in frames:
            self.forget_frame()

    def forget(self) -> None:
        """Forget what was shown: it is gone. What was predicted is kept."""
        self.forget_frame()
        self.shown.clear()
        self.counts.clear()
        self.pinned, self.restored = set(), False

    def forget_frame(self) -> None:
        """Forget what was found in the frame on screen: it is to be asked anew."""
        self.found = None
        self._compare(None)

    def go(self, frame: int) -> None:
        """Look at a frame; one beyond the stack is its first or last."""
        last = len(self.stack) - 1 if self.stack else 0
        frame = min(max(frame, 0), last)
        if frame != self.frame:
            self.forget_frame()
            self.frame = frame
            self.frame_changed.emit(frame)

    def glance(self, on: bool) -> None:
        """Show the frame on screen by the recipe before the last change, or no more.

        Nothing happens if there is none, or the frame cannot follow to it.
        """
        before = self.before
        if on and (before is None or not self._can_show(before)):
            return
        glance = before if on else None
        if glance is not self._glance:
            self._glance = glance
            self.glance_changed.emit()

    def configure(self, settings: Settings) -> None:
        """Use other settings from now on; less memory lets go of results at once."""
        self.settings = settings
        self.granted = grant(settings, self.engines.held(self.engine))
        self.engines.share(self.engine, self.granted.limit)

    def change(self, section: str, **fields: Any) -> None:
        """Change fields of a section of the recipe.

        Raises
        ------
        pydantic.ValidationError
            If a value is not allowed; the recipe stays as it is.
        """
        self.use(self.recipe.change(section, **fields))

    def use(self, recipe: Recipe) -> None:
        """Replace the whole recipe; that can be undone, too."""
        if recipe != self.recipe:
            self.pinned.clear()
        self.history.change(recipe)
        self._show_recipe()

    def take_up(self, recipe: Recipe) -> None:
        """Go on with the recipe of results that are shown already.

        What another stack was worked on with can be had again by an undo.
        """
        if recipe != self.recipe:
            self.history.take_up(recipe, step=self._used)
            self._show_recipe()

    def undo(self) -> None:
        """Take the last step back, whatever it was.

        Raises
        ------
        EditError
            If it cannot be taken back, in words.
        """
        self.timeline.undo()

    def redo(self) -> None:
        """Do the step again that was undone last, whatever it was."""
        self.timeline.redo()

    def _on_recipe(self) -> None:
        """Take in that a step changed the recipe."""
        self.pinned.clear()
        self._show_recipe()

    def _show_recipe(self) -> None:
        self._write_down()
        self.stopped = False
        self._compare(None)
        self.glance(False)
        self.recipe_changed.emit()
        self._announce()

    def request(self, frame: int | None = None) -> Request:
        """Make a numbered request for a frame by the parameters of this moment.

        Without a frame it is the one on screen, by what is glanced at. Safe to call in
        any thread.
        """
        if frame is None:
            number = next(self._numbers)
            return Request(number, self.frame, self.wanted, self.preview)
        return Request(next(self._numbers), frame, self.recipe, self.preview)

    def ask_for_changes(self) -> Request | None:
        """Ask what changed in the frame on screen; None if that cannot be known."""
        before = self.before
        known = before is not None and self.up_to_date(self.frame)
        if before is None or not known or not self._can_show(before):
            return None
        number, t = next(self._numbers), self.frame
        marks = self.corrections.marks.get(t, {}) if self.corrections else {}
        return Request(number, t, self.recipe, against=before, marks=dict(marks))

    def accept(self, answer: Answer) -> bool:
        """Take an answer in, unless a newer one was taken for its frame.

        While a slider is dragged every answer is behind the slider; it is shown still,
        as long as it is ahead of what is shown.

        Returns
        -------
        bool
            False if the answer is stale: for a former stack, older than one that was
            accepted, or a comparison of what is not on screen any more. Nothing is
            emitted then.
        """
        self._announce()
        if self._is_past(answer) or not self._newest.take(answer):
            return False
        t = answer.request.frame
        if answer.segmentation is not None:
            self.shown[t] = answer.recipe
            self.counts[t] = answer.segmentation.count
            self.pinned.discard(t)
            if t == self.frame:
                self.found = answer.segmentation
        if answer.comparison is not None:
            self._compare(answer.comparison)
        self.answered.emit(answer)
        return True

    def up_to_date(self, frame: int) -> bool:
        """Whether a frame's result is by the recipe as it is now."""
        return self._shows(frame, self.recipe)

    def late(self) -> bool:
        """Whether the frame on screen can be had as it is wanted, and is not so.

        One that is not known (`found`) counts as late.
        """
        t = self.frame
        if not self._can_show(self.wanted):
            return False
        return self.found is None or not self._shows(t, self.wanted)

    def can_follow(self, frame: int) -> bool:
        """Whether a frame's labels can follow a slider: its maps are at hand."""
        return self.has_maps(frame, self.recipe)

    def has_maps(self, frame: int, recipe: Recipe) -> bool:
        """Whether a frame can be had by a recipe without predicting it."""
        return self.engine is not None and self.engine.has_maps(frame, recipe)

    def _resolve(self, recipe: Recipe) -> Recipe | None:
        return self.engine.resolve(recipe) if self.engine else None

    def _engine_of(self, stack: Stack, place: Place | None) -> Engine:
        engine = self.engines.find(place, self.device) if place else None
        engine = engine or Engine(stack, self.device, self.granted.limit)
        # the same frames, but their pixels may have another size by now
        engine.stack = stack
        if place is not None:
            self.engines.keep(place, engine)
        return engine

    def _shows(self, frame: int, recipe: Recipe) -> bool:
        shown = self.shown.get(frame)
        resolved = self._resolve(recipe)
        if shown is None or resolved is None:
            return False
        return shown is resolved or decisive(shown) == decisive(resolved)

    def _can_show(self, recipe: Recipe) -> bool:
        """Whether the frame on screen can be had by a recipe at once."""
        t = self.frame
        return self.has_maps(t, recipe) and t not in self.pinned

    def _attach(self, course: Course[Recipe]) -> None:
        self.timeline.changed.disconnect(self.timeline_changed)
        self.history.attach(course)
        self.timeline.changed.connect(self.timeline_changed)
        self.timeline_changed.emit()

    def _correct(self, corrections: Corrections | None) -> None:
        if self.corrections is not None:
            self.corrections.changed.disconnect(self._on_corrected)
        self.corrections = corrections
        if corrections is not None:
            corrections.changed.connect(self._on_corrected)
            self._write_down()

    def _on_corrected(self, t: int) -> None:
        if t == self.frame:
            self._compare(None)

    def _write_down(self) -> None:
        """Note the recipe for when corrections are restored; of a drag, the last."""
        if self.corrections is not None and not self.history.held:
            self.corrections.use_recipe(self.recipe.toml())

    def _compare(self, comparison: DrawnChanges | None) -> None:
        if comparison is not self.comparison:
            self.comparison = comparison
            self.changes_changed.emit()

    def _is_past(self, answer: Answer) -> bool:
        """Whether it compares what is not on screen any more."""
        request = answer.request
        same = request.frame == self.frame and request.recipe is self.recipe
        return answer.comparison is not None and not same

    def _announce(self) -> None:
        resolved = self.resolved
        if resolved != self._resolved:
            self._resolved = resolved
            self.resolved_changed.emit()
