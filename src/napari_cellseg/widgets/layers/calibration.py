"""The size of a pixel and the time from frame to frame, as a layer has them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.widgets.layers.source import READ

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Layer
    from napari.viewer import Viewer

TIMES = {"s": 1.0, "min": 60.0, "h": 3600.0}
"""Seconds of the units that are offered."""
_LEAST, _MOST = 1e-6, 1e6


def read_number(text: str) -> float | None:
    """Read a positive number; an empty text is None. A comma is a point.

    Raises
    ------
    ValueError
        If it is no number from 1e-6 to 1e6.

    Examples
    --------
    >>> read_number("0,4"), read_number(" ")
    (0.4, None)
    """
    if not (text := text.strip().replace(",", ".")):
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not _LEAST <= value <= _MOST:
        raise ValueError(f"{text!r} is no number from {_LEAST:g} to {_MOST:g}")
    return value


def split_time(seconds: float | None) -> tuple[float | None, str]:
    """Time in the largest unit of which it is at least one.

    Examples
    --------
    >>> split_time(300.0), split_time(0.5), split_time(None)
    ((5.0, 'min'), (0.5, 's'), (None, 'min'))
    """
    if seconds is None:
        return None, "min"
    unit = next((u for u in reversed(TIMES) if TIMES[u] <= seconds), "s")
    return seconds / TIMES[unit], unit


def set_pixel_size(
    viewer: Viewer, image: ImageLayer, axes: str, size: float | None
) -> None:
    """Give an image another size of its pixels, and all layers that lie on it.

    Those are its results and whatever else had its place: they would come apart. What
    is on screen stays there.

    Parameters
    ----------
    viewer : Viewer
        Whose layers.
    image : Image layer
        The image.
    axes : str
        Letters of its axes.
    size : float or None
        Size of a pixel along X (µm); along Y as much larger as it is. None: not known.
    """
    at = [axes.index(letter) - len(axes) for letter in "YX"]
    former = float(image.scale[at[1]])
    factor = (size or 1.0) / former
    unit = "micrometer" if size else "pixel"
    for layer in _lying_on(viewer, image, at):
        scale, units = list(layer.scale), [str(u) for u in layer.units]
        for i in at:
            # without a size pixels are squares of 1
            scale[i] = scale[i] * factor if size else 1.0
            units[i] = unit
        layer.scale, layer.units = scale, units
    _keep_in_view(viewer, factor)


def set_time_step(
    viewer: Viewer, image: ImageLayer, axes: str, seconds: float | None
) -> None:
    """Give an image and what lies on it another time step; None: not known.

    Along T the layers stay in frames, so that they align with others.
    """
    at = [axes.index(letter) - len(axes) for letter in "YX"]
    for layer in _lying_on(viewer, image, at):
        # where the writer looks for it
        layer.metadata[READ] = layer.metadata.get(READ, {}) | {"time_step": seconds}


def _lying_on(viewer: Viewer, image: Layer, at: list[int]) -> list[Layer]:
    """All layers with the place of an image, pictures only of its size; it as well."""

    def place(layer: Layer) -> tuple[Any, ...]:
        numbers = [float(v[i]) for v in (layer.scale, layer.translate) for i in at]
        return (*numbers, *(str(layer.units[i]) for i in at), _size(layer, at))

    own = place(image)
    fitting = (own, (*own[:-1], ()))
    deep = (layer for layer in viewer.layers if layer.ndim >= -min(at))
    return [layer for layer in deep if place(layer) in fitting]


def _size(layer: Layer, at: list[int]) -> tuple[int, ...]:
    """Height and width of a picture; empty for points, tracks and shapes."""
    kinds = {kind.__name__ for kind in type(layer).__mro__}
    if not kinds & {"Image", "Labels"}:
        return ()
    return tuple(layer.data.shape[: layer.ndim][i] for i in at)


def _keep_in_view(viewer: Viewer, factor: float) -> None:
    # the camera moved into the scene with napari 0.9
    camera = getattr(viewer, "scene", viewer).camera
    y, x = np.asarray(camera.center)[-2:] * factor
    camera.center = (*tuple(camera.center)[:-2], float(y), float(x))
    camera.zoom = camera.zoom / factor
