"""What each published system was measured on, and by which measures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import cv2

from _data import FULLY_LABELLED, GOWT1, archive, sequence
from napari_cellseg.io.images import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from _data import Sample
    from napari_cellseg.metrics import Report

    Measure = Callable[[Report], float]

HeldOut: TypeAlias = "tuple[str, ...]"
"""Names of the images that a model's training left out, by its card."""

SIDE = 256
DIC = "DIC-C2DH-HeLa"


@dataclass(frozen=True)
class Ground:
    """Images that systems are compared on.

    Attributes
    ----------
    title
        What is above its table.
    samples
        Reads them, given the folder of the data and the names of what is held out.
    paper
        What the paper reports of each measure, where these are the paper's images.
    """

    title: str
    samples: Callable[[Path, HeldOut], Iterable[Sample]]
    paper: Mapping[str, float]


def _silver(data: Path, _: HeldOut) -> Iterator[Sample]:
    yield sequence(data, GOWT1, "01", "ST", None)


def _gold(data: Path, _: HeldOut) -> Iterator[Sample]:
    yield sequence(data, GOWT1, "01", "GT", FULLY_LABELLED["01"])


def _bowl(data: Path, held: HeldOut) -> Iterator[Sample]:
    names = set(held)
    return archive(data / "dsb2018", lambda row: row["id"] in names)


def _bowl_small(data: Path, held: HeldOut) -> Iterator[Sample]:
    for stack, truths in _bowl(data, held):
        image = cv2.resize(stack.frame(0), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        truth = cv2.resize(truths[0], (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
        yield Stack.from_array(image, stack.name), {0: truth}


def _contrast(data: Path, held: HeldOut) -> Iterator[Sample]:
    frames: dict[str, set[int]] = defaultdict(set)
    for name in held:
        number, _, frame = name.rpartition("/")
        frames[number].add(int(frame.lstrip("t")))
    for number, wanted in sorted(frames.items()):
        yield sequence(data, DIC, number, "ST", wanted)


_PIXELS_256 = f"dsb2018, held out, at {SIDE}x{SIDE} px as in the paper"
_PIXELS_FULL = "dsb2018, held out, at full size"

MEASURES: dict[str, Measure] = {
    "pixel accuracy": lambda report: report.pixels.accuracy,
    "pixel precision": lambda report: report.pixels.precision,
    "pixel recall": lambda report: report.pixels.recall,
    "pixel F1": lambda report: report.pixels.f1,
    "pixel IoU": lambda report: report.pixels.iou,
    "centroid precision": lambda report: report.centroids.errors.precision,
    "centroid recall": lambda report: report.centroids.errors.recall,
    "mean centroid distance (px)": lambda report: report.centroids.mean_distance,
    "success rate": lambda report: report.success_rate,
    "DSB score": lambda report: report.dsb_score,
    "AP .50": lambda report: report.ap["0.50"],
    "SM": lambda report: report.sm,
    "SEG": lambda report: report.seg,
}

GROUNDS: dict[str, tuple[Ground, ...]] = {
    "draghici2025": (
        Ground(
            "GOWT1 01, silver truth",
            _silver,
            {
                "pixel F1": 0.954,
                "pixel IoU": 0.9123,
                "centroid precision": 0.9349,
                "centroid recall": 0.9870,
                "mean centroid distance (px)": 1.03,
            },
        ),
        Ground("GOWT1 01, fully labelled gold frames", _gold, {}),
    ),
    "aydin2022": (
        # the paper's success rate is of other images
        Ground(_PIXELS_256, _bowl_small, {"pixel accuracy": 0.973}),
        Ground(_PIXELS_FULL, _bowl, {}),
    ),
    "elmokhtari2023": (
        # the paper's DSB score is of the challenge's second stage
        Ground(
            _PIXELS_256,
            _bowl_small,
            {
                "DSB score": 0.5187,
                "pixel accuracy": 0.9624,
                "pixel precision": 0.8873,
                "pixel recall": 0.9192,
                "pixel F1": 0.8961,
            },
        ),
        Ground(_PIXELS_FULL, _bowl, {}),
    ),
    "lin2022": (Ground(f"{DIC}, held out frames", _contrast, {"SEG": 0.919}),),
}

BY_CARD = {"aydin2022", "elmokhtari2023", "lin2022"}
"""Systems whose data are split at random: the model's card says what was left out."""
