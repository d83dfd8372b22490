"""Whole cells from one channel, on simulated images: Al-Kofahi et al. (2018)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from _timing import milliseconds, row, table
from napari_cellseg.io.images import Stack
from napari_cellseg.metrics import evaluate, roc
from napari_cellseg.pipeline import Pipeline, resolve
from napari_cellseg.simulate import CellsFrame, simulate_cells
from napari_cellseg.simulate.cells import PIXEL_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cellseg.metrics import Labels, Roc
    from napari_cellseg.network.maps import Maps
    from napari_cellseg.recipe import Recipe

    Scores = dict[str, dict[str, float | None]]

PAPER = {
    "SM": 0.87,
    "nucleus map, AUC": 0.95,
    "nucleus map, accuracy": 0.915,
    "cytoplasm map, AUC": 0.95,
    "cytoplasm map, accuracy": 0.878,
}
"""Against expert labels of real images; AUC is said to be more than that."""
SECONDS = "4 to 6"
# no seed of a training folder is a pair
SEED = 2018
IMAGES, SHAPE = 20, (512, 512)
LARGE, RUNS = (2048, 2048), 5
TITLES = f"{IMAGES} simulated images of {SHAPE[0]}x{SHAPE[1]} px", "seconds"


def single_channel(recipes: Sequence[Recipe], only: str) -> Scores:
    """Print the tables of accuracy and of time, and give what is in them."""
    scores: Scores = {}
    if only in TITLES[0]:
        scores[TITLES[0]] = _accuracy(recipes)
    if only in TITLES[1]:
        scores[TITLES[1]] = _time(recipes)
    return scores


@cache
def _image(number: int, shape: tuple[int, int] = SHAPE) -> CellsFrame:
    return simulate_cells(np.random.default_rng((SEED, number)), shape)


def _accuracy(recipes: Sequence[Recipe]) -> dict[str, float | None]:
    """Compare cells, and the maps of those that predict nuclei and cytoplasm.

    Cells whose nucleus lies beyond the image are left out: labels that are made from
    nuclei, as the paper's, do not have them. Of the prediction the objects that lie in
    them for more than a half are left out as well; all others stay whole.
    """
    print(f"\n{TITLES[0]}, {PIXEL_SIZE} µm a pixel, cells with a nucleus\n")
    found = [_measures(recipe) for recipe in recipes]
    table("measure", "paper", *(recipe.name for recipe in recipes))
    for name in dict.fromkeys(name for each in found for name in each):
        values = (f"{each[name]:.4f}" if name in each else "" for each in found)
        row(name, PAPER.get(name, ""), *values)
    return {
        f"{recipe.name}, {name}": round(value, 4)
        for recipe, each in zip(recipes, found, strict=True)
        for name, value in each.items()
    }


def _measures(recipe: Recipe) -> dict[str, float]:
    maps: dict[str, Roc] = {}
    cells: list[tuple[str, Labels, Labels]] = []
    nuclei: list[tuple[str, Labels, Labels]] = []
    for number in range(IMAGES):
        frame = _image(number)
        stack = Stack.from_array(frame.cell_channel, pixel_size=PIXEL_SIZE)
        pipeline = Pipeline(stack, memory=0)
        ready = resolve(recipe, pipeline)
        predicted = pipeline.maps(0, ready)
        result = pipeline.segment(0, ready, predicted)
        without = _without_nucleus(frame)
        found = _drop(result.labels, without)
        cells.append((str(number), found, np.where(without, 0, frame.cells)))
        if result.nuclei is not None:
            nuclei.append((str(number), result.nuclei, frame.nuclei))
        for name, own in _rocs(predicted, frame):
            maps[name] = maps[name] + own if name in maps else own
    report = evaluate(cells)
    scores = {"SM": report.sm, "AP .50": report.ap["0.50"], "SEG": report.seg}
    if nuclei:
        scores["AP .50 of nuclei"] = evaluate(nuclei).ap["0.50"]
    for name, pooled in maps.items():
        scores[f"{name} map, AUC"] = pooled.auc
        scores[f"{name} map, accuracy"] = pooled.counts().accuracy
    return scores


def _without_nucleus(frame: CellsFrame) -> NDArray[np.bool_]:
    """Where there are cells whose nucleus is not in the image."""
    bare = np.ones(int(frame.cells.max()) + 1, bool)
    bare[np.unique(frame.nuclei)] = False
    bare[0] = False
    return bare[frame.cells]


def _drop(labels: Labels, where: NDArray[np.bool_]) -> Labels:
    """Labels without those of which more than a half lies somewhere."""
    sizes = np.bincount(labels.ravel())
    inside = np.bincount(labels[where], minlength=sizes.size)
    dropped = 2 * inside > sizes
    dropped[0] = False
    return np.where(dropped[labels], 0, labels)


def _rocs(predicted: Maps, frame: CellsFrame) -> Iterator[tuple[str, Roc]]:
    inside = frame.nuclei > 0
    truth = {"nucleus": inside, "cytoplasm": (frame.cells > 0) & ~inside}
    for name, mask in truth.items():
        probability = predicted.get(name)
        if probability is not None:
            yield name, roc(probability, mask)


def _time(recipes: Sequence[Recipe]) -> dict[str, float | None]:
    """Time one large image from its pixels to its labels, the model being loaded."""
    print(f"\n{LARGE[0]}x{LARGE[1]} px end to end, median of {RUNS}\n")
    stack = Stack.from_array(_image(0, LARGE).cell_channel, pixel_size=PIXEL_SIZE)
    table("measure", "paper", *(recipe.name for recipe in recipes))
    seconds: dict[str, float | None] = {
        recipe.name: _seconds(stack, recipe) for recipe in recipes
    }
    row("seconds", SECONDS, *seconds.values())
    return seconds


def _seconds(stack: Stack, recipe: Recipe) -> float:
    pipeline = Pipeline(stack, memory=0)
    ready = resolve(recipe, pipeline)
    (taken,) = milliseconds(lambda: pipeline.segment(0, ready), runs=RUNS)
    return round(taken / 1000, 3)
