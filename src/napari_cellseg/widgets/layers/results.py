"""The layers that show the results of one stack, and what made each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_cellseg.postprocess import Foreground, Split
from napari_cellseg.session.engine import decisive
from napari_cellseg.session.tally import maps_of
from napari_cellseg.widgets.layers.canvas import OURS, Canvas
from napari_cellseg.widgets.layers.source import choice_of, frame_on_screen
from napari_cellseg.widgets.layers.strokes import Strokes

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
        self._strokes = Strokes()
        self._result: tuple[int, NDArray[Any] | None] = 0, None
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
        there = shown and self.cells.is_there()
        if not (there and shown and decisive(shown) == decisive(recipe)):
            before = self.cells.layer
            if t in self._strokes.sums:
                self._strokes.clear(before)
            self.cells.write(t, found.labels, visible)
            if self.cells.layer is not before:
                self._listen(before, self.cells.layer)
            there = False
        if not there or (found.nuclei is not None and not self.nuclei.is_there()):
            self._show_nuclei(t, found, recipe, visible)
        if visible:
            self._result = t, found.labels
        self._released.discard(t)
        self.counts[t] = found.count
        self._note(t, recipe)

    def _show_nuclei(
        self, t: int, found: Segmentation, recipe: Recipe, visible: bool
    ) -> None:
        """Write the nuclei of a frame, and take their layer away with the last."""
        if found.nuclei is not None:
            before = self.nuclei.layer
            self.nuclei.write(t, found.nuclei, visible)
            if self.nuclei.layer is not before:
                self._listen_to_nuclei(before, self.nuclei.layer)
                self._colour()
            return
        others = (made for i, made in self.recipes.items() if i != t)
        if not any(made.cells.grow for made in others):
            self._listen_to_nuclei(self.nuclei.layer, None)
            self.nuclei.withdraw()
        elif self.nuclei.is_there():
            empty = np.zeros(self.stack.shape[1:], np.uint16)
            self.nuclei.write(t, empty, visible)

    def _listen_to_nuclei(self, before: Layer | None, layer: Layer | None) -> None:
        if before is not None:
            before.events.paint.disconnect(self._on_nuclei_paint)
        if layer is not None:
            layer.events.paint.connect(self._on_nuclei_paint)

    def _colour(self, event: Any = None) -> None:
        """Give the nuclei the colours of their cells."""
        cells, nuclei = self.cells.layer, self.nuclei.layer
        if cells is not None and nuclei is not None:
            nuclei.colormap = cells.colormap

    def forget(self) -> None:
        """Begin again: the layer of the cells is gone, and with it what it showed."""
        self._listen(self.cells.layer, None)
        self._strokes = Strokes()
        self.cells.clear()
        # its layer goes with the next result: now another is just being removed
        self._listen_to_nuclei(self.nuclei.layer, None)
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
            self._strokes.clear(self.cells.layer)
            Strokes().clear(self.nuclei.layer)
        self.edited.discard(t)
        self._released.add(t)

    def recount(self, t: int) -> int:
        """Count the cells of a frame as they are now."""
        self.counts[t] = int(np.count_nonzero(np.unique(self.cells.frames[t])))
        return self.counts[t]

    def leave(self) -> None:
        """Take the preview away, and listen to the cells no more."""
        self.hide_contrast()
        self._listen(self.cells.layer, None)
        self._listen_to_nuclei(self.nuclei.layer, None)

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
            self.nuclei.take_up()
            self.recipes, self.counts = note["recipes"], note["counts"]
            self.edited = note["edited"]
            self.wanted = note.get("wanted")
            self._strokes = Strokes(note.get("strokes"))
            self._listen(None, self.cells.layer)
            self._listen_to_nuclei(None, self.nuclei.layer)

    def _listen(self, before: Layer | None, layer: Layer | None) -> None:
        """Hear what is painted on a layer, and no more what is on the one before."""
        if before is not None:
            before.events.paint.disconnect(self._on_paint)
            before.events.set_data.disconnect(self._on_drawn)
            before.events.colormap.disconnect(self._colour)
        if layer is not None:
            self._strokes.undone(layer)
            layer.events.paint.connect(self._on_paint)
            layer.events.set_data.connect(self._on_drawn)
            layer.events.colormap.connect(self._colour)

    def _on_paint(self) -> None:
        viewer, image, axes = self._at
        t = frame_on_screen(image, axes, viewer.dims.point)
        shown, labels = self._result
        assert self.cells.layer is not None
        self._strokes.began(t, labels if shown == t else None, self.cells.layer)
        self.edited.add(t)
        self.painted.emit(t)

    def _on_nuclei_paint(self) -> None:
        """Keep a frame whose nuclei were painted on; an undo does not give it back."""
        viewer, image, axes = self._at
        t = frame_on_screen(image, axes, viewer.dims.point)
        self.edited.add(t)
        self.painted.emit(t)

    def _on_drawn(self) -> None:
        """Look whether napari undid strokes: it tells of nothing but the drawing."""
        layer = self.cells.layer
        if layer is None or not self._strokes.undone(layer):
            return
        for t, edited in self._strokes.edited(lambda t: self.cells.frames[t]).items():
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
                    "strokes": self._strokes.sums,
                    "stack": self.stack,
                }


def _masks(recipe: Recipe) -> tuple[Parameters, ...]:
    """Return the parameters that decide the foreground of a frame."""
    post = recipe.postprocess
    own = Split(landscape=post.landscape) if post.landscape == "instances" else Split()
    mask = post.part(Foreground), own, recipe.cells
    return *maps_of(recipe), *mask
