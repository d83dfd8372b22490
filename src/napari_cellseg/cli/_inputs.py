"""From the options to a stack and a recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import typer

from napari_cellseg.cli._failures import say
from napari_cellseg.errors import ImageError, RecipeError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellseg.io.images import Image, Stack
    from napari_cellseg.recipe import Recipe


def read_recipe(recipe: str, settings: Sequence[str] | None) -> Recipe:
    """Load a recipe and change it as ``--set`` says; a wrong setting is wrong usage."""
    from napari_cellseg.recipe import load_recipe, override

    loaded = load_recipe(recipe)
    try:
        return override(loaded, settings or ())
    except RecipeError as error:
        raise typer.BadParameter(str(error)) from error


def expand(inputs: Sequence[Path], independent: bool) -> list[Path]:
    """Put its files in place of a folder of unrelated images.

    Raises
    ------
    ImageError
        If one does not exist, or a folder holds no images.
    """
    from napari_cellseg.io._folder import image_files
    from napari_cellseg.io._names import is_zarr

    paths: list[Path] = []
    for path in inputs:
        if not path.exists():
            raise ImageError(f"{path}: does not exist: check the path")
        apart = independent and path.is_dir() and not is_zarr(path)
        paths += image_files(path) if apart else [path]
    return paths


def open_stack(
    path: Path,
    axes: str | None,
    channel: int | None,
    z: str | None,
    pixel_size: float | None,
) -> Stack:
    """Open an image and choose what to segment; say what was chosen of several.

    Raises
    ------
    ImageError
        If it cannot be read, or has z planes and nothing says what becomes of them.
    """
    from napari_cellseg.io.images import open_image

    image = open_image(path, axes)
    stack = image.stack(channel, _plane(image, z))
    if image.size("C") > 1 and channel is None and not image.rgb:
        say(f"{path}: channel 0 of {image.size('C')} is used; --channel chooses.")
    return replace(stack, pixel_size=pixel_size or stack.pixel_size)


def _plane(image: Image, z: str | None) -> int | Literal["max", "mean"]:
    planes = image.size("Z")
    if z is None and planes > 1:
        shape = " x ".join(map(str, image.data.shape))
        raise ImageError(
            f"{image.source}: has {planes} z planes ({image.axes}, {shape}), and cells "
            "are found in 2D: project them with --z max or --z mean, choose one with "
            f"--z {planes // 2}, or say that they are frames, "
            f"--axes {image.axes.replace('T', '').replace('Z', 'T')}"
        )
    if z is None or z == "max":
        return "max"
    if z == "mean":
        return "mean"
    try:
        return int(z)
    except ValueError as error:
        raise typer.BadParameter(
            f"--z {z}: expected max, mean or the number of a plane, from 0."
        ) from error
