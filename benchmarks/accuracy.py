"""Accuracy of a model on annotated data, with the recipe's defaults.

    python benchmarks/accuracy.py [--data ../shared/data] [--model nuclei]

Every image of dsb2018 is a stack of its own: its diameter is estimated from it alone.
The sets are those of docs/results.md; a set that is not there is left out and said so.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.io.images import Stack, open_image
from napari_cellseg.metrics import Report, evaluate
from napari_cellseg.pipeline import Pipeline, resolve
from napari_cellseg.recipe import Recipe, load_recipe, override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellseg.metrics import Labels

    Pairs = Iterator[tuple[str, Labels, Labels]]

FULLY_LABELLED = {"01": {21, 31, 33, 39}, "02": {1, 52, 55, 72}}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="nuclei")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--only", default="", help="part of a set's name")
    parser.add_argument("--json", type=Path, help="write the scores there as well")
    options = parser.parse_args()
    settings = [f'network.model="{options.model}"', *options.settings]
    recipe = override(load_recipe("nuclei"), settings)
    print("| data | AP .50 | mean AP .50-.90 | SEG | pixel F1 | cells (truth) |")
    print("|---|---|---|---|---|---|")
    scores = {}
    for name, pairs in SETS.items():
        if options.only not in name:
            continue
        try:
            report = evaluate(pairs(options.data, recipe))
        except FileNotFoundError as error:
            print(f"| {name} | left out: {error} |")
            continue
        scores[name] = _scores(report)
        print(f"| {name} | {' | '.join(map(str, scores[name].values()))} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")


def _scores(report: Report) -> dict[str, float | str]:
    ap = list(report.ap.values())
    counts = [sum(getattr(f, n) for f in report.frames) for n in ("n_pred", "n_truth")]
    return {
        "AP .50": round(ap[0], 3),
        "mean AP .50-.90": round(float(np.mean(ap[:9])), 3),
        "SEG": round(report.seg, 3),
        "pixel F1": round(report.pixels.f1, 3),
        "cells (truth)": f"{counts[0]} ({counts[1]})",
    }


def dsb2018(data: Path, recipe: Recipe) -> Pairs:
    """Segment the 52 fluorescence images that the index holds out."""
    wanted = {"kind": "fluorescence", "split": "val"}
    yield from _archive(data / "dsb2018", recipe, wanted)


def bbbc039(data: Path, recipe: Recipe) -> Pairs:
    """Segment the 49 images that the index holds out."""
    yield from _archive(data / "bbbc039", recipe, {"split": "val"})


def _archive(folder: Path, recipe: Recipe, wanted: dict[str, str]) -> Pairs:
    with zipfile.ZipFile(folder / f"{folder.name}.zip") as archive:
        index = (folder / "index.csv").read_text(encoding="utf-8")
        for row in csv.DictReader(io.StringIO(index)):
            if any(row[key] != value for key, value in wanted.items()):
                continue
            image, truth = (
                cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), -1)
                for name in (f"images/{row['id']}.png", f"labels/{row['id']}.png")
            )
            yield from _segmented(Stack.from_array(image), {0: truth}, recipe)


def gowt1_silver(data: Path, recipe: Recipe) -> Pairs:
    """Segment sequence 01; its silver truth labels every cell."""
    yield from _sequence(data, recipe, "Fluo-N2DH-GOWT1", "01", "ST")


def gowt1_gold(data: Path, recipe: Recipe) -> Pairs:
    """Segment the gold frames in which every cell is labelled."""
    for sequence, frames in FULLY_LABELLED.items():
        yield from _sequence(data, recipe, "Fluo-N2DH-GOWT1", sequence, "GT", frames)


def sim_plus(data: Path, recipe: Recipe) -> Pairs:
    """Segment all frames of the challenge's simulated nuclei."""
    yield from _sequence(data, recipe, "Fluo-N2DH-SIM+", "01", "GT")


def _sequence(
    data: Path,
    recipe: Recipe,
    name: str,
    sequence: str,
    truth: str,
    frames: set[int] | None = None,
) -> Pairs:
    folder = data / "ctc" / name
    stack = open_image(folder / sequence).stack()
    labels = open_image(folder / f"{sequence}_{truth}" / "SEG").stack()
    at = {stack.number(t): t for t in range(len(stack))}
    truths = {
        at[labels.number(t)]: labels.frame(t)
        for t in range(len(labels))
        if frames is None or labels.number(t) in frames
    }
    yield from _segmented(stack, truths, recipe)


def _segmented(stack: Stack, truths: dict[int, Labels], recipe: Recipe) -> Pairs:
    pipeline = Pipeline(stack, memory=0)
    ready = resolve(recipe, pipeline)
    for t, truth in truths.items():
        yield stack.where(t), pipeline.segment(t, ready).labels, truth


SETS: dict[str, Callable[[Path, Recipe], Pairs]] = {
    "dsb2018 val, fluorescence": dsb2018,
    "bbbc039 val": bbbc039,
    "GOWT1 01, silver": gowt1_silver,
    "GOWT1, fully labelled gold": gowt1_gold,
    "SIM+ 01": sim_plus,
}


if __name__ == "__main__":
    main()
