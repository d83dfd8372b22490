"""The layers that show the results of one stack, and what made each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from psygnal import Signal

from napari_cellseg.correction.packed import PackedFrames, pack
from napari_cellseg.postprocess import Foreground, Split
from napari_cellseg.session import Course, Snapshot
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.engine import decisive
from napari_cellseg.session.keeping import keep_stack, restore_all
from napari_cellseg.session.tally import maps_of
from napari_cellseg.widgets.layers.canvas import OURS, Canvas
from napari_cellseg.widgets.layers.canvas_frames import CanvasFrames
from napari_cellseg.widgets.layers.registry import bind, find
from napari_cellseg.widgets.layers.source import choice_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Image as ImageLayer
    from napari.layers import Layer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.parameters import Parameters
    from napari_cellseg.pipeline import Segmentation
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session import Answer
    from napari_cellseg.session.keeping import Keeping

    Labels = NDArray[np.unsignedinteger]

TABLE = 2**22
"""Cells are counted in a table of at most so many entries."""


class Results:
    """The layers of one stack: foreground, cells, their nuclei, the preview.

    What is found is automatic; what is shown of cells and of nuclei is that with its
    corrections. Nuclei have a layer while a recipe grows cells from them: of the same
    numbers and colours. The preview is the image with its contrast normalised.

    Parameters
    ----------
    viewer : Viewer
        Where they are shown.
    image : Image layer
        The stack's.
    axes : str
        Letters of the image's axes.
    stack : Stack
        What is segmented.

    Attributes
    ----------
    corrected : Signal
        The frame whose cells were corrected, and may be of another number.
    replaced : Signal
        The frames that were put back as they were, and whether they are pinned.
    course : Course
        Whose timeline the steps on this stack are in.
    corrections, nuclei_corrections : Corrections
        Of the cells, and of the nuclei.
    keepings : list of Keeping
        Where they are written down.
    recipes : dict of int to Recipe
        What made each frame.
    counts : dict of int to int
        Number of cells in each of these frames, as they are shown.
    pinned : set of int
        Frames that were put back, and are not to follow.
    """

    corrected = Signal(int)
    replaced = Signal(object, bool)

    def __init__(
        self, viewer: Viewer, image: ImageLayer, axes: str, stack: Stack
    ) -> None:
        self.stack = stack
        at = (viewer, image, axes)
        # zeros take memory only where a frame is written
        mask = np.zeros(stack.shape, np.uint8)
        labels, nuclei = (np.zeros(stack.shape, np.uint16) for _ in range(2))
        choice = choice_of(stack)
        hidden: dict[str, Any] = {"visible": False, "opacity": 0.4}
        self.foreground = Canvas(*at, "foreground", mask, choice, **hidden)
        self.cells = Canvas(*at, "cells", labels, choice, opacity=0.5)
        self.nuclei = Canvas(*at, "nuclei", nuclei, choice, opacity=0.7)
        self.contrast: Canvas | None = None
        self.course: Course[Recipe] = Course()
        timeline = self.course.timeline
        self.corrections = Corrections(CanvasFrames(self.cells), timeline)
        self.nuclei_corrections = Corrections(CanvasFrames(self.nuclei), timeline)
        self.keepings: list[Keeping] = []
        self.unkept = ""
        """Why corrections are not written down, in words."""
        self.recipes: dict[int, Recipe] = {}
        self.counts: dict[int, int] = {}
        self.pinned: set[int] = set()
        self._data = image.data
        self._where = PackedFrames()
        """Where nuclei were found, 0 or 1."""
        self._coloured: Layer | None = None
        self.corrections.changed.connect(self._on_corrected)

    def is_of(self, viewer: Viewer, image: ImageLayer, stack: Stack) -> bool:
        """Whether these are the results of a stack of an image."""
        same = self.cells.viewer is viewer and self._data is image.data
        known = self.cells.choice is not None and self.stack.shape == stack.shape
        return same and known and self.cells.choice == choice_of(stack)

    @property
    def of_use(self) -> bool:
        """Whether there is anything to be had again: a layer, or corrections."""
        marked = self.corrections.marks or self.nuclei_corrections.marks
        return bool(marked) or self.cells.is_there()

    def keep(self) -> None:
        """Write corrections down from now on; see what can be restored."""
        if not self.keepings:
            beside = ((self.corrections, ""), (self.nuclei_corrections, "nuclei"))
            found = [keep_stack(each, self.stack, self._kind(k)) for each, k in beside]
            self.unkept = next((words for words in found if isinstance(words, str)), "")
            self.keepings = [each for each in found if not isinstance(each, str)]

    def restore(self) -> None:
        """Take in the corrections that were found, and show them."""
        restore_all(self.keepings)
        for canvas, corrections in self._both():
            if corrections.marks:
                self._show(canvas)

    def show(self, answer: Answer, on_screen: int, anew: bool = False) -> None:
        """Write an answer into the layers; only the frame on screen is drawn.

        Parameters
        ----------
        answer : Answer
            What was found.
        on_screen : int
            The frame on screen.
        anew : bool
            Write it even where the frame shows the same recipe already.
        """
        t = answer.request.frame
        if answer.segmentation is not None:
            found, recipe = answer.segmentation, answer.recipe
            self._show_found(t, found, recipe, t == on_screen, anew)
        if answer.contrast is not None:
            self._show_contrast(t, answer.contrast)

    def snapshot(self, t: int) -> Snapshot | None:
        """Take down what is found in frame t; None if it has no result."""
        recipe = self.recipes.get(t)
        if recipe is None:
            return None
        labels = pack(self.corrections.automatic(t))
        nuclei = pack(self._where[t]) if t in self._where else None
        return Snapshot(recipe, labels, pack(self.foreground.frames[t]), nuclei)

    def made_by(self, t: int) -> Recipe | None:
        """Return the recipe of frame t's result; None if it has none."""
        return self.recipes.get(t)

    def put(self, frames: Mapping[int, Snapshot | None], pin: bool) -> None:
        """Show frames as they were, the one on screen first."""
        on_screen = self.cells.on_screen
        for t in sorted(frames, key=lambda t: (t != on_screen, t)):
            shot = frames[t]
            if shot is None:
                self._empty(t, t == on_screen)
            else:
                self._put(t, shot, t == on_screen)
        (self.pinned.update if pin else self.pinned.difference_update)(frames)
        self.replaced.emit(sorted(frames), pin)

    def forget(self) -> None:
        """Begin again: the layer of the cells is gone, and with it what it showed.

        What was corrected is laid over what is found next.
        """
        # the layer of the nuclei goes with the next result: now another is removed
        self._where = PackedFrames()
        # the layer may live on elsewhere: its notes stay as they are
        self.recipes, self.counts, self.pinned = {}, {}, set()
        for canvas, corrections in self._both():
            canvas.clear()
            for t in corrections.marks:
                canvas.fill(t, corrections.take(t, self._nothing()), False)
        self._follow_colours()

    def recount(self, t: int) -> None:
        """Count the cells of a frame as they are shown."""
        if t in self.recipes:
            self.counts[t] = count_cells(self.cells.frames[t])

    def leave(self) -> None:
        """Take the preview away."""
        self.hide_contrast()

    def close(self) -> None:
        """Write no more down; another may."""
        for keeping in self.keepings:
            keeping.close()
        self.keepings = []

    def hide_contrast(self) -> None:
        """Take the preview away."""
        if self.contrast is not None:
            self.contrast.remove()
            self.contrast = None

    def _both(self) -> list[tuple[Canvas, Corrections]]:
        cells = self.cells, self.corrections
        return [cells, (self.nuclei, self.nuclei_corrections)]

    def _nothing(self) -> NDArray[np.uint16]:
        return np.zeros(self.stack.shape[1:], np.uint16)

    def _kind(self, kind: str) -> str:
        """Name what is corrected, of an image that more can be corrected of."""
        choice, parts = self.cells.choice, []
        if choice is not None and "C" in choice.axes and choice.channel:
            parts.append(f"channel-{choice.channel}")
        if choice is not None and "Z" in choice.axes and choice.z != "max":
            parts.append(f"z-{choice.z}")
        return ".".join([*parts, kind] if kind else parts)

    def _show_found(
        self, t: int, found: Segmentation, recipe: Recipe, visible: bool, anew: bool
    ) -> None:
        """Write what differs from what is there: drawing takes longest."""
        shown = None if anew else self.recipes.get(t)
        there = shown and self.foreground.is_there()
        if not (there and shown and _masks(shown) == _masks(recipe)):
            self.foreground.write(t, found.mask.view(np.uint8), visible)
        there = shown and self.cells.is_there()
        same = there and shown and decisive(shown) == decisive(recipe)
        self.recipes[t] = recipe
        self.pinned.discard(t)
        if not same:
            self._show_cells(t, found.labels, found.count, visible)
        if not same or (found.nuclei is not None and not self.nuclei.is_there()):
            where = None if found.nuclei is None else found.nuclei > 0
            self._show_nuclei(t, where, visible)
        self._note()

    def _show_cells(
        self, t: int, labels: Labels, count: int | None, visible: bool
    ) -> None:
        """Lay the corrections over automatic labels, and show them."""
        self._capture(self.cells, visible)
        shown = self.corrections.take(t, labels)
        self.cells.fill(t, shown, visible)
        known = count is not None and shown is labels
        self.counts[t] = count if known and count is not None else count_cells(shown)
        self._show(self.cells)

    def _show_nuclei(
        self, t: int, where: NDArray[np.bool_] | None, visible: bool
    ) -> None:
        """Write the nuclei of a frame, and take their layer away with the last."""
        if where is not None:
            self._where[t] = where.view(np.uint8)
            self._write_nuclei(t, visible)
            self._show(self.nuclei)
            return
        self._where.drop(t)
        grown = any(i in self._where for i in self.recipes)
        if not grown and not self.nuclei_corrections.marks:
            self.nuclei.withdraw()
        elif self.nuclei.is_there():
            self._write_nuclei(t, visible)

    def _write_nuclei(self, t: int, visible: bool) -> None:
        """Give the nuclei of a frame the numbers of the cells that are shown."""
        cells, auto = self.cells.frames[t], self._nothing()
        if t in self._where:
            auto = cells * self._where[t].astype(cells.dtype)
        self._capture(self.nuclei, visible)
        self.nuclei.fill(t, self.nuclei_corrections.take(t, auto), visible)

    def _put(self, t: int, shot: Snapshot, visible: bool) -> None:
        self.recipes[t] = shot.recipe
        self.foreground.write(t, shot.mask.unpack(), visible)
        self._show_cells(t, shot.labels.unpack(), None, visible)
        where = None if shot.nuclei is None else shot.nuclei.unpack().astype(np.bool_)
        self._show_nuclei(t, where, visible)
        self._note()

    def _empty(self, t: int, visible: bool) -> None:
        """Show no more of a frame than its corrections."""
        self.recipes.pop(t, None)
        self.foreground.fill(t, self._nothing(), visible)
        self._capture(self.cells, visible)
        shown = self.corrections.take(t, self._nothing())
        self.cells.fill(t, shown, visible)
        self.counts.pop(t, None)
        self._show_nuclei(t, None, visible)

    def _capture(self, canvas: Canvas, visible: bool) -> None:
        """Take what was painted as a correction before the frame is written."""
        if visible and canvas.is_there():
            layer: Any = canvas.layer
            bound = find(layer)
            if bound is not None:
                bound.capture()

    def _show(self, canvas: Canvas) -> None:
        """Make the layer of cells or nuclei if there is none, and bind it."""
        if canvas.is_there():
            return
        canvas.show()
        if canvas.layer is None:
            return
        corrections = dict(self._both())[canvas]
        layer: Any = canvas.layer
        bound = bind(canvas.viewer, layer, corrections, canvas.axes)
        for keeping in self.keepings:
            if keeping.corrections is corrections:
                bound.keep(keeping, own=False)
        self._follow_colours()
        self._lift_nuclei()
        self._note()

    def _follow_colours(self) -> None:
        """Give the nuclei the colours of the cells, now and when they change."""
        layer = self.cells.layer
        if layer is not self._coloured:
            if self._coloured is not None:
                self._coloured.events.colormap.disconnect(self._colour)
            if layer is not None:
                layer.events.colormap.connect(self._colour)
            self._coloured = layer
        self._colour()

    def _lift_nuclei(self) -> None:
        """Lay the nuclei above cells that got a new layer."""
        layers = self.cells.viewer.layers
        if self.nuclei.is_there() and self.cells.is_there():
            at = layers.index(self.nuclei.layer), layers.index(self.cells.layer)
            if at[0] < at[1]:
                layers.move(at[0], at[1] + 1)

    def _colour(self, event: Any = None) -> None:
        cells, nuclei = self.cells.layer, self.nuclei.layer
        if cells is not None and nuclei is not None:
            nuclei.colormap = cells.colormap

    def _show_contrast(self, t: int, frame: NDArray[np.float32]) -> None:
        if self.contrast is None:
            images = np.zeros(self.stack.shape, np.float32)
            style: dict[str, Any] = {"contrast_limits": (0, 1), "colormap": "gray"}
            cells = self.cells
            at = cells.viewer, cells.image, cells.axes
            self.contrast = Canvas(*at, "contrast", images, **style)
        self.contrast.write(t, frame, True)

    def _on_corrected(self, t: int) -> None:
        if t in self._where:
            self._write_nuclei(t, self.nuclei.is_there() and self.nuclei.on_screen == t)
        self.corrected.emit(t)

    def _note(self) -> None:
        """Keep with the layers what made each frame, for export."""
        beside = dict(self._both())
        for canvas in (self.foreground, self.cells, self.nuclei):
            if canvas.layer is not None:
                note = canvas.layer.metadata.setdefault(OURS, {})
                note |= {
                    "recipes": self.recipes,
                    "counts": self.counts,
                    "corrections": beside.get(canvas),
                    "stack": self.stack,
                }


_KNOWN: WeakKeyDictionary[ImageLayer, list[Results]] = WeakKeyDictionary()


def results_of(viewer: Viewer, image: ImageLayer, axes: str, stack: Stack) -> Results:
    """Return the results of a stack: those there are, or empty ones.

    Results are kept with their image while they are shown, or were corrected.

    Parameters
    ----------
    viewer, image, axes, stack
        As of `Results`.
    """
    known = _KNOWN.setdefault(image, [])
    for results in list(known):
        if not results.of_use:
            results.close()
            known.remove(results)
    for results in known:
        if results.is_of(viewer, image, stack):
            # the same frames, but their pixels may have another size by now
            results.stack = stack
            return results
    results = Results(viewer, image, axes, stack)
    known.append(results)
    return results


def count_cells(labels: NDArray[np.unsignedinteger]) -> int:
    """Count the numbers in a frame (Y, X) but 0.

    Examples
    --------
    >>> count_cells(np.array([[0, 7, 7], [2, 0, 0]], np.uint16))
    2
    """
    top = int(labels.max(initial=0))
    if top > TABLE:
        return int(np.count_nonzero(np.unique(labels)))
    from napari_cellseg.postprocess._lookup import areas

    found = areas(np.ascontiguousarray(labels).reshape(-1), top)
    return int(np.count_nonzero(found[1:]))


def _masks(recipe: Recipe) -> tuple[Parameters, ...]:
    """Return the parameters that decide the foreground of a frame."""
    post = recipe.postprocess
    own = Split(landscape=post.landscape) if post.landscape == "instances" else Split()
    mask = post.part(Foreground), own, recipe.cells
    return *maps_of(recipe), *mask
