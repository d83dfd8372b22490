"""The expected cell diameter, from the stack itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellseg.pipeline.stages import Pipeline
    from napari_cellseg.recipe import Recipe


@dataclass(frozen=True)
class Estimate:
    """A diameter and what it rests on.

    Attributes
    ----------
    diameter : float
        Expected cell diameter (px).
    cells : int
        Number of cells measured; 0 if none was found, and the diameter is the model's.
    """

    diameter: float
    cells: int


def estimate_diameter(pipeline: Pipeline, recipe: Recipe) -> Estimate:
    """Estimate the median cell diameter from a few frames of a stack."""
    raise NotImplementedError
