"""Annotated images where they lie, and what a recipe makes of them."""

from __future__ import annotations

import csv
import zipfile
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np

from napari_cellseg.io.images import Image, Stack, open_image
from napari_cellseg.pipeline import Pipeline, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from napari_cellseg.metrics import Labels
    from napari_cellseg.recipe import Recipe

Sample: TypeAlias = "tuple[Stack, Mapping[int, Labels]]"
"""A stack, and the truth of some of its frames."""

GOWT1 = "Fluo-N2DH-GOWT1"
FULLY_LABELLED = {"01": {21, 31, 33, 39}, "02": {1, 52, 55, 72}}
"""Frames of GOWT1 by sequence whose gold truth has every cell."""


def archive(
    folder: Path, wanted: Callable[[Mapping[str, str]], bool]
) -> Iterator[Sample]:
    """Read the images whose row of the index is wanted, each a stack of its own."""
    with zipfile.ZipFile(folder / f"{folder.name}.zip") as files:
        index = (folder / "index.csv").read_text(encoding="utf-8")
        for row in csv.DictReader(index.splitlines()):
            if not wanted(row):
                continue
            pixels, truth = (
                cv2.imdecode(np.frombuffer(files.read(name), np.uint8), -1)
                for name in (f"images/{row['id']}.png", f"labels/{row['id']}.png")
            )
            colour = pixels.ndim == 3
            axes = "YXC" if colour else "YX"
            yield Image(pixels, axes, row["id"], rgb=colour).stack(), {0: truth}


def sequence(
    data: Path, name: str, number: str, truth: str, frames: Collection[int] | None
) -> Sample:
    """Open a sequence of the challenge with its truth, of some frames or of all."""
    folder = data / "ctc" / name
    stack = open_image(folder / number).stack()
    labels = open_image(folder / f"{number}_{truth}" / "SEG").stack()
    at = {stack.number(t): t for t in range(len(stack))}
    return stack, {
        at[labels.number(t)]: labels.frame(t)
        for t in range(len(labels))
        if frames is None or labels.number(t) in frames
    }


def segmented(
    samples: Iterable[Sample], recipe: Recipe
) -> Iterator[tuple[str, Labels, Labels]]:
    """Segment samples: name, prediction and truth of each frame, for `evaluate`."""
    for stack, truths in samples:
        pipeline = Pipeline(stack, memory=0)
        ready = resolve(recipe, pipeline)
        for t, truth in truths.items():
            yield stack.where(t), pipeline.segment(t, ready).labels, truth
