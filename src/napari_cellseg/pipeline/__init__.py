"""The stages in order: from a stack and a recipe to labels."""

from __future__ import annotations

from napari_cellseg.pipeline.cache import StageCache
from napari_cellseg.pipeline.diameter import Estimate, estimate_diameter, estimate_steps
from napari_cellseg.pipeline.fast import Segmentation
from napari_cellseg.pipeline.stages import Pipeline
from napari_cellseg.pipeline.whole import resolve, resolve_steps, segment, segment_stack

__all__ = [
    "Estimate",
    "Pipeline",
    "Segmentation",
    "StageCache",
    "estimate_diameter",
    "estimate_steps",
    "resolve",
    "resolve_steps",
    "segment",
    "segment_stack",
]
