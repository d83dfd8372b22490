"""``export``: labels to another format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from napari_cellseg.cli import _options as opt  # noqa: TC001  typer reads them
from napari_cellseg.cli._failures import number
from napari_cellseg.cli._inputs import calibrate

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.io.images import Stack
    from napari_cellseg.tracking import Track


def export(
    labels: opt.Labels,
    out: opt.Out,
    format: opt.Format = "ctc",  # noqa: A002  the option's name
    axes: opt.Axes = None,
    pixel_size: opt.PixelSize = None,
    time_step: opt.TimeStep = None,
    overwrite: opt.Overwrite = False,
) -> None:
    """Write labels in another format.

    For ctc, ids are linked over time, unless the labels are a challenge folder with a
    table of tracks, which is kept.
    """
    from napari_cellseg.cli._progress import follow
    from napari_cellseg.io.results import read_labels
    from napari_cellseg.pipeline.export import check, save, targets

    stack = calibrate(read_labels(labels, axes), pixel_size, time_step)
    (goal,) = targets(out, [stack.name], format)
    check([goal], overwrite, sources=[labels])
    frames = (stack.frame(t) for t in range(len(stack)))
    tracks = _tracks(labels, stack)
    last = follow(
        save(frames, stack, goal, tracks=tracks, overwrite=overwrite), stack.name
    )
    found = number(last.objects, "cell")
    typer.echo(f"{goal.path}: {number(last.total, 'frame')}, {found}")


def _tracks(labels: Path, stack: Stack) -> list[Track] | None:
    """Lineage that lies beside the labels, if it counts the same frames."""
    from napari_cellseg.io.ctc import read_tracks
    from napari_cellseg.pipeline.compare import has_tracks

    whole = [stack.number(t) for t in range(len(stack))] == list(range(len(stack)))
    return read_tracks(labels) if whole and has_tracks(labels) else None
