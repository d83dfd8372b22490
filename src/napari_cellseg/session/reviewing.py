"""What is at hand of a frame beside its labels: images, what the network said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.pipeline import Segmentation
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session.engine import Engine


@dataclass(frozen=True, eq=False)
class Evidence:
    """Images of labels, and what made them; nothing is predicted for it.

    Any thread may ask.

    Attributes
    ----------
    images : Stack or None
        What the labels are of, frame by frame.
    engine : Engine or None
        Where they were made.
    recipes : mapping of int to Recipe
        By frame, what made it, with numbers where fields may be automatic.
    """

    images: Stack | None = None
    engine: Engine | None = None
    recipes: Mapping[int, Recipe] = field(default_factory=dict)

    def image(self, t: int) -> NDArray[Any] | None:
        """Frame t of the images (Y, X); None if there are none."""
        return None if self.images is None else self.images.frame(t)

    def threshold(self, t: int) -> float | None:
        """Return what frame t's probability was cut at; None if not known."""
        recipe = self.recipes.get(t)
        return None if recipe is None else recipe.postprocess.threshold

    def h(self, t: int) -> float | None:
        """Return what frame t's cells were split at; None if not known."""
        recipe = self.recipes.get(t)
        return None if recipe is None else recipe.postprocess.h

    def probability(self, t: int) -> NDArray[np.float32] | None:
        """Return the network's map of frame t (Y, X); None if it is not at hand."""
        recipe = self.recipes.get(t)
        if self.engine is None or recipe is None:
            return None
        if not self.engine.has_maps(t, recipe):
            return None
        maps = next(self.engine.pipeline.predict(t, recipe))
        return None if maps is None else maps.get(recipe.postprocess.map)

    def found(self, t: int) -> Segmentation | None:
        """Return frame t as it was made, and its hierarchy; None if not at hand."""
        recipe = self.recipes.get(t)
        if self.engine is None or recipe is None:
            return None
        if not self.engine.has_maps(t, recipe):
            return None
        return self.engine.pipeline.follow(t, recipe, beside=True)
