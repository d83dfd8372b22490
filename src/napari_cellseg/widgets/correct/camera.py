"""Where the viewer looks: a cell is brought into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Labels
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.layers.corrected import Corrected

WELL = (0.08, 0.5)
"""A cell is well visible if it takes so much of the window's shorter side."""
SHARE = 0.2
"""What it takes of it else, from then on."""


def on_screen(corrected: Corrected, pixel: tuple[float, float]) -> bool:
    """Whether a pixel (y, x) of the layer's frame lies within the window."""
    camera, size = _camera(corrected.viewer), _size(corrected.viewer)
    away = np.abs(_world(corrected, pixel) - np.asarray(camera.center)[-2:])
    return bool((away * camera.zoom <= size / 2).all())


def centre(corrected: Corrected, pixel: tuple[float, float]) -> None:
    """Look at a pixel (y, x) of the layer's frame, as near as before."""
    camera = _camera(corrected.viewer)
    y, x = _world(corrected, pixel)
    camera.center = (*tuple(camera.center)[:-2], float(y), float(x))


def look_at(corrected: Corrected, pixel: tuple[float, float], extent: float) -> None:
    """Look at a cell, from nearer or further if it is not well visible.

    Parameters
    ----------
    corrected : Corrected
        Its layer.
    pixel : (float, float)
        Its middle (y, x).
    extent : float
        Its longer side (px).
    """
    camera, size = _camera(corrected.viewer), _size(corrected.viewer)
    y, x = pixel
    ends = _world(corrected, (y, x + extent)) - _world(corrected, pixel)
    length = float(np.hypot(*ends))
    share = length * camera.zoom / float(size.min())
    if length > 0 and not WELL[0] <= share <= WELL[1]:
        camera.zoom = SHARE * float(size.min()) / length
    centre(corrected, pixel)


def _world(corrected: Corrected, pixel: tuple[float, float]) -> NDArray[np.float64]:
    """Where a pixel (y, x) is, along the two axes on screen."""
    layer, axes = corrected.layer, corrected.axes
    at = [0.0] * layer.ndim
    at[axes.index("Y")], at[axes.index("X")] = pixel
    if "T" in axes:
        at[axes.index("T")] = float(corrected.t)
    world = np.asarray(layer.data_to_world(at), float)
    return world[_displayed(corrected.viewer, layer)]


def _displayed(viewer: Viewer, layer: Labels) -> list[int]:
    """Give the layer's axes on screen: it lacks the viewer's first ones."""
    lacks = viewer.dims.ndim - layer.ndim
    return [axis - lacks for axis in viewer.dims.displayed[-2:]]


def _camera(viewer: Viewer) -> Any:
    # it moved into the scene with napari 0.9
    return getattr(viewer, "scene", viewer).camera


def _size(viewer: Viewer) -> NDArray[np.float64]:
    """Height and width of the canvas (px of the screen)."""
    # it moved into the canvas with napari 0.9
    canvas = getattr(viewer, "canvas", None)
    size = canvas.size if canvas is not None else viewer._canvas_size
    return np.asarray(size, float)
