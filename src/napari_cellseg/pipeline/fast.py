"""The fast half of the pipeline: from what is at hand of a frame to its labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellseg.errors import RecipeError
from napari_cellseg.pipeline.needs import check_maps
from napari_cellseg.postprocess import (
    Foreground,
    Ground,
    Hierarchy,
    divide,
    foreground,
    ground,
    grow,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.network.maps import Maps
    from napari_cellseg.recipe import Recipe

SplitKey: TypeAlias = tuple[int, int, Foreground, str, str]
GroundKey: TypeAlias = tuple[int, int, str, float]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Result of one frame.

    Attributes
    ----------
    labels : uint16 or uint32 array of shape (Y, X)
        Cells, 0 is background.
    count : int
        Number of cells.
    split : Hierarchy
        What the labels were cut from, or the nuclei where cells were grown from them.
    nuclei : uint16 or uint32 array of shape (Y, X), or None
        Nuclei under the numbers of their cells, where the recipe grows cells.
    """

    labels: NDArray[np.unsignedinteger]
    count: int
    split: Hierarchy
    nuclei: NDArray[np.unsignedinteger] | None = None

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Foreground after morphology, bool array of shape (Y, X)."""
        return self.labels > 0


def check_resolved(recipe: Recipe) -> None:
    """Refuse a recipe whose fast half has automatic fields, or lengths in µm.

    Raises
    ------
    RecipeError
        The text names the field.
    """
    post = recipe.postprocess
    for name in ("h", "smallest_area"):
        if getattr(post, name) is None:
            raise RecipeError(
                f"postprocess.{name} is automatic: resolve the recipe first."
            )
    sections = {"postprocess": post, "cells": recipe.cells}
    for section, part in sections.items():
        try:
            part.calibrate(None)
        except ValueError as error:
            raise RecipeError(
                f"{section}.{error}: give it with --pixel-size, or in the dock as "
                "Pixel size, or write the length in px."
            ) from error


def split_key(t: int, recipe: Recipe, source: int) -> SplitKey:
    """Key of a frame's hierarchy; it begins with that of its maps."""
    post = recipe.postprocess
    return t, source, post.part(Foreground), post.landscape, post.markers


def hierarchy(maps: Maps, recipe: Recipe) -> Hierarchy:
    """Threshold and split a frame's maps.

    Raises
    ------
    RecipeError
        If a field is automatic or in µm, or the model lacks a map that the recipe
        needs.
    """
    check_resolved(recipe)
    check_maps(recipe, maps)
    post = recipe.postprocess
    mask = foreground(maps[post.map], post.part(Foreground))
    distance = maps.get("distance") if post.landscape == "distance map" else None
    return divide(mask, post, distance, maps.instances)


def cut(recipe: Recipe, split: Hierarchy, where: Ground | None = None) -> Segmentation:
    """Cut a hierarchy at the recipe's h, and grow cells where there is ground for it.

    Raises
    ------
    RecipeError
        If a field is automatic or in µm.
    """
    check_resolved(recipe)
    h = recipe.postprocess.h
    assert h is not None
    labels, number = split.labels(h), split.number(h)
    if where is None:
        return Segmentation(labels, number, split)
    cells = grow(labels, where, recipe.cells.area)
    return Segmentation(cells, number, split, labels)


def ground_key(t: int, recipe: Recipe, source: int) -> GroundKey:
    """Key of the ground that a frame's cells grow in; it begins as `split_key`."""
    return t, source, "ground", recipe.cells.smoothing


def ground_of(image: NDArray[np.float32], maps: Maps, recipe: Recipe) -> Ground:
    """Prepare a frame, float32 (Y, X) with the recipe's contrast, for cells to grow in.

    Raises
    ------
    RecipeError
        If a length is in µm, or the model lacks a map that the recipe needs.
    """
    check_resolved(recipe)
    check_maps(recipe, maps)
    cytoplasm = maps["cytoplasm"]
    nucleus = maps.get("nucleus")
    cell = cytoplasm if nucleus is None else np.minimum(cytoplasm + nucleus, 1)
    return ground(image, cell, recipe.cells.smoothing)
