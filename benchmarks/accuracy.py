"""Accuracy of a model on annotated data, with the recipe's defaults.

    python benchmarks/accuracy.py [--data ../shared/data] [--model nuclei]

Every image of dsb2018 is a stack of its own: its diameter is estimated from it alone.
The sets are those of docs/results.md; a set that is not there is left out and said so.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from _data import FULLY_LABELLED, GOWT1, archive, segmented, sequence
from napari_cellseg.metrics import Report, evaluate
from napari_cellseg.recipe import Recipe, load_recipe, override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellseg.metrics import Labels

    Pairs = Iterator[tuple[str, Labels, Labels]]


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
    yield from _held_out(data / "dsb2018", recipe, kind="fluorescence")


def bbbc039(data: Path, recipe: Recipe) -> Pairs:
    """Segment the 49 images that the index holds out."""
    yield from _held_out(data / "bbbc039", recipe)


def _held_out(folder: Path, recipe: Recipe, **attributes: str) -> Pairs:
    wanted = attributes | {"split": "val"}
    rows = archive(folder, lambda row: wanted.items() <= row.items())
    yield from segmented(rows, recipe)


def gowt1_silver(data: Path, recipe: Recipe) -> Pairs:
    """Segment sequence 01; its silver truth labels every cell."""
    yield from segmented([sequence(data, GOWT1, "01", "ST", None)], recipe)


def gowt1_gold(data: Path, recipe: Recipe) -> Pairs:
    """Segment the gold frames in which every cell is labelled."""
    gold = (sequence(data, GOWT1, s, "GT", f) for s, f in FULLY_LABELLED.items())
    yield from segmented(gold, recipe)


def sim_plus(data: Path, recipe: Recipe) -> Pairs:
    """Segment all frames of the challenge's simulated nuclei."""
    yield from segmented([sequence(data, "Fluo-N2DH-SIM+", "01", "GT", None)], recipe)


SETS: dict[str, Callable[[Path, Recipe], Pairs]] = {
    "dsb2018 val, fluorescence": dsb2018,
    "bbbc039 val": bbbc039,
    "GOWT1 01, silver": gowt1_silver,
    "GOWT1, fully labelled gold": gowt1_gold,
    "SIM+ 01": sim_plus,
}


if __name__ == "__main__":
    main()
