"""Whole stacks: automatic fields become numbers, then frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.io.images import Image, Stack
from napari_cellseg.pipeline.diameter import estimate_steps
from napari_cellseg.pipeline.stages import Pipeline
from napari_cellseg.recipe import Recipe, load_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.pipeline.fast import Segmentation


def resolve(recipe: Recipe, pipeline: Pipeline) -> Recipe:
    """Turn what is automatic or in µm in a recipe into numbers of px for one stack.

    The expected diameter is estimated from the stack where something rests on it and
    the recipe gives none. What is in µm follows from the stack's pixel size.

    Raises
    ------
    RecipeError
        If a length is in µm and the stack has no pixel size.
    CellsegError
        If an image or the model cannot be used.
    """
    *_, resolved = resolve_steps(recipe, pipeline)
    assert resolved is not None
    return resolved


def resolve_steps(recipe: Recipe, pipeline: Pipeline) -> Iterator[Recipe | None]:
    """Resolve a recipe, yielding None between predictions and the recipe at the end."""
    stack, estimate = pipeline.stack, None
    if recipe.estimates_diameter:
        ready = recipe.calibrate(stack.pixel_size, stack.pixel_height)
        for found in estimate_steps(pipeline, ready):
            yield None
            estimate = found.diameter if found else None
    resolved = recipe.settle(stack.pixel_size, estimate, stack.pixel_height)
    assert resolved is not None
    yield resolved


def segment_stack(
    pipeline: Pipeline, recipe: Recipe
) -> Iterator[tuple[int, Segmentation | None]]:
    """Segment every frame of a stack in order.

    Yields
    ------
    frame : int
        Index of the frame.
    segmentation : Segmentation or None
        None between the steps of a frame, so that the caller can show that work goes
        on, or stop; the result when the frame is done.
    """
    for t in range(len(pipeline.stack)):
        maps = None
        for step in pipeline.predict(t, recipe):
            maps = step
            yield t, None
        yield t, pipeline.segment(t, recipe, maps)


def segment(
    images: Any, recipe: Recipe | str = "nuclei", *, device: DeviceName = "auto"
) -> NDArray[np.unsignedinteger]:
    """Segment an image or a time-lapse stack.

    Parameters
    ----------
    images : Stack or array of shape (Y, X) or (T, Y, X)
        Any integer or float dtype; NumPy, dask or zarr.
    recipe : Recipe or str
        A recipe, or the name or file of one.
    device : {"auto", "cpu", "cuda", "mps"}
        Where the network runs.

    Returns
    -------
    uint16 or uint32 array of the shape of ``images``
        Labels of every frame, 0 is background; ids are not linked over time.

    Raises
    ------
    TypeError
        If ``images`` is a path or an image whose channel and plane are not chosen.
    CellsegError
        If an image, the recipe or its model cannot be used.
    """
    if isinstance(images, (str, Path, Image)):
        raise TypeError(
            f"images is a {type(images).__name__}: give a stack, "
            "open_image(path).stack(), or an array"
        )
    stack = images if isinstance(images, Stack) else Stack.from_array(images)
    wanted = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    # every frame is seen once: there is nothing to look up again
    pipeline = Pipeline(stack, device, memory=0)
    ready = resolve(wanted, pipeline)
    frames = [s.labels for _, s in segment_stack(pipeline, ready) if s is not None]
    return frames[0] if stack.single else np.stack(frames)
