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


def open_stack(
    path: Path,
    axes: str | None,
    channel: int | None,
    z: str | None,
    pixel_size: float | None,
    time_step: float | None,
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
    return calibrate(stack, pixel_size, time_step)


def calibrate(stack: Stack, pixel_size: float | None, time_step: float | None) -> Stack:
    """Give a stack another pixel size (µm) and time step (s), where they are given."""
    return replace(
        stack,
        pixel_size=pixel_size or stack.pixel_size,
        pixel_height=None if pixel_size else stack.pixel_height,
        time_step=time_step or stack.time_step,
    )


def _plane(image: Image, z: str | None) -> int | Literal["max", "mean"]:
    planes = image.size("Z")
    if z is None and planes > 1:
        shape = " x ".join(map(str, image.data.shape))
        ways = (
            f"project them with --z max or --z mean, or choose one, --z {planes // 2}"
        )
        if "T" not in image.axes:
            frames = image.axes.replace("Z", "T")
            ways += f"; if they are frames, say --axes {frames}"
        raise ImageError(
            f"{image.source}: has {planes} z planes ({image.axes}, {shape}), and cells "
            f"are found in 2D: {ways}"
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
