"""Where the cells of an image were predicted, for all docks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from napari_cellseg.network.device import DeviceName
from napari_cellseg.session.engines import Engines, Place

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_cellseg.session import Engine

ENGINES = Engines()
"""What was predicted of an image is kept while the image is."""


def engine_of(viewer: Viewer, note: dict[str, Any]) -> Engine | None:
    """Return the engine that found what a layer shows; None if it is not kept.

    Parameters
    ----------
    viewer : Viewer
        Where its image is shown.
    note : dict
        Metadata of the layer, see `Canvas`.
    """
    for layer in viewer.layers:
        if str(layer.unique_id) == note.get("image"):
            place = Place(layer, layer.data, note.get("choice"))
            found = (ENGINES.find(place, name) for name in get_args(DeviceName))
            return next((engine for engine in found if engine is not None), None)
    return None
