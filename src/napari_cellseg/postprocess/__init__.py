"""From a network's maps to labels: mask, split hierarchy, cut."""

from __future__ import annotations

from napari_cellseg.postprocess.cells import divide, segment
from napari_cellseg.postprocess.foreground import foreground
from napari_cellseg.postprocess.grow import Ground, ground, grow
from napari_cellseg.postprocess.hierarchy import Hierarchy, Saddle
from napari_cellseg.postprocess.instances import from_labels
from napari_cellseg.postprocess.parameters import (
    Cells,
    Foreground,
    Postprocess,
    Split,
)
from napari_cellseg.postprocess.watershed import build, warm_up

__all__ = [
    "Cells",
    "Foreground",
    "Ground",
    "Hierarchy",
    "Postprocess",
    "Saddle",
    "Split",
    "build",
    "divide",
    "foreground",
    "from_labels",
    "ground",
    "grow",
    "segment",
    "warm_up",
]
