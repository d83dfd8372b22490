"""What a recipe's network makes possible: only that is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe


def possible(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """Values of fields of the postprocessing that a recipe's network serves.

    Examples
    --------
    >>> from napari_cellseg.recipe import Recipe
    >>> possible(Recipe(name="a"))["landscape"]
    ('distance map', 'distance transform')
    """
    architecture = recipe.training.architecture
    landscapes = ["distance transform"]
    if "distance" in architecture.maps:
        landscapes.insert(0, "distance map")
    if architecture.has_instances:
        landscapes.append("instances")
    return {"map": tuple(architecture.maps), "landscape": tuple(landscapes)}


def grows_cells(recipe: Recipe) -> bool:
    """Whether whole cells are grown from nuclei, or could be."""
    return recipe.cells.grow or "cytoplasm" in recipe.training.architecture.maps


def splits_by_h(recipe: Recipe) -> bool:
    """Whether h decides which cells are split."""
    post = recipe.postprocess
    return post.markers == "depth" and post.landscape != "instances"


def needs_diameter(recipe: Recipe) -> bool:
    """Whether the expected diameter decides anything, in the scale or by itself."""
    post = recipe.postprocess
    automatic = post.smallest_area is None or (post.h is None and splits_by_h(recipe))
    return recipe.scale.to == "cell diameter" or automatic
