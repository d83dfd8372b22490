"""Outlines of the cells that changed, above the cells of the frame on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.colormaps import Colormap

from napari_cellseg.widgets.layers.canvas import Canvas

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

COLOURS = [[1, 1, 0, 0], [1, 1, 0, 1]]
"""Nothing, and yellow."""


class ChangesLayer:
    """One layer for one frame at a time: hidden while nothing is to be outlined.

    Parameters
    ----------
    viewer, image, axes
        As of a `Canvas`.
    shape : tuple of int
        The stack's, (T, Y, X).
    """

    def __init__(
        self, viewer: Viewer, image: ImageLayer, axes: str, shape: tuple[int, ...]
    ) -> None:
        style: dict[str, Any] = {
            "colormap": Colormap(COLOURS, name="changes"),
            "contrast_limits": (0, 1),
            "blending": "translucent",
        }
        # zeros take memory only where a frame is written
        frames = np.zeros(shape, np.uint8)
        self._canvas = Canvas(viewer, image, axes, "changes", frames, **style)
        self._written: int | None = None

    def show(self, t: int, outlines: NDArray[np.bool_]) -> None:
        """Outline cells of frame t, the one on screen."""
        self.hide()
        if outlines.any():
            self._canvas.write(t, outlines.view(np.uint8), True)
            self._written = t
            self._set_visible(True)

    def hide(self) -> None:
        """Outline nothing."""
        if self._written is not None:
            self._canvas.frames[self._written] = 0
            self._written = None
            self._set_visible(False)

    def lift(self) -> None:
        """Lie above all other layers, if the layer is there."""
        layer, layers = self._canvas.layer, self._canvas.viewer.layers
        if layer is not None and layer in layers:
            layers.move(layers.index(layer), len(layers))

    def remove(self) -> None:
        """Take the layer away, if it is still there."""
        self._canvas.remove()

    def _set_visible(self, on: bool) -> None:
        if self._canvas.layer is not None:
            self._canvas.layer.visible = on
