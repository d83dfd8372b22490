"""Whether a model fits a recipe: what it predicts, and what it was trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellseg.errors import ModelError, RecipeError
from napari_cellseg.network.files import stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellseg.network.maps import Maps
    from napari_cellseg.network.parameters import Architecture
    from napari_cellseg.recipe import Recipe

_OF_METHOD = {"percentile": ("low", "high"), "clahe": ("grid", "clip")}
_OF_SCALE = {"pixel size": "pixel_size", "image size": "side", "factor": "factor"}


def check_model(recipe: Recipe, architecture: Architecture) -> None:
    """Refuse a model that cannot serve a recipe, before anything is predicted.

    Raises
    ------
    RecipeError
        If it lacks a map or the instances that the recipe needs; the text names them
        and what there is.
    """
    _refuse(recipe.lacks(architecture.maps, architecture.has_instances))


def check_maps(recipe: Recipe, maps: Maps) -> None:
    """Refuse maps that a recipe cannot be applied to; as `check_model`."""
    _refuse(recipe.lacks(maps.names, maps.instances is not None))


def _refuse(words: str) -> None:
    if words:
        raise RecipeError(words)


def unfit(recipe: Recipe) -> str:
    """Words for what a recipe's model lacks; empty if nothing, or it is not here."""
    try:
        architecture = stated(recipe.network.model).architecture
    except (ModelError, OSError):
        return ""
    if architecture is None:
        return ""
    return recipe.lacks(architecture.maps, architecture.has_instances)


def trained_otherwise(recipe: Recipe) -> str:
    """Words for what a recipe's model was trained with that the recipe has otherwise.

    Compared are the contrast, the scale and the kind of the network, as far as the
    model's file says them and they have an effect. A factor is not compared with a
    pixel size, nor a diameter with another: they are of the image.

    Returns
    -------
    str
        A sentence that names the fields; empty if there are none, or the model is not
        here.
    """
    try:
        found = stated(recipe.network.model)
    except (ModelError, OSError):
        return ""
    differing = [
        f"{name} = {before} (the recipe has {now})"
        for name, before, now in _pairs(recipe, found.card, found.architecture)
        if before != now
    ]
    if not differing:
        return ""
    return (
        f"The model {recipe.network.model!r} was trained with {', '.join(differing)}: "
        "its results may be worse."
    )


def _pairs(
    recipe: Recipe, card: Mapping[str, Any], architecture: Architecture | None
) -> Iterator[tuple[str, Any, Any]]:
    """Give fields that matter: name, as it was trained, as the recipe has it."""
    trained = card.get("preprocess", {})
    fields = ["background", "method", "median", "standardize"]
    if trained.get("method") == recipe.preprocess.method:
        fields += _OF_METHOD.get(recipe.preprocess.method, ())
    for name in fields:
        if name in trained:
            yield f"preprocess.{name}", trained[name], getattr(recipe.preprocess, name)
    yield from _scales(recipe, card.get("scale", {}))
    if architecture is not None:
        kind = recipe.training.architecture.kind
        yield "training.architecture.kind", architecture.kind, kind


def _scales(
    recipe: Recipe, trained: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    before, now = trained.get("to"), recipe.scale.to
    # a resolved recipe has a factor in place of a pixel size
    if before is None or {before, now} == {"pixel size", "factor"}:
        return
    yield "scale.to", before, now
    name = _OF_SCALE.get(now, "")
    if before == now and name in trained:
        yield f"scale.{name}", trained[name], getattr(recipe.scale, name)
