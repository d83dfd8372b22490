"""What a Labels layer's cells are of: an image layer, and what Segment knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellseg.session.reviewing import Evidence
from napari_cellseg.widgets.layers.below import stack_below
from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.engines import engine_of

if TYPE_CHECKING:
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
    viewer, layer = corrected.viewer, corrected.layer
    note: dict[str, Any] = layer.metadata.get(OURS, {})
    if "stack" in note:
        recipes = dict(note.get("recipes", {}))
        return Evidence(note["stack"], engine_of(viewer, note), recipes)
    shape = corrected.corrections.frames.shape
    return Evidence(stack_below(viewer, layer, shape) if images else None)
