"""One stack's pipeline: every stage asks the cache before it computes."""

from __future__ import annotations

from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellseg.errors import ModelError
from napari_cellseg.network.files import needed_reference, stated_checksum
from napari_cellseg.pipeline.cache import DEFAULT_LIMIT, StageCache
from napari_cellseg.pipeline.fast import (
    cut,
    ground_key,
    ground_of,
    hierarchy,
    split_key,
)
from napari_cellseg.pipeline.needs import check_model
from napari_cellseg.preprocess import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.network.maps import Maps
    from napari_cellseg.network.predict import Predictor
    from napari_cellseg.pipeline.fast import Segmentation, SplitKey
    from napari_cellseg.postprocess import Ground, Hierarchy
    from napari_cellseg.recipe import Recipe

LEAST = 8
"""Hierarchies may always hold this fraction of the memory, 1 / LEAST."""


class Pipeline:
    """Segments frames of one stack; repeated work is looked up.

    Any number of threads may call it.

    Parameters
    ----------
    stack : Stack
        The images.
    device : {"auto", "cpu", "cuda", "mps"}
        Where networks run.
    memory : int
        Bytes for results that are kept; 0 keeps nothing.

    Attributes
    ----------
    cache, splits : StageCache
        Maps of frames, and hierarchies and grounds made of them.
    """

    def __init__(
        self,
        stack: Stack,
        device: DeviceName = "auto",
        memory: int = DEFAULT_LIMIT,
    ) -> None:
        self.stack = stack
        self.device = device
        self.memory = memory
        # apart, so that a slider's many results do not push out what is slow to make
        self.cache, self.splits = StageCache(), StageCache()
        self._sharing = Lock()
        self.grant(memory)
        self._sources: dict[tuple[Hashable, ...], int] = {}
        self._numbers = count()
        self._predictors: dict[str, Predictor] = {}
        self._checksums: dict[str, str] = {}

    @property
    def held(self) -> int:
        """Bytes held."""
        return self.cache.held + self.splits.held

    def grant(self, memory: int) -> None:
        """Share ``memory`` bytes among the results from now on."""
        with self._sharing:
            self.memory = memory
            self.cache.resize(memory - memory // LEAST)
        self._share()

    def _share(self) -> None:
        """Give the hierarchies, which are quick to make, what the maps leave."""
        # one thread after the other, so that the last one goes by all maps held
        with self._sharing:
            left = self.memory - self.cache.held
            self.splits.resize(max(left, self.memory // LEAST))

    def predictor(self, recipe: Recipe) -> Predictor:
        """Load the recipe's model, once, and again when its file holds another one.

        Raises
        ------
        ModelError
            If the model cannot be loaded, or the device is not on this computer.
        RecipeError
            If the model lacks a map that the recipe needs.
        """
        # torch takes seconds to import: who predicts nothing need not wait for it
        from napari_cellseg.network.bundle import load_bundle
        from napari_cellseg.network.device import choose_device
        from napari_cellseg.network.predict import Predictor

        name = recipe.network.model
        held = self._predictors.get(name)
        if held is None or held.bundle.checksum != self._checksum(name):
            held = Predictor(load_bundle(name), choose_device(self.device))
            self._predictors[name] = held
        check_model(recipe, held.bundle.architecture)
        return held

    def contrast(self, t: int, recipe: Recipe) -> NDArray[np.float32]:
        """Frame t with the contrast that the network sees, float32 (Y, X)."""
        reference = needed_reference(recipe.preprocess, recipe.network.model)
        where = self.stack.where(t)
        return normalize(self.stack.frame(t), recipe.preprocess, where, reference)

    def has_maps(self, t: int, recipe: Recipe) -> bool:
        """Whether frame t's maps are at hand, so that its labels are fast."""
        return (t, self._source(recipe)) in self.cache

    def with_maps(self, recipe: Recipe) -> set[int]:
        """Frames whose maps are at hand."""
        source = self._source(recipe)
        return {t for t in range(len(self.stack)) if (t, source) in self.cache}

    def predict(self, t: int, recipe: Recipe) -> Iterator[Maps | None]:
        """Predict frame t, yielding None after every tile and the maps at the end."""
        key = t, self._source(recipe)
        found: Maps | None = self.cache.find(key)
        if found is not None:
            yield found
            return
        predictor = self.predictor(recipe)
        image = self.contrast(t, recipe)
        steps = predictor.steps(image, recipe.scale, recipe.network)
        for maps in steps:
            if maps is not None:
                self.cache.put(key, maps)
                self._share()
            yield maps

    def maps(self, t: int, recipe: Recipe) -> Maps:
        """Look frame t's maps up, or predict them."""
        return self._maps(t, recipe, self._source(recipe))

    def _maps(self, t: int, recipe: Recipe, source: int) -> Maps:
        found = self.cache.get(
            (t, source),
            lambda: self.predictor(recipe)(
                self.contrast(t, recipe), recipe.scale, recipe.network
            ),
        )
        self._share()
        return found

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
            If a field is automatic or in µm, or the model lacks a map that the recipe
            needs.
        """
        source = self._source(recipe)
        split = self._hierarchy(split_key(t, recipe, source), recipe, maps)
        return cut(recipe, split, self._ground(t, recipe, source, maps))

    def follow(
        self, t: int, recipe: Recipe, beside: bool = False
    ) -> Segmentation | None:
        """Segment frame t from what is at hand, without the network.

        Parameters
        ----------
        t, recipe
            As in `segment`.
        beside : bool
            One of many frames: what is kept of it pushes out no other frame's hierarchy
            by the same parameters, so that a pass over more frames than fit does not
            undo its own work.

        Returns
        -------
        Segmentation or None
            None if the frame's maps are not at hand.

        Raises
        ------
        RecipeError
            As `segment`.
        """
        source = self._source(recipe)
        key = split_key(t, recipe, source)
        split: Hierarchy | None = self.splits.find(key)
        rooted = not recipe.cells.grow or ground_key(t, recipe, source) in self.splits
        maps: Maps | None = None
        if split is None or not rooted:
            maps = self.cache.find(key[:2])
            if maps is None:
                return None
        if split is None:
            split = self._hierarchy(key, recipe, maps, beside)
        return cut(recipe, split, self._ground(t, recipe, source, maps, beside))

    def _hierarchy(
        self, key: SplitKey, recipe: Recipe, maps: Maps | None, beside: bool = False
    ) -> Hierarchy:
        t, source, *_ = key

        def compute() -> Hierarchy:
            return hierarchy(maps or self._maps(t, recipe, source), recipe)

        return self.splits.get(key, compute, _alike(key) if beside else None)

    def _ground(
        self,
        t: int,
        recipe: Recipe,
        source: int,
        maps: Maps | None,
        beside: bool = False,
    ) -> Ground | None:
        """Look up what frame t's cells grow in, or make it; None if they do not."""
        if not recipe.cells.grow:
            return None
        key = ground_key(t, recipe, source)

        def compute() -> Ground:
            own = maps or self._maps(t, recipe, source)
            return ground_of(self.contrast(t, recipe), own, recipe)

        return self.splits.get(key, compute, _alike(key) if beside else None)

    def _source(self, recipe: Recipe) -> int:
        """Give what decides the maps a number: many keys are made of it."""
        checksum = self._checksum(recipe.network.model)
        parts = recipe.preprocess, recipe.scale.decisive, recipe.network, checksum
        number = self._sources.get(parts)
        if number is None:
            number = self._sources.setdefault(parts, next(self._numbers))
        return number

    def _checksum(self, model: str) -> str:
        """Which model a name stands for: a file may be written anew at any time."""
        try:
            self._checksums[model] = stated_checksum(model)
        except (ModelError, OSError):
            # what is held of a model goes on after its file; loading it raises
            return self._checksums.get(model, "")
        return self._checksums[model]


def _alike(key: tuple[Hashable, ...]) -> Callable[[Hashable], bool]:
    """Tell the keys of other frames by the same parameters."""
    return lambda other: isinstance(other, tuple) and other[1:] == key[1:]
