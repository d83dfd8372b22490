"""``evaluate``: label files against the truth."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cellseg.cli._failures import say
from napari_cellseg.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.pipeline.compare import Comparison

_SAID = 5


def evaluate(
    pred: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="PRED",
            help="Label file or folder.",
            show_default=False,
        ),
    ],
    truth: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="TRUTH",
            help="True labels, paired by the number or stem in their names.",
            show_default=False,
        ),
    ],
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE", help="Write the scores as JSON; - for the output."
        ),
    ] = None,
    csv_file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            readable=False,
            metavar="FILE",
            help="Write a table, a row a frame.",
        ),
    ] = None,
) -> None:
    """Score labels against the truth.

    Pixel scores, AP, precision, recall, SM, SEG, DET and TRA. A true frame without a
    prediction counts as an empty prediction. DET and TRA need a table of tracks in both
    folders.
    """
    from napari_cellseg.io.results import check_free
    from napari_cellseg.pipeline.compare import compare

    json_path = Path(json_file) if json_file and json_file != "-" else None
    for place in filter(None, (json_path, csv_file)):
        _spare(place)
        check_free(place, overwrite=True)
    if json_path is not None and json_path == csv_file:
        raise typer.BadParameter("--json and --csv name the same file.")
    found = compare(pred, truth)
    _say_unpaired(found)
    scores = found.report.as_json()
    text = json.dumps(scores, indent=2, allow_nan=False)
    if json_file == "-":
        typer.echo(text)
    else:
        show(scores)
    if json_path is not None:
        _write(json_path, text + "\n")
    if csv_file is not None:
        _write(csv_file, _table(found.report.as_rows()))


def _spare(place: Path) -> None:
    """Refuse to put scores in the place of an image, or of a table of tracks."""
    from napari_cellseg.io.images import SUFFIXES
    from napari_cellseg.pipeline.compare import TABLES

    if place.suffix.lower() in SUFFIXES or place.name in TABLES:
        raise OutputError(
            f"{place}: is the name of an image or of its tracks, which scores do not "
            "replace: choose another name, as scores.json"
        )


def show(scores: dict[str, Any]) -> None:
    """Print the main scores, one a line; what is missing with its reason."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    reasons = scores["reasons"]
    for title, place in _ROWS:
        value: Any = scores
        for key in place:
            value = value[key]
        name = ".".join(place)
        table.add_row(title, _number(value), reasons.get(name, ""))
    table.add_row("AP 0.50:0.90", _number(_mean(scores["ap"])), "mean")
    Console(highlight=False).print(table)


_ROWS = (
    ("frames", ("provenance", "frames")),
    ("cells, predicted", ("count", "pred")),
    ("cells, true", ("count", "truth")),
    ("pixel F1", ("pixel", "f1")),
    ("pixel IoU", ("pixel", "iou")),
    ("precision at IoU 0.5", ("instance", "precision")),
    ("recall at IoU 0.5", ("instance", "recall")),
    ("F1 at IoU 0.5", ("instance", "f1")),
    ("centroid precision", ("centroid", "precision")),
    ("centroid recall", ("centroid", "recall")),
    ("SM", ("sm",)),
    ("SEG", ("seg",)),
    ("DET", ("det",)),
    ("TRA", ("tra",)),
    ("DSB score", ("dsb_score",)),
    ("AP 0.50", ("ap", "0.50")),
    ("AP 0.75", ("ap", "0.75")),
)


def _mean(ap: dict[str, float | None]) -> float | None:
    known = [v for k, v in ap.items() if v is not None and float(k) <= 0.9]
    return sum(known) / len(known) if known else None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4f}"


def _say_unpaired(found: Comparison) -> None:
    for names, words in (
        (found.missing, "true frames have no prediction and count as empty ones"),
        (found.left_out, "predictions have no truth and are left out"),
    ):
        if names:
            more = " ..." if len(names) > _SAID else ""
            say(f"{len(names)} {words}: {', '.join(names[:_SAID])}{more}")


def _table(rows: Sequence[dict[str, Any]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    from napari_cellseg.io.results import staged

    with staged(path, overwrite=True) as beside:
        beside.write_text(text, encoding="utf-8")
