"""From a network's maps to labels: mask, split hierarchy, cut."""

from __future__ import annotations

from napari_cellseg.postprocess.cells import segment
from napari_cellseg.postprocess.foreground import foreground
from napari_cellseg.postprocess.hierarchy import Hierarchy, build, warm_up
from napari_cellseg.postprocess.parameters import Foreground, Postprocess, Split

__all__ = [
    "Foreground",
    "Hierarchy",
    "Postprocess",
    "Split",
    "build",
    "foreground",
    "segment",
    "warm_up",
]
