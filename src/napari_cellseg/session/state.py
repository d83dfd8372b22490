"""What a working session knows: the stack, the recipe, and which frame has what."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_cellseg.recipe import load_recipe
from napari_cellseg.session.engine import Engine, decisive
from napari_cellseg.session.history import History
from napari_cellseg.session.requests import Answer, Request

if TYPE_CHECKING:
    from napari_cellseg.io.images import Stack
    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.recipe import Recipe


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
    """

    stack_changed = Signal()
    recipe_changed = Signal()
    frame_changed = Signal(int)
    resolved_changed = Signal()
    answered = Signal(Answer)

    def __init__(
        self, recipe: Recipe | None = None, device: DeviceName = "auto"
    ) -> None:
        self.history = History(recipe or load_recipe())
        self.device = device
        self.engine: Engine | None = None
        self.frame = 0
        self.preview = False
        self.shown: dict[int, Recipe] = {}
        self.counts: dict[int, int] = {}
        self._numbers = count(1)
        self._resolved: Recipe | None = None
        self._newest: dict[tuple[int, str], int] = {}
        self._first = 0

    @property
    def stack(self) -> Stack | None:
        """The images, if there are any."""
        return self.engine.stack if self.engine else None

    @property
    def recipe(self) -> Recipe:
        """As wanted: fields may be automatic."""
        return self.history.value

    @property
    def resolved(self) -> Recipe | None:
        """With numbers; None while the diameter is automatic and not estimated."""
        return self.engine.resolve(self.recipe) if self.engine else None

    def open(self, stack: Stack | None) -> None:
        """Work on another stack, or on none; answers for the former are stale."""
        self.engine = Engine(stack, self.device) if stack is not None else None
        self.shown.clear()
        self.counts.clear()
        self._newest.clear()
        self._first = next(self._numbers)
        self.frame = 0
        self.stack_changed.emit()
        self._announce()

    def restore(self, shown: dict[int, Recipe], counts: dict[int, int]) -> None:
        """Take in what frames of the stack show already: their recipes and counts."""
        self.shown.update(shown)
        self.counts.update(counts)

    def forget(self) -> None:
        """Forget what was shown: it is gone. What was predicted is kept."""
        self.shown.clear()
        self.counts.clear()

    def go(self, frame: int) -> None:
        """Look at a frame; one beyond the stack is its first or last."""
        last = len(self.stack) - 1 if self.stack else 0
        frame = min(max(frame, 0), last)
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit(frame)

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
        self.history.change(recipe)
        self.recipe_changed.emit()
        self._announce()

    def undo(self) -> None:
        """Take back a change of parameters."""
        self.history.undo()
        self.recipe_changed.emit()
        self._announce()

    def redo(self) -> None:
        """Change back what was undone."""
        self.history.redo()
        self.recipe_changed.emit()
        self._announce()

    def request(self, frame: int | None = None) -> Request:
        """Make a numbered request for a frame by the parameters of this moment.

        Safe to call in any thread.
        """
        t = self.frame if frame is None else frame
        return Request(next(self._numbers), t, self.recipe, self.preview)

    def accept(self, answer: Answer) -> bool:
        """Take an answer in, unless a newer one was taken for its frame.

        While a slider is dragged every answer is behind the slider; it is shown still,
        as long as it is ahead of what is shown.

        Returns
        -------
        bool
            False if the answer is stale: for a former stack, or older than one that was
            accepted. Nothing is emitted then.
        """
        self._announce()
        if not self._is_new(answer):
            return False
        t = answer.request.frame
        if answer.segmentation is not None:
            self.shown[t] = answer.recipe
            self.counts[t] = answer.segmentation.count
        self.answered.emit(answer)
        return True

    def up_to_date(self, frame: int) -> bool:
        """Whether a frame's result is by the recipe as it is now."""
        shown, resolved = self.shown.get(frame), self.resolved
        if shown is None or resolved is None:
            return False
        return decisive(shown) == decisive(resolved)

    def can_follow(self, frame: int) -> bool:
        """Whether a frame's labels can follow a slider: its maps are at hand."""
        return self.engine is not None and self.engine.has_maps(frame, self.recipe)

    def _is_new(self, answer: Answer) -> bool:
        number, t = answer.request.number, answer.request.frame
        parts = [
            (t, name)
            for name, part in (
                ("labels", answer.segmentation),
                ("contrast", answer.contrast),
                ("error", answer.error or None),
            )
            if part is not None
        ]
        newest = max((self._newest.get(part, 0) for part in parts), default=0)
        if number < max(newest, self._first):
            return False
        self._newest.update(dict.fromkeys(parts, number))
        return True

    def _announce(self) -> None:
        resolved = self.resolved
        if resolved != self._resolved:
            self._resolved = resolved
            self.resolved_changed.emit()
