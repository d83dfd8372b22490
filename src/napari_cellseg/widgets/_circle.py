"""A circle of the expected diameter, to hold against the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Shapes
    from napari.viewer import Viewer
    from numpy.typing import NDArray

NAME = "Expected diameter"


class Circle:
    """The circle's layer; it lies where the user looks, and can be moved."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.layer: Shapes | None = None

    def show(self, image: ImageLayer, diameter: float) -> None:
        """Draw the circle for a diameter (px of the image)."""
        if self.layer is not None and self.layer in self.viewer.layers:
            centre = np.mean(self.layer.data[0], axis=0)
            self.layer.data = [_corners(centre, diameter)]
            return
        scale = image.scale[-2:]
        centre = (
            np.asarray(getattr(self.viewer, "scene", self.viewer).camera.center)[-2:]
            / scale
        )
        chosen = self.viewer.layers.selection.active
        self.layer = self.viewer.add_shapes(
            [_corners(centre, diameter)],
            shape_type="ellipse",
            name=NAME,
            scale=scale,
            units=image.units[-2:],
            edge_color="yellow",
            edge_width=max(0.5, diameter / 20),
            face_color="transparent",
        )
        self.viewer.layers.selection.active = chosen

    def hide(self) -> None:
        """Take the circle away."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.viewer.layers.remove(self.layer)
        self.layer = None


def _corners(centre: NDArray[np.float64], diameter: float) -> NDArray[np.float64]:
    square = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
    return np.asarray(centre + square * diameter / 2)
