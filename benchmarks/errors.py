"""What is wrong with the objects that a model misses or makes up, by kind.

    python benchmarks/errors.py [--data ../shared/data] [--model nuclei] [--only dsb]

An object is right if it shares an IoU of more than 0.5 with a true one, and each wrong
one takes away its share of an image's AP .50, TP / (TP + FP + FN). The table has these
shares, as means over the images: they add up to what AP .50 lacks to 1.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from _timing import row, table
from accuracy import SETS
from napari_cellseg.metrics import overlap
from napari_cellseg.recipe import load_recipe, override

if TYPE_CHECKING:
    from napari_cellseg.metrics import Labels

RIGHT = 0.5
"""IoU beyond which an object is right."""
COVERED = 0.5
"""Share of an object that lies in another for it to be a part of it."""
MET = 0.25
"""Share of an object that meets any other, or nobody saw it."""
SMALL = 0.1
"""Area of a small object, as a share of the median true one."""


def kinds(pred: Labels, truth: Labels) -> tuple[Counter[str], int]:
    """Count the wrong objects of an image by kind, and all that AP counts."""
    found = overlap(pred, truth)
    shape = found.truth_ids.size, found.pred_ids.size
    shared = np.zeros(shape)
    shared[found.truth_index, found.pred_index] = found.intersections
    iou = np.zeros(shape)
    iou[found.truth_index, found.pred_index] = found.iou
    of_truth = shared / found.truth_areas[:, None]
    of_pred = shared / found.pred_areas
    merges = (of_truth > COVERED).sum(0) > 1
    splits = (of_pred > COVERED).sum(1) > 1
    small = found.truth_areas < SMALL * np.median(found.truth_areas)
    count: Counter[str] = Counter()
    for i in np.flatnonzero(~(iou > RIGHT).any(1)):
        if of_truth[i].sum() < MET:
            count["missed, small" if small[i] else "missed"] += 1
        elif merges[of_truth[i] > COVERED].any():
            count["merged"] += 1
        else:
            count["split" if splits[i] else "outline"] += 1
    for j in np.flatnonzero(~(iou > RIGHT).any(0)):
        if of_pred[:, j].sum() < MET:
            count["made up"] += 1
        elif merges[j]:
            count["merged"] += 1
        else:
            whole = splits[of_pred[:, j] > COVERED].any()
            count["split" if whole else "outline"] += 1
    right = int((iou > RIGHT).any(1).sum())
    return count, right + count.total()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="nuclei")
    parser.add_argument("--only", default="dsb", help="part of a set's name")
    options = parser.parse_args()
    recipe = override(load_recipe("nuclei"), [f'network.model="{options.model}"'])
    names = ("merged", "split", "missed, small", "missed", "made up", "outline")
    table("data", *names, "AP .50")
    for name, pairs in SETS.items():
        if options.only not in name:
            continue
        lost = []
        for _, pred, truth in pairs(options.data, recipe):
            count, total = kinds(pred, truth)
            lost.append([count[kind] / max(total, 1) for kind in names])
        mean = np.mean(lost, axis=0)
        row(name, *(f"{v:.3f}" for v in mean), f"{1 - mean.sum():.3f}")


if __name__ == "__main__":
    main()
