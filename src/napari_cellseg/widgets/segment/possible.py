"""What a recipe's network makes possible: only that is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from napari_cellseg.errors import ModelError
from napari_cellseg.network.files import stated_reference
from napari_cellseg.preprocess import Preprocess

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe


def possible(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """Values of some fields that a recipe's network serves.

    Examples
    --------
    >>> from napari_cellseg.recipe import Recipe
    >>> possible(Recipe(name="a"))["landscape"]
    ('distance map', 'distance transform')
    """
    methods = tuple(get_args(Preprocess.model_fields["method"].annotation))
    if not _has_reference(recipe):
        methods = tuple(method for method in methods if method != "match")
    architecture = recipe.training.architecture
    landscapes = ["distance transform"]
    if "distance" in architecture.maps:
        landscapes.insert(0, "distance map")
    if architecture.has_instances:
        landscapes.append("instances")
    return {
        "map": tuple(architecture.maps),
        "landscape": tuple(landscapes),
        "method": methods,
    }


def grows_cells(recipe: Recipe) -> bool:
    """Whether whole cells are grown from nuclei, or could be."""
    return recipe.cells.grow or "cytoplasm" in recipe.training.architecture.maps


def _has_reference(recipe: Recipe) -> bool:
    """Whether the model knows the histogram that others are matched to."""
    try:
        return stated_reference(recipe.network.model) is not None
    except (ModelError, OSError):
        return False
