"""What a Labels layer's cells are of: an image layer, and what Segment knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from napari_cellseg.errors import ImageError
from napari_cellseg.network.device import DeviceName
from napari_cellseg.session.engines import Place
from napari_cellseg.session.reviewing import Evidence
from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.source import Choice, guess_axes, stack_of

if TYPE_CHECKING:
    from napari_cellseg.io.images import Stack
    from napari_cellseg.session import Engine
    from napari_cellseg.widgets.layers.corrected import Corrected


def evidence_of(corrected: Corrected, images: bool = True) -> Evidence:
    """Gather what is at hand beside the labels; nothing is read or computed.

    Parameters
    ----------
    corrected : Corrected
        The labels.
    images : bool
        Whether the images of labels that came from elsewhere are looked for.
    """
    note: dict[str, Any] = corrected.layer.metadata.get(OURS, {})
    if "stack" in note:
        engine = _engine(corrected, note)
        return Evidence(note["stack"], engine, dict(note.get("recipes", {})))
    return Evidence(_images_below(corrected) if images else None)


def _engine(corrected: Corrected, note: dict[str, Any]) -> Engine | None:
    """Find where the Segment dock made the cells of a layer."""
    from napari_cellseg.widgets.segment import dock

    for layer in corrected.viewer.layers:
        if str(layer.unique_id) == note.get("image"):
            place = Place(layer, layer.data, note.get("choice"))
            found = (dock.ENGINES.find(place, name) for name in get_args(DeviceName))
            return next((engine for engine in found if engine is not None), None)
    return None


def _images_below(corrected: Corrected) -> Stack | None:
    """Find the images of labels that came from elsewhere: of their size, below them."""
    layers = list(corrected.viewer.layers)
    if corrected.layer in layers:
        layers = layers[: layers.index(corrected.layer)]
    for layer in reversed(layers):
        if type(layer).__name__ != "Image" or OURS in layer.metadata:
            continue
        try:
            stack = stack_of(layer, Choice(guess_axes(layer)))
        except ImageError:
            continue
        if stack.shape == corrected.corrections.frames.shape:
            return stack
    return None
