"""``demo``: the main job on the simulated movie."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cellseg.cli import _options as opt  # noqa: TC001  typer reads them
from napari_cellseg.cli._failures import say

if TYPE_CHECKING:
    from napari_cellseg.pipeline.demo import Demo

DEFAULT = Path("demo")


def demo(
    out: Annotated[
        Path,
        typer.Option(
            "--out", readable=False, metavar="DIR", help="Folder for the result."
        ),
    ] = DEFAULT,
    gui: Annotated[
        bool | None,
        typer.Option(
            "--gui/--no-gui",
            help="Open napari on the result; by default where there is a display.",
            show_default=False,
        ),
    ] = None,
    device: opt.Device = "auto",
) -> None:
    """Segment, track and score a simulated movie.

    The whole job in about a minute. Writes the movie, the masks, a challenge result,
    scores, the recipe and a picture. A former demo in the folder is replaced, anything
    else is left as it is.
    """
    from napari_cellseg.cli._progress import follow_words
    from napari_cellseg.cli.evaluate import show
    from napari_cellseg.pipeline.demo import Demo, read_scores, run_demo

    done = Demo(out)
    follow_words(run_demo(out, device=device))
    show(read_scores(done))
    typer.echo("")
    for path, what in (
        (done.overlay, "outlines over four frames"),
        (done.masks, "cells of each frame"),
        (done.result, "linked cells, in the challenge's format"),
        (done.scores, "scores"),
        (done.recipe, "the recipe that made them"),
    ):
        typer.echo(f"{path}: {what}")
    _open(done, gui)


def _open(done: Demo, wanted: bool | None) -> None:
    """Show the result in napari if it can be, else say how."""
    if wanted is False:
        return
    lacking = _lacking()
    if lacking:
        say(f"napari is not opened: {lacking}.")
        return
    say("Opening napari on the result; close its window to end.")
    plugin = ("--plugin", "napari-cellseg")
    # the masks have the movie's pixel size; a challenge result cannot say it
    files = (str(done.movie), str(done.masks))
    command = [sys.executable, "-m", "napari", *plugin, *files]
    ended = subprocess.run(command, check=False).returncode
    if ended:
        say(f"napari ended with code {ended}. The result is in {done.folder}.")


def _lacking() -> str:
    """Say what a window needs and is not here."""
    if find_spec("napari") is None:
        return 'it is not installed (pip install "napari-cellseg[napari]")'
    has_own = sys.platform in ("win32", "darwin")
    if not has_own and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        return "there is no display"
    return ""
