"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Inputs = Annotated[
    list[Path],
    typer.Argument(
        readable=False,
        metavar="INPUT",
        help="Image file, multi-page or OME-TIFF, folder of frames (as a challenge "
        "sequence 01/), or OME-Zarr.",
        show_default=False,
    ),
]
Labels = Annotated[
    Path,
    typer.Argument(
        readable=False,
        metavar="LABELS",
        help="Label stack: a multi-page TIFF, a folder of label frames, or OME-Zarr.",
        show_default=False,
    ),
]
Out = Annotated[
    Path,
    typer.Option("--out", readable=False, metavar="DIR", help="Folder of the result."),
]
Recipe = Annotated[
    str,
    typer.Option(
        "--recipe", metavar="NAME|FILE", help="An installed recipe, or a file."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SECTION.FIELD=VALUE",
        help="Change a field of the recipe, as postprocess.h=2.5; may be repeated. "
        "No value makes it automatic.",
    ),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"],
    typer.Option("--device", help="Where the network runs."),
]
Format = Annotated[
    Literal["ctc", "tiff", "zarr"],
    typer.Option(
        "--format",
        help="ctc: mask000.tif ... linked over time, and res_track.txt; tiff: one "
        "label image an input image; zarr: OME-Zarr labels.",
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the result that is there.")
]
Independent = Annotated[
    bool,
    typer.Option("--independent", help="Folders hold unrelated images, not frames."),
]
Axes = Annotated[
    str | None,
    typer.Option(
        "--axes",
        metavar="LETTERS",
        help="Axes, where the file's are wrong: letters of TCZYX, as TZYX.",
    ),
]
Channel = Annotated[
    int | None,
    typer.Option("--channel", min=0, help="Channel to segment, from 0."),
]
Z = Annotated[
    str | None,
    typer.Option(
        "--z", metavar="max|mean|PLANE", help="Projection of a z stack, or one plane."
    ),
]
PixelSize = Annotated[
    float | None,
    typer.Option(
        "--pixel-size",
        min=1e-6,
        max=1e6,
        help="Size of a pixel (µm), where the file names none or a wrong one.",
    ),
]
TimeStep = Annotated[
    float | None,
    typer.Option(
        "--time-step",
        min=1e-6,
        max=1e6,
        help="Time from frame to frame (s), where the file's is wrong.",
    ),
]
