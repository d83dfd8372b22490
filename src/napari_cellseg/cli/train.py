"""``train``: annotated images to a model file."""

from __future__ import annotations

import re
import time
from pathlib import Path  # noqa: TC003  typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cellseg.cli import _options as opt  # noqa: TC001  typer reads them
from napari_cellseg.cli._failures import say
from napari_cellseg.cli._inputs import read_recipe
from napari_cellseg.errors import ImageError, ModelError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cellseg.protocol import Protocol
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.training.fit import Epoch


def train(
    data: Annotated[
        list[Path],
        typer.Argument(
            readable=False,
            metavar="DATA",
            help="Folders with images/ and labels/ of the same names, and perhaps "
            "nuclei/ and index.csv; with images/ and nuclear/, two channels; or data "
            "sets of the Cell Tracking Challenge, with 01/ and 01_ST/SEG.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            readable=False,
            metavar="FILE",
            help="The model file (.safetensors); else the recipe's model in the models "
            "folder, where it is found by its name.",
        ),
    ] = None,
    recipe: opt.Recipe = "nuclei",
    settings: opt.Settings = None,
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, help="Passes over the images; else as set."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=VALUE",
            help="Only images with this value in index.csv; folders without the column "
            "whole; may be repeated.",
        ),
    ] = None,
    device: opt.Device = "auto",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on from the last finished epoch; only --epochs may be another.",
        ),
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            metavar="MODEL",
            help="Begin with the weights of this model: a name or a file.",
        ),
    ] = None,
    allow_random_init: Annotated[
        bool,
        typer.Option(
            "--allow-random-init",
            help="Begin with random weights where pretrained ones cannot be had.",
        ),
    ] = False,
    pixel_size: opt.PixelSize = None,
    overwrite: opt.Overwrite = False,
) -> None:
    """Train a model by a recipe's protocol.

    The file is complete after every epoch; beside it lies the checkpoint to resume
    from.
    """
    wanted = read_recipe(recipe, settings)
    protocol = wanted.training
    if epochs is not None:
        protocol = protocol.replace(epochs=epochs)
    columns = _columns(where or ())
    out = out or _place_of(wanted)
    _check(data, out, resume, overwrite)

    from napari_cellseg.network.device import choose_device
    from napari_cellseg.training.run import train as run

    chosen = choose_device(device)
    say(f"Training on {chosen.type}: {protocol.epochs} epochs")
    steps = run(
        data,
        out,
        wanted.replace(training=protocol),
        chosen,
        where=columns,
        resume=resume,
        start=start,
        pixel_size=pixel_size,
        allow_random_init=allow_random_init,
    )
    _follow(steps, protocol, out)
    typer.echo(str(out))


def _place_of(recipe: Recipe) -> Path:
    """File in the models folder that is found by the name of the recipe's model."""
    from napari_cellseg.network.files import shipped_models
    from napari_cellseg.settings import models_folder

    name = recipe.network.model
    if name in shipped_models():
        raise typer.BadParameter(
            f"The model {name} ships with the package and is used before any other of "
            "that name: say with --out FILE where yours goes."
        )
    if not re.fullmatch(r"[\w-]+", name):
        raise typer.BadParameter(
            f"The recipe {recipe.name} has the model {name}, which is no plain name: "
            "say with --out FILE where the model goes."
        )
    return models_folder() / f"{name}.safetensors"


def _follow(steps: Iterator[Epoch], protocol: Protocol, out: Path) -> None:
    finished = 0
    losses: dict[int, float] = {}
    total = protocol.epochs
    began = time.perf_counter()
    try:
        for epoch in steps:
            finished = epoch.number
            losses[finished] = epoch.validation_loss
            say(
                f"epoch {epoch.number} of {total}: loss {epoch.loss:.4f}, validation "
                f"{epoch.validation_loss:.4f}{_looks(epoch)} ({epoch.seconds:.0f} s)"
            )
    except KeyboardInterrupt as stop:
        if finished:
            stop.add_note(f"{out} holds epoch {finished}; go on with --resume.")
        else:
            stop.add_note("No epoch was finished.")
        raise
    if finished:
        kept = f"epoch {finished}"
        if protocol.keep == "best":
            kept = "the epoch of the lowest validation loss"
            if 1 in losses:
                kept += f", {min(losses, key=lambda number: losses[number])}"
        say(f"Done in {time.perf_counter() - began:.0f} s. Kept: {kept}.")
        say("The model's card names the images that were held out.")
    else:
        say("Nothing was left to train: all epochs were finished.")


def _looks(epoch: Epoch) -> str:
    """Say what validation gave within an epoch, for its line."""
    looks = [f"{loss:.4f} at step {step}" for step, loss in epoch.looks]
    return f" ({', '.join(looks)})" if looks else ""


def _columns(where: Sequence[str]) -> dict[str, str]:
    pairs = [condition.partition("=") for condition in where]
    for column, equals, _ in pairs:
        if not equals or not column:
            raise typer.BadParameter(
                f"--where {column}: expected COLUMN=VALUE, as kind=fluorescence."
            )
    return {column: value for column, _, value in pairs}


def _check(data: Sequence[Path], out: Path, resume: bool, overwrite: bool) -> None:
    for folder in data:
        if not folder.is_dir():
            raise ImageError(
                f"{folder}: is no folder: name one with images/ and labels/, or a "
                "data set of the Cell Tracking Challenge"
            )
    if out.suffix != ".safetensors":
        raise typer.BadParameter(f"--out {out}: a model file ends in .safetensors.")
    checkpoint = out.with_name(out.name + ".checkpoint")
    if resume and not checkpoint.is_file():
        raise ModelError(
            f"{checkpoint} is not there: there is nothing to resume from. Train "
            "without --resume."
        )
    if out.exists() and not resume and not overwrite:
        raise OutputError(
            f"{out} is there already: choose another name, go on with --resume, or "
            "replace it with --overwrite."
        )
