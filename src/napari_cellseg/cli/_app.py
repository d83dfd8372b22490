"""The commands under their names. Each imports what it needs when it is run."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from napari_cellseg.cli import (
    demo,
    evaluate,
    export,
    models,
    recipes,
    segment,
    track,
    train,
    validate,
)
from napari_cellseg.cli._failures import Commands, Warnings

app = typer.Typer(
    name="napari-cellseg",
    help="Segment, track and measure cells in time-lapse microscopy.",
    epilog=(
        "Results go to standard output, progress to standard error. "
        "Exit codes: 0 done, 1 the work failed, 2 the command was not understood."
    ),
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# one for all: a second of the same is not added
_warnings = Warnings(logging.WARNING)

for _module in (
    demo,
    segment,
    track,
    evaluate,
    train,
    export,
    validate,
    recipes,
    models,
):
    _name = _module.__name__.rpartition(".")[2]
    app.command(_name)(getattr(_module, _name))


def _say_version(wanted: bool) -> None:
    if wanted:
        from napari_cellseg import __version__

        typer.echo(f"napari-cellseg {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say the version."
        ),
    ] = False,
) -> None:
    logging.getLogger("napari_cellseg").addHandler(_warnings)


def main() -> None:
    """Run the command line; the entry point of ``napari-cellseg``."""
    app()
