"""One stack's pipeline: every stage asks the cache before it computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg.errors import RecipeError
from napari_cellseg.pipeline.cache import StageCache
from napari_cellseg.postprocess import Foreground, Hierarchy, build, foreground
from napari_cellseg.preprocess import normalize

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.network.maps import Maps
    from napari_cellseg.network.predict import Predictor
    from napari_cellseg.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Result of one frame.

    Attributes
    ----------
    mask : bool array of shape (Y, X)
        Foreground, after morphology.
    labels : uint16 or uint32 array of shape (Y, X)
        Cells, 0 is background.
    count : int
        Number of cells.
    split : Hierarchy
        What the labels were cut from.
    """

    mask: NDArray[np.bool_]
    labels: NDArray[np.unsignedinteger]
    count: int
    split: Hierarchy


class Pipeline:
    """Segments frames of one stack; repeated work is looked up.

    Parameters
    ----------
    stack : Stack
        The images.
    device : {"auto", "cpu", "cuda", "mps"}
        Where networks run.
    cache : StageCache, optional
        Where results of stages are kept.
    """

    def __init__(
        self,
        stack: Stack,
        device: DeviceName = "auto",
        cache: StageCache | None = None,
    ) -> None:
        self.stack = stack
        self.device = device
        self.cache = cache or StageCache()
        # apart, so that a slider's many results do not push out what is slow to make
        self.splits = StageCache(self.cache.limit // 4)
        self._predictors: dict[str, Predictor] = {}

    def predictor(self, recipe: Recipe) -> Predictor:
        """Load the recipe's model, once.

        Raises
        ------
        ModelError
            If the model cannot be loaded, or the device is not on this computer.
        """
        # torch takes seconds to import: who predicts nothing need not wait for it
        from napari_cellseg.network.bundle import load_bundle
        from napari_cellseg.network.device import choose_device
        from napari_cellseg.network.predict import Predictor

        name = recipe.network.model
        if name not in self._predictors:
            device = choose_device(self.device)
            self._predictors[name] = Predictor(load_bundle(name), device)
        return self._predictors[name]

    def contrast(self, t: int, recipe: Recipe) -> NDArray[np.float32]:
        """Frame t with the contrast that the network sees, float32 (Y, X)."""
        where = self.stack.where(t)
        return normalize(self.stack.frame(t), recipe.preprocess, where)

    def has_maps(self, t: int, recipe: Recipe) -> bool:
        """Whether frame t's maps are at hand, so that its labels are fast."""
        return self._maps_key(t, recipe) in self.cache

    def predict(self, t: int, recipe: Recipe) -> Iterator[Maps | None]:
        """Predict frame t, yielding None after every tile and the maps at the end."""
        key = self._maps_key(t, recipe)
        if key in self.cache:
            yield self.maps(t, recipe)
            return
        image = self.contrast(t, recipe)
        steps = self.predictor(recipe).steps(image, _diameter(recipe), recipe.network)
        for maps in steps:
            if maps is not None:
                self.cache.put(key, maps)
            yield maps

    def maps(self, t: int, recipe: Recipe) -> Maps:
        """Look frame t's maps up, or predict them."""
        return self.cache.get(
            self._maps_key(t, recipe),
            lambda: self.predictor(recipe)(
                self.contrast(t, recipe), _diameter(recipe), recipe.network
            ),
        )

    def segment(self, t: int, recipe: Recipe, maps: Maps | None = None) -> Segmentation:
        """Segment frame t.

        Parameters
        ----------
        t : int
            Index of the frame.
        recipe : Recipe
            Without automatic fields, see ``resolve``.
        maps : Maps, optional
            The frame's maps by this recipe, if the caller has them.

        Raises
        ------
        RecipeError
            If a field is automatic, or the model lacks a map that the recipe needs.
        """
        post = recipe.postprocess
        if post.h is None:
            raise RecipeError("postprocess.h is automatic: resolve the recipe first.")
        split = self._hierarchy(t, recipe, maps)
        labels = split.labels(post.h)
        return Segmentation(split.basins > 0, labels, split.number(post.h), split)

    def _hierarchy(self, t: int, recipe: Recipe, maps: Maps | None) -> Hierarchy:
        post = recipe.postprocess
        part = post.part(Foreground)
        key = ("hierarchy", self._maps_key(t, recipe), part, post.landscape)

        def compute() -> Hierarchy:
            own = maps or self.maps(t, recipe)
            mask = foreground(own["foreground"], part)
            if post.landscape == "distance transform":
                return build(mask)
            if "distance" not in own:
                raise RecipeError(
                    f"The model {recipe.network.model!r} predicts no distance map; set "
                    "postprocess.landscape to 'distance transform'."
                )
            return build(mask, own["distance"])

        return self.splits.get(key, compute)

    def _maps_key(self, t: int, recipe: Recipe) -> Hashable:
        return ("maps", t, recipe.preprocess, recipe.scale, recipe.network)


def _diameter(recipe: Recipe) -> float:
    if recipe.scale.diameter is None:
        raise RecipeError("scale.diameter is automatic: resolve the recipe first.")
    return recipe.scale.diameter
