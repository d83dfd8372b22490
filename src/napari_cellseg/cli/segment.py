"""``segment``: images to label images, and the recipe that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from napari_cellseg.cli import _options as opt  # noqa: TC001  typer reads them
from napari_cellseg.cli._failures import number, report, say
from napari_cellseg.cli._inputs import open_stack, read_recipe
from napari_cellseg.errors import CellsegError, ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_cellseg.io.images import Stack
    from napari_cellseg.pipeline import Pipeline
    from napari_cellseg.pipeline.export import Target
    from napari_cellseg.recipe import Recipe


def segment(
    inputs: opt.Inputs,
    out: opt.Out,
    recipe: opt.Recipe = "nuclei",
    settings: opt.Settings = None,
    device: opt.Device = "auto",
    format: opt.Format = "tiff",  # noqa: A002  the option's name
    independent: opt.Independent = False,
    axes: opt.Axes = None,
    channel: opt.Channel = None,
    z: opt.Z = None,
    pixel_size: opt.PixelSize = None,
    time_step: opt.TimeStep = None,
    overwrite: opt.Overwrite = False,
) -> None:
    """Find the cells of images and movies.

    Beside the labels lies the recipe with every number that made them; run again with
    it, it gives the same labels.
    """
    wanted = read_recipe(recipe, settings)

    from napari_cellseg.io.images import image_paths
    from napari_cellseg.pipeline.needs import trained_otherwise

    if words := trained_otherwise(wanted):
        say(f"Warning: {words}")

    paths = image_paths(inputs, independent)

    def opened(path: Path) -> Stack:
        return open_stack(path, axes, channel, z, pixel_size, time_step)

    goals = _goals(paths, out, format, wanted)
    if len(paths) == 1:
        opened(paths[0])

    from napari_cellseg.pipeline import Pipeline
    from napari_cellseg.pipeline.export import check

    check(goals, overwrite, wanted, paths)

    def start(stack: Stack) -> Pipeline:
        # every frame is seen once: there is nothing to look up again
        return Pipeline(stack, device, memory=0)

    _all(paths, goals, opened, start, wanted, overwrite)


def _goals(
    paths: Sequence[Path], out: Path, kind: opt.Format, wanted: Recipe
) -> list[Target]:
    from napari_cellseg.io._names import stem
    from napari_cellseg.pipeline.export import targets

    # a link keeps its own name: those of several samples may lead to one name
    named = (path if stem(path) not in ("", "..") else path.resolve() for path in paths)
    names = [stem(path) for path in named]
    alone = wanted.estimates_diameter or wanted.needs_pixel_size
    # else nothing of the recipe depends on the stack
    grow = wanted.cells.grow
    return targets(out, names, kind, shared=not alone, nuclei=grow)


def _all(
    paths: Sequence[Path],
    goals: Sequence[Target],
    opened: Callable[[Path], Stack],
    start: Callable[[Stack], Pipeline],
    wanted: Recipe,
    overwrite: bool,
) -> None:
    """Segment one input after the other; an unreadable one does not stop the others."""
    pipeline: Pipeline | None = None
    failed = 0
    for path, goal in zip(paths, goals, strict=True):
        try:
            stack = opened(path)
            if pipeline is None:
                pipeline = start(stack)
            pipeline.stack = stack
            _one(pipeline, wanted, goal, overwrite)
        except ImageError as error:
            if len(paths) == 1:
                raise
            failed += 1
            report(error)
    if failed:
        others = f"; the others are in {goals[0].folder}"
        raise CellsegError(
            f"{failed} of {len(paths)} inputs failed"
            f"{others if failed < len(paths) else ''}."
        )


def _one(pipeline: Pipeline, wanted: Recipe, goal: Target, overwrite: bool) -> None:
    from napari_cellseg.cli._progress import follow
    from napari_cellseg.pipeline import resolve
    from napari_cellseg.pipeline.export import segment_to, settle

    ready = resolve(wanted, pipeline)
    planned, goal = goal, settle(goal, ready)
    stack = pipeline.stack
    frames, height, width = stack.shape
    say(
        f"{stack.name}: {frames} x {height} x {width} (T, Y, X), {stack.dtype}"
        f"{_size(wanted, ready)}"
    )
    if goal != planned:
        say(
            f"{planned.recipe_path} is that of other results; this one's is in "
            f"{goal.recipe}."
        )
    last = follow(segment_to(pipeline, ready, goal, overwrite=overwrite), stack.name)
    found = number(last.objects, "cell")
    typer.echo(f"{goal.path}: {number(frames, 'frame')}, {found}")


def _size(wanted: Recipe, ready: Recipe) -> str:
    """Words for the cell diameter, where something rests on it."""
    if not wanted.uses_diameter or ready.scale.diameter is None:
        return ""
    how = "automatic" if wanted.estimates_diameter else "as given"
    return f"; cell diameter {ready.scale.diameter:.4g} px, {how}"
