"""``track``: label frames to a challenge result with a lineage."""

from __future__ import annotations

import typer

from napari_cellseg.cli import _options as opt  # noqa: TC001  typer reads them
from napari_cellseg.cli._failures import number
from napari_cellseg.cli._inputs import read_recipe


def track(
    labels: opt.Labels,
    out: opt.Out,
    recipe: opt.Recipe = "nuclei",
    settings: opt.Settings = None,
    axes: opt.Axes = None,
    overwrite: opt.Overwrite = False,
) -> None:
    """Follow cells over time.

    Writes mask000.tif ... and res_track.txt. Each cell has one id through all frames;
    daughters name their mother.
    """
    wanted = read_recipe(recipe, settings)

    from napari_cellseg.cli._progress import follow
    from napari_cellseg.io.ctc import read_tracks
    from napari_cellseg.io.results import read_labels
    from napari_cellseg.pipeline.export import check, save, targets

    stack = read_labels(labels, axes)
    (goal,) = targets(out, [stack.name], "ctc")
    check([goal], overwrite, sources=[labels])
    frames = (stack.frame(t) for t in range(len(stack)))
    steps = save(frames, stack, goal, recipe=wanted, overwrite=overwrite)
    last = follow(steps, stack.name)
    tracks = read_tracks(goal.path)
    born = len({t.parent for t in tracks if t.parent})
    made = f"{number(last.total, 'frame')}, {number(len(tracks), 'track')}"
    typer.echo(f"{goal.path}: {made}, {born} with daughters or a continuation")
