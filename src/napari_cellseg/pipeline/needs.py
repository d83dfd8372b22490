"""Whether a model predicts what a recipe asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.errors import RecipeError

if TYPE_CHECKING:
    from napari_cellseg.network.bundle import Bundle
    from napari_cellseg.recipe import Recipe


def check_model(recipe: Recipe, bundle: Bundle) -> None:
    """Refuse a model of another kind before anything is predicted.

    Raises
    ------
    RecipeError
        If it lacks a map that the recipe thresholds or grows cells in; the text names
        the map and those that there are.
    """
    there = bundle.architecture.maps
    wanted: dict[str, str] = {"postprocess.map": recipe.postprocess.map}
    if recipe.cells.grow:
        wanted["cells.grow"] = "cytoplasm"
    for field, name in wanted.items():
        if name not in there:
            raise RecipeError(
                f"The recipe {recipe.name!r} needs the map {name!r} ({field}), but the "
                f"model {recipe.network.model!r} predicts {', '.join(there)}: take a "
                "model that was trained by this recipe, or another recipe."
            )
