"""The layers that show results: written in place, made anew when they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.widgets._placed import place
from napari_cellseg.widgets._source import READ, frame_on_screen

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Layer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session import Answer

OURS = "napari-cellseg result"
"""Key of the metadata of layers that show results: images do not bear it."""


class Canvas:
    """One result of every frame, in a layer of its own.

    Parameters
    ----------
    viewer : Viewer
        Where it is shown.
    image : Image layer
        What it lies on: its axes, scale and place.
    axes : str
        Letters of the image's axes.
    kind : str
        What it shows, the end of the layer's name.
    frames : array of shape (T, Y, X)
        Zeros.
    style : Any
        Further settings of the layer.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: ImageLayer,
        axes: str,
        kind: str,
        frames: NDArray[Any],
        **style: Any,
    ) -> None:
        self.viewer = viewer
        self.image = image
        self.axes = axes
        self.kind = kind
        self.frames = frames
        self.style = style
        self.layer: Layer | None = None
        self._shape = tuple(image.data.shape[: image.ndim])
        self._shown: NDArray[Any] | None = None

    def write(self, t: int, frame: NDArray[Any], visible: bool) -> None:
        """Write frame t; refresh if it is on screen."""
        widen = frame.dtype.itemsize > self.frames.dtype.itemsize
        if widen:
            self.frames = self.frames.astype(frame.dtype)
        self.frames[t] = frame
        if not self._is_there():
            self._make()
        elif widen:
            assert self.layer is not None
            self.layer.data = self._view()
        elif visible:
            assert self.layer is not None
            self.layer.refresh(thumbnail=False, highlight=False, extent=False)

    def remove(self) -> None:
        """Take the layer away, if it is still there."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.viewer.layers.remove(self.layer)
        self.layer = None

    def _is_there(self) -> bool:
        if self.layer is None or self.layer not in self.viewer.layers:
            return False
        # whoever gave the layer other data made it their own
        return self.layer.data is self._shown

    def _view(self) -> NDArray[Any]:
        self._shown = place(self.frames, self.axes, self._shape)
        return self._shown

    def _make(self) -> None:
        chosen = self.viewer.layers.selection.active
        placed = {
            "name": f"{self.image.name} {self.kind}",
            "scale": self.image.scale,
            "translate": self.image.translate,
            "rotate": self.image.rotate,
            "shear": self.image.shear,
            "units": self.image.units,
            "axis_labels": self.image.axis_labels,
            "metadata": {OURS: {"kind": self.kind, "axes": self.axes}},
        }
        if READ in self.image.metadata:
            # the writer takes the numbers of the frames from here
            placed["metadata"][READ] = self.image.metadata[READ]
        add = (
            self.viewer.add_image if self.kind == "contrast" else self.viewer.add_labels
        )
        self.layer = add(self._view(), **placed, **self.style)
        # the user keeps working on what was selected
        self.viewer.layers.selection.active = chosen


class Results:
    """The layers of one stack: foreground, cells, and the preview of the contrast.

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
    """

    def __init__(
        self, viewer: Viewer, image: ImageLayer, axes: str, stack: Stack
    ) -> None:
        self.stack = stack
        at = (viewer, image, axes)
        # zeros take memory only where a frame is written
        mask = np.zeros(stack.shape, np.uint8)
        labels = np.zeros(stack.shape, np.uint16)
        self.foreground = Canvas(*at, "foreground", mask, visible=False, opacity=0.4)
        self.cells = Canvas(*at, "cells", labels, opacity=0.5)
        self.contrast: Canvas | None = None
        self._at = at
        self._recipes: dict[int, Recipe] = {}
        self.edited: set[int] = set()
        """Frames whose cells were painted on by hand."""

    def show(self, answer: Answer, on_screen: int) -> None:
        """Write an answer into the layers; only the frame on screen is drawn."""
        t = answer.request.frame
        if (found := answer.segmentation) is not None:
            mask = found.mask.view(np.uint8)
            self.foreground.write(t, mask, t == on_screen)
            before = self.cells.layer
            self.cells.write(t, found.labels, t == on_screen)
            if self.cells.layer is not before and self.cells.layer is not None:
                self.cells.layer.events.paint.connect(self._on_paint)
            self._note(t, answer.recipe)
        if answer.contrast is not None:
            self._show_contrast(t, answer.contrast)

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

    def _on_paint(self) -> None:
        viewer, image, axes = self._at
        self.edited.add(frame_on_screen(image, axes, viewer.dims.point))

    def _note(self, t: int, recipe: Recipe) -> None:
        """Keep with the layers what made each frame, for export."""
        self._recipes[t] = recipe
        for canvas in (self.foreground, self.cells):
            if canvas.layer is not None:
                note = canvas.layer.metadata.setdefault(OURS, {})
                note |= {"recipes": self._recipes, "stack": self.stack}
