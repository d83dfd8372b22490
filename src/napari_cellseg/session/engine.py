"""Computes what a session asks for, in whatever thread it is called.

torch is imported with the pipeline, which takes seconds: not before the first
prediction, and in the worker.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellseg.errors import CellsegError, RecipeError
from napari_cellseg.network.files import needed_reference
from napari_cellseg.preprocess import normalize
from napari_cellseg.session.kernels import prepare
from napari_cellseg.session.requests import Answer, DrawnChanges, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.parameters import Parameters
    from napari_cellseg.pipeline import Estimate, Pipeline, Segmentation
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.requests import Request

FITTED = 3
"""Recipes whose numbers are remembered: the newest, and those it is compared to."""

_log = logging.getLogger(__name__)

EXPECTED = (CellsegError, MemoryError, OSError, RuntimeError, ValueError)
"""What may go wrong with images, models and memory; any other is a fault of ours."""


class Engine:
    """Answers requests about one stack from a cached pipeline.

    Several threads may call it at once: `respond` for the frame on screen, `follow` for
    others, `segment` for longer work.

    Parameters
    ----------
    stack : Stack
        The images.
    device : {"auto", "cpu", "cuda", "mps"}
        Where networks run.
    memory : int
        Bytes for results that are kept.
    """

    def __init__(self, stack: Stack, device: DeviceName, memory: int) -> None:
        self.stack = stack
        self.device = device
        self.memory = memory
        self._pipeline: Pipeline | None = None
        self._estimates: dict[Hashable, Estimate] = {}
        self._lock = Lock()
        self._fitted: tuple[tuple[Recipe, Hashable, Recipe], ...] = ()

    def estimate_for(self, recipe: Recipe) -> Estimate | None:
        """Return the diameter estimated for a recipe's contrast and network, if any."""
        return self._estimates.get(self._estimate_key(recipe))

    def resolve(self, recipe: Recipe) -> Recipe | None:
        """Numbers of px for what is automatic or in µm.

        Returns
        -------
        Recipe or None
            None if the diameter or the pixel size is needed and not known yet.
        """
        estimate = None
        if recipe.estimates_diameter:
            found = self.estimate_for(recipe)
            if found is None:
                return None
            estimate = found.diameter
        # asked many times a slider move, and validation is not free
        sides = self.stack.pixel_size, self.stack.pixel_height
        rests_on = estimate, sides
        for known, on, resolved in self._fitted:
            if known is recipe and on == rests_on:
                return resolved
        try:
            settled = recipe.settle(sides[0], estimate, sides[1])
        except RecipeError:
            # said when something is asked for, not while one looks
            return None
        if settled is not None:
            newest = recipe, rests_on, settled
            self._fitted = (newest, *self._fitted[:FITTED])
        return settled

    def has_maps(self, t: int, recipe: Recipe) -> bool:
        """Whether frame t can be segmented without predicting it."""
        resolved = self.resolve(recipe)
        if self._pipeline is None or resolved is None:
            return False
        return self._pipeline.has_maps(t, resolved)

    def with_maps(self, recipe: Recipe) -> set[int]:
        """Frames that can be segmented without predicting them."""
        resolved = self.resolve(recipe)
        if self._pipeline is None or resolved is None:
            return set()
        return self._pipeline.with_maps(resolved)

    @property
    def held(self) -> int:
        """Bytes of results that are kept."""
        return self._pipeline.held if self._pipeline else 0

    def grant(self, memory: int) -> None:
        """Keep results of at most ``memory`` bytes from now on."""
        with self._lock:
            self.memory = memory
            if self._pipeline is not None:
                self._pipeline.grant(memory)

    def respond(self, request: Request) -> Answer:
        """Answer with what can be had at once: the labels only of a predicted frame."""
        if request.against is not None:
            return self._compare(request, request.against)
        resolved = self.resolve(request.recipe)
        recipe, contrast = resolved or request.recipe, None
        t = request.frame
        try:
            if request.preview:
                contrast = self._contrast(t, recipe)
            found = self._at_once(t, resolved)
        except EXPECTED as error:
            return Answer(request, recipe, error=explain(error))
        return Answer(request, recipe, found, contrast)

    def _contrast(self, t: int, recipe: Recipe) -> NDArray[np.float32]:
        """Frame t as the network sees it, without torch."""
        reference = needed_reference(recipe.preprocess, recipe.network.model)
        frame, where = self.stack.frame(t), self.stack.where(t)
        return normalize(frame, recipe.preprocess, where, reference)

    def follow(self, request: Request) -> Answer:
        """Answer for one of many frames that follow the one on screen."""
        resolved = self.resolve(request.recipe)
        recipe = resolved or request.recipe
        try:
            found = self._at_once(request.frame, resolved, beside=True)
        except EXPECTED as error:
            return Answer(request, recipe, error=explain(error))
        return Answer(request, recipe, found)

    def _at_once(
        self, t: int, resolved: Recipe | None, beside: bool = False
    ) -> Segmentation | None:
        if self._pipeline is None or resolved is None:
            return None
        return self._pipeline.follow(t, resolved, beside)

    def _compare(self, request: Request, against: Recipe) -> Answer:
        from napari_cellseg.correction.compose import compose
        from napari_cellseg.postprocess.changes import changed, outlines

        t, resolved = request.frame, self.resolve(request.recipe)
        recipe = resolved or request.recipe
        try:
            before = self._at_once(t, self.resolve(against))
            after = self._at_once(t, resolved)
            if before is None or after is None:
                return Answer(request, recipe)
            old = compose(before.labels, request.marks).labels
            new = compose(after.labels, request.marks).labels
            changes = changed(old, new)
            drawn = outlines(new, changes.ids)
        except EXPECTED as error:
            return Answer(request, recipe, error=explain(error))
        return Answer(request, recipe, comparison=DrawnChanges(changes, drawn))

    def estimate(self, request: Request) -> Iterator[Step | Answer]:
        """Estimate the diameter anew, for the request's contrast and network."""
        try:
            yield from self._load(request.recipe)
            self._estimates.pop(self._estimate_key(request.recipe), None)
            yield from self._estimate(request.recipe)
        except EXPECTED as error:
            yield Answer(request, request.recipe, error=explain(error))

    def segment(
        self,
        frames: Sequence[int],
        ask: Callable[[int], Request],
        done: Mapping[int, Recipe] | None = None,
    ) -> Iterator[Step | Answer]:
        """Predict and segment frames until all are by the newest parameters.

        Parameters
        ----------
        frames : sequence of int
            In the order wanted.
        ask : callable
            Gives the request for a frame by the parameters of this moment.
        done : mapping of int to Recipe, optional
            Recipes of the frames that have results; the newest are not made again.

        Yields
        ------
        Step or Answer
            A step at least every tile, an answer every frame. The first answer with an
            error is the last.
        """
        kept = {t: decisive(recipe) for t, recipe in (done or {}).items()}
        for request in self._outdated(frames, ask, kept):
            try:
                yield from self._segment(request, frames, kept)
            except EXPECTED as error:
                yield Answer(request, request.recipe, error=explain(error))
                return

    def _outdated(
        self,
        frames: Sequence[int],
        ask: Callable[[int], Request],
        kept: Mapping[int, tuple[Parameters, ...]],
    ) -> Iterator[Request]:
        while frames:
            recipe = self.resolve(ask(frames[0]).recipe)
            newest = decisive(recipe) if recipe else ()
            todo = [t for t in frames if not recipe or kept.get(t) != newest]
            if not todo:
                return
            yield ask(todo[0])

    def _segment(
        self,
        request: Request,
        frames: Sequence[int],
        kept: dict[int, tuple[Parameters, ...]],
    ) -> Iterator[Step | Answer]:
        t, total = request.frame, len(frames)
        yield from self._load(request.recipe)
        # says what is in µm where the pixel size is not known
        self._calibrate(request.recipe)
        if self.resolve(request.recipe) is None:
            yield from self._estimate(request.recipe)
        recipe = self.resolve(request.recipe)
        assert recipe is not None
        fresh = sum(kept.get(i) == decisive(recipe) for i in frames)
        maps = None
        for step in self.pipeline.predict(t, recipe):
            maps = step
            yield Step(f"Predicting frame {t}", fresh, total)
        found = self.pipeline.segment(t, recipe, maps)
        kept[t] = decisive(recipe)
        yield Answer(request, recipe, found)
        yield Step(f"Frame {t} done", fresh + 1, total)

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline, made when it is first needed."""
        with self._lock:
            if self._pipeline is None:
                from napari_cellseg.pipeline import Pipeline

                self._pipeline = Pipeline(self.stack, self.device, self.memory)
            return self._pipeline

    def _load(self, recipe: Recipe) -> Iterator[Step]:
        if self._pipeline is None:
            yield Step("Loading the model…")
            # no pipeline before they are ready: no window waits for a compiler
            yield from prepare()
        self.pipeline.predictor(recipe)

    def _estimate(self, recipe: Recipe) -> Iterator[Step]:
        from napari_cellseg.pipeline import estimate_steps

        found = None
        for step in estimate_steps(self.pipeline, self._calibrate(recipe)):
            found = step
            yield Step("Estimating the cell diameter…")
        assert found is not None
        self._estimates[self._estimate_key(recipe)] = found
        yield Step(f"Diameter: {found.diameter:.1f} px")

    def _calibrate(self, recipe: Recipe) -> Recipe:
        return recipe.calibrate(self.stack.pixel_size, self.stack.pixel_height)

    def _estimate_key(self, recipe: Recipe) -> Hashable:
        """Name what an estimate rests on: the image, the network and the map asked."""
        sees = recipe.preprocess, recipe.network, recipe.postprocess.map
        if recipe.scale.to == "cell diameter":
            return sees
        return *sees, recipe.scale.decisive, self.stack.pixel_size


def decisive(recipe: Recipe) -> tuple[Parameters, ...]:
    """Return the sections of a recipe that decide the labels of a frame."""
    maps = recipe.preprocess, recipe.scale, recipe.network
    return *maps, recipe.postprocess, recipe.cells


def explain(error: BaseException) -> str:
    """Words for the user, of what went wrong and what to do."""
    _log.debug("reported to the user", exc_info=error)
    text = str(error) or type(error).__name__
    if isinstance(error, MemoryError) or "out of memory" in text.lower():
        return (
            "Not enough memory. Choose a smaller tile in the recipe (network.tile), or "
            f"close other programs, then try again. ({text.splitlines()[0]})"
        )
    if isinstance(error, CellsegError):
        return text
    return f"{type(error).__name__}: {text}"
