"""``validate``: whether a folder is what the Cell Tracking Challenge accepts."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads it
from typing import Annotated

import typer


def validate(
    folder: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="DIR",
            help="A result: mask000.tif ... and res_track.txt.",
            show_default=False,
        ),
    ],
) -> None:
    """Check a result against the rules of the Cell Tracking Challenge.

    Says "valid", or what is wrong line by line, with exit code 1.
    """
    from napari_cellseg.io.ctc import validate as find

    findings = find(folder)
    for finding in findings:
        typer.echo(str(finding))
    if findings:
        raise typer.Exit(1)
    typer.echo("valid")
