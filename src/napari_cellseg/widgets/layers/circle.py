"""A circle of the expected diameter, to hold against the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Points
    from napari.viewer import Viewer

NAME = "Expected diameter"


class Circle:
    """The circle's layer; it lies where the user looks, and can be moved.

    It is one large point: a Shapes layer would compile its triangulation for seconds
    when the first one is drawn.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.layer: Points | None = None

    def show(self, image: ImageLayer, diameter: float) -> None:
        """Draw the circle for a diameter (px of the image)."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.layer.size = diameter
            return
        scale = image.scale[-2:]
        # the camera moved into the scene with napari 0.9
        camera = getattr(self.viewer, "scene", self.viewer).camera
        chosen = self.viewer.layers.selection.active
        self.layer = self.viewer.add_points(
            [np.asarray(camera.center)[-2:] / scale],
            name=NAME,
            size=diameter,
            scale=scale,
            units=image.units[-2:],
            border_color="yellow",
            border_width=0.06,
            face_color="transparent",
        )
        self.viewer.layers.selection.active = chosen

    def hide(self) -> None:
        """Take the circle away."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.viewer.layers.remove(self.layer)
        self.layer = None
