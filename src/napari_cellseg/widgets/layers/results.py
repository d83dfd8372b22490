"""The layers that show the results of one stack, and what made each frame."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_cellseg.postprocess import Foreground, Split
from napari_cellseg.session.engine import decisive
from napari_cellseg.session.tally import maps_of
from napari_cellseg.widgets.layers.canvas import OURS, Canvas
from napari_cellseg.widgets.layers.source import choice_of, frame_on_screen
from napari_cellseg.widgets.layers.strokes import Hand, Strokes

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Layer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.parameters import Parameters
    from napari_cellseg.pipeline import Segmentation
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session import Answer


class Results:
    """The layers of one stack: foreground, cells, their nuclei, the preview.

    Nuclei have a layer while a recipe grows cells from them: of the same numbers and
    colours. The preview is the image with its contrast normalised.

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
    painted : Signal
        The frame whose cells were painted on by hand, or a stroke on them undone.
    """

    painted = Signal(int)

    def __init__(
        self, viewer: Viewer, image: ImageLayer, axes: str, stack: Stack
    ) -> None:
        self.stack = stack
        at = (viewer, image, axes)
        # zeros take memory only where a frame is written
        mask = np.zeros(stack.shape, np.uint8)
        labels = np.zeros(stack.shape, np.uint16)
        choice = choice_of(stack)
        hidden: dict[str, Any] = {"visible": False, "opacity": 0.4}
        self.foreground = Canvas(*at, "foreground", mask, choice, **hidden)
        self.cells = Canvas(*at, "cells", labels, choice, opacity=0.5)
        nuclei = np.zeros(stack.shape, np.uint16)
        self.nuclei = Canvas(*at, "nuclei", nuclei, choice, opacity=0.7)
        self.contrast: Canvas | None = None
        self._at = at
        self.recipes: dict[int, Recipe] = {}
        """What made each frame."""
        self.counts: dict[int, int] = {}
        """Number of cells in each frame."""
        self.edited: set[int] = set()
        """Frames whose cells were painted on by hand."""
        self.wanted: Recipe | None = None
        """What was chosen when a dock left results that are taken up."""
        self._released: set[int] = set()
        self._coloured: Layer | None = None
        self._hands = self._new_hands()
        self._result: tuple[int, Segmentation | None] = 0, None
        self._take_up()

    def show(self, answer: Answer, on_screen: int) -> None:
        """Write an answer into the layers; only the frame on screen is drawn."""
        t = answer.request.frame
        if answer.segmentation is not None:
            self._show_found(t, answer.segmentation, answer.recipe, t == on_screen)
        if answer.contrast is not None:
            self._show_contrast(t, answer.contrast)

    def _show_found(
        self, t: int, found: Segmentation, recipe: Recipe, visible: bool
    ) -> None:
        """Write what differs from what is there: drawing takes longest."""
        shown = None if t in self._released else self.recipes.get(t)
        there = shown and self.foreground.is_there()
        if not (there and shown and _masks(shown) == _masks(recipe)):
            self.foreground.write(t, found.mask.view(np.uint8), visible)
        there, new = shown and self.cells.is_there(), False
        if not (there and shown and decisive(shown) == decisive(recipe)):
            before = self.cells.layer
            self._write(self.cells, t, found.labels, visible)
            new, there = self.cells.layer is not before, False
        if not there or (found.nuclei is not None and not self.nuclei.is_there()):
            self._show_nuclei(t, found, recipe, visible)
        if new:
            self._lift_nuclei()
        if visible:
            self._result = t, found
        self._released.discard(t)
        self.counts[t] = found.count
        self._note(t, recipe)

    def _show_nuclei(
        self, t: int, found: Segmentation, recipe: Recipe, visible: bool
    ) -> None:
        """Write the nuclei of a frame, and take their layer away with the last."""
        if found.nuclei is not None:
            self._write(self.nuclei, t, found.nuclei, visible)
            self._colour()
            return
        others = (made for i, made in self.recipes.items() if i != t)
        if not any(made.cells.grow for made in others):
            self._hands["nuclei"].listen(None)
            self.nuclei.withdraw()
        elif self.nuclei.is_there():
            empty = np.zeros(self.stack.shape[1:], np.uint16)
            self._write(self.nuclei, t, empty, visible)

    def _write(
        self, canvas: Canvas, t: int, labels: NDArray[Any], visible: bool
    ) -> None:
        """Write labels over what was painted and undone, and hear what is painted."""
        hand = self._hands[canvas.kind]
        if t in hand.strokes.sums:
            hand.strokes.clear(canvas.layer, self.edited - {t})
        before = canvas.layer
        canvas.write(t, labels, visible)
        if canvas.layer is not before:
            self._hear(canvas)

    def _hear(self, canvas: Canvas) -> None:
        """Hear what is painted on a layer, and which colours cells get."""
        if canvas is self.cells:
            self._follow_colours(canvas.layer)
        self._hands[canvas.kind].listen(canvas.layer)

    def _follow_colours(self, layer: Layer | None) -> None:
        if self._coloured is not None:
            self._coloured.events.colormap.disconnect(self._colour)
        if layer is not None:
            layer.events.colormap.connect(self._colour)
        self._coloured = layer

    def _lift_nuclei(self) -> None:
        """Lay the nuclei above cells that got a new layer."""
        layers = self._at[0].layers
        if self.nuclei.is_there() and self.cells.is_there():
            at = layers.index(self.nuclei.layer), layers.index(self.cells.layer)
            if at[0] < at[1]:
                layers.move(at[0], at[1] + 1)

    def _colour(self, event: Any = None) -> None:
        """Give the nuclei the colours of their cells."""
        cells, nuclei = self.cells.layer, self.nuclei.layer
        if cells is not None and nuclei is not None:
            nuclei.colormap = cells.colormap

    def forget(self) -> None:
        """Begin again: the layer of the cells is gone, and with it what it showed."""
        self._stop_hearing()
        self._hands = self._new_hands()
        self.cells.clear()
        # its layer goes with the next result: now another is just being removed
        self.nuclei.clear()
        # the layer may live on elsewhere: its notes stay as they are
        self.recipes, self.counts, self.edited = {}, {}, set()

    def want(self, recipe: Recipe) -> None:
        """Keep with the cells what is chosen, for a dock that takes them up."""
        if self.cells.layer is not None:
            self.cells.layer.metadata[OURS]["wanted"] = recipe

    def release(self, t: int) -> None:
        """Let frame t be written over, whatever was painted on it."""
        if t in self.edited:
            for canvas in (self.cells, self.nuclei):
                strokes = self._hands[canvas.kind].strokes
                strokes.clear(canvas.layer, self.edited - {t})
        self.edited.discard(t)
        self._released.add(t)

    def recount(self, t: int) -> int:
        """Count the cells of a frame as they are now."""
        self.counts[t] = int(np.count_nonzero(np.unique(self.cells.frames[t])))
        return self.counts[t]

    def leave(self) -> None:
        """Take the preview away, and listen to the cells no more."""
        self.hide_contrast()
        self._stop_hearing()

    def hide_contrast(self) -> None:
        """Take the preview away."""
        if self.contrast is not None:
            self.contrast.remove()
            self.contrast = None

    def _show_contrast(self, t: int, frame: NDArray[np.float32]) -> None:
        if self.contrast is None:
            images = np.zeros(self.stack.shape, np.float32)
            style: dict[str, Any] = {"contrast_limits": (0, 1), "colormap": "gray"}
            self.contrast = Canvas(*self._at, "contrast", images, **style)
        self.contrast.write(t, frame, True)

    def _take_up(self) -> None:
        """Go on with what an earlier dock made of the same stack."""
        note = self.cells.take_up()
        if note and self.cells.layer is not None:
            self.foreground.take_up()
            beside = self.nuclei.take_up()
            self.recipes, self.counts = note["recipes"], note["counts"]
            self.edited = note["edited"]
            self.wanted = note.get("wanted")
            sums = note.get("strokes"), beside.get("strokes")
            self._hands = self._new_hands(*sums)
            self._hear(self.cells)
            self._hear(self.nuclei)

    def _new_hands(self, *sums: Any) -> dict[str, Hand]:
        canvases = (self.cells, self.nuclei)
        known = dict(zip_longest(canvases, sums))
        return {
            canvas.kind: Hand(self._on_stroke, self._on_undone, Strokes(known[canvas]))
            for canvas in canvases
        }

    def _stop_hearing(self) -> None:
        self._follow_colours(None)
        for hand in self._hands.values():
            hand.listen(None)

    def _on_stroke(self, hand: Hand) -> None:
        viewer, image, axes = self._at
        t = frame_on_screen(image, axes, viewer.dims.point)
        shown, found = self._result
        result = None
        if found is not None and shown == t:
            result = found.labels if hand is self._hands["cells"] else found.nuclei
        hand.began(t, result)
        self.edited.add(t)
        self.painted.emit(t)

    def _on_undone(self, _: Hand) -> None:
        """Take frames as edited while their cells are, or their nuclei."""
        cells = self._hands["cells"].strokes.edited(lambda t: self.cells.frames[t])
        nuclei = self._hands["nuclei"].strokes.edited(lambda t: self.nuclei.frames[t])
        for t in cells | nuclei:
            edited = cells.get(t, False) or nuclei.get(t, False)
            (self.edited.add if edited else self.edited.discard)(t)
            self.painted.emit(t)

    def _note(self, t: int, recipe: Recipe) -> None:
        """Keep with the layers what made each frame, for export."""
        self.recipes[t] = recipe
        for canvas in (self.foreground, self.cells, self.nuclei):
            if canvas.layer is not None:
                note = canvas.layer.metadata.setdefault(OURS, {})
                note |= {
                    "recipes": self.recipes,
                    "counts": self.counts,
                    "edited": self.edited,
                    "stack": self.stack,
                }
                if canvas.kind in self._hands:
                    note["strokes"] = self._hands[canvas.kind].strokes.sums


def _masks(recipe: Recipe) -> tuple[Parameters, ...]:
    """Return the parameters that decide the foreground of a frame."""
    post = recipe.postprocess
    own = Split(landscape=post.landscape) if post.landscape == "instances" else Split()
    mask = post.part(Foreground), own, recipe.cells
    return *maps_of(recipe), *mask
