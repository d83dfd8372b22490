"""Which images masks are of: the nearest of their size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellseg.errors import CellsegError
from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.source import Choice, guess_axes, stack_of

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_cellseg.io.images import Stack


def stack_below(
    viewer: Viewer, layer: LabelsLayer, shape: tuple[int, ...]
) -> Stack | None:
    """Return the frames of the nearest image of the masks' size; None without one.

    Images below the masks are looked at first, from the top; then those above them.

    Parameters
    ----------
    viewer, layer : Viewer, Labels layer
        Where the masks are shown; a layer that was removed counts as on top.
    shape : tuple of int
        (T, Y, X) of the masks.
    """
    layers = list(viewer.layers)
    at = layers.index(layer) if layer in layers else len(layers)
    for other in (*reversed(layers[:at]), *layers[at + 1 :]):
        if _is_image(other) and _frames_of(other) == shape:
            try:
                return stack_of(other, Choice(guess_axes(other)))
            except CellsegError:
                continue
    return None


def _is_image(layer: Layer) -> bool:
    kinds = {kind.__name__ for kind in type(layer).__mro__}
    return "Image" in kinds and OURS not in layer.metadata


def _frames_of(layer: Any) -> tuple[int, ...]:
    """(T, Y, X) of an image layer."""
    data = layer.data[0] if layer.multiscale else layer.data
    size = dict(zip(guess_axes(layer), data.shape, strict=False))
    return tuple(int(size.get(letter, 1)) for letter in "TYX")
