"""The expected cell diameter, from the stack itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.postprocess import segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cellseg.network.maps import Maps
    from napari_cellseg.pipeline.stages import Pipeline
    from napari_cellseg.recipe import Recipe

logger = logging.getLogger(__name__)

# the network bears a factor of about two either way, so octaves suffice
TRIALS = (9.0, 18.0, 36.0, 72.0, 144.0)
FRAMES = 3
# side of what is looked at, in expected diameters
REACH = 16
# how far a cell's size may be from the trial's, as a spread of the logarithm
TOLERANCE = 0.5


@dataclass(frozen=True)
class Estimate:
    """A diameter and what it rests on.

    Attributes
    ----------
    diameter : float
        Expected cell diameter (px).
    cells : int
        Number of cells measured; 0 if none was found, and the diameter is the model's.
    """

    diameter: float
    cells: int


@dataclass(frozen=True)
class Vote:
    """Diameters that one trial found and how much each counts, float64 (N,) both."""

    diameters: NDArray[np.float64]
    weights: NDArray[np.float64]

    def median(self) -> float:
        """Diameter above and below which the cells count equally."""
        order = np.argsort(self.diameters)
        reached = np.cumsum(self.weights[order])
        return float(self.diameters[order][np.searchsorted(reached, reached[-1] / 2)])


def estimate_diameter(pipeline: Pipeline, recipe: Recipe) -> Estimate:
    """Estimate the median cell diameter from a few frames of a stack at once."""
    *_, estimate = estimate_steps(pipeline, recipe)
    assert estimate is not None
    return estimate


def estimate_steps(pipeline: Pipeline, recipe: Recipe) -> Iterator[Estimate | None]:
    """Estimate the median cell diameter, yielding None between predictions.

    Frames from the beginning, the middle and the end are segmented as if their cells
    had one of several diameters. A trial gathers votes: each cell found counts by its
    area, its probability squared, and how well its size agrees with the trial's. The
    trial with the most votes wins; a prediction at its median gives the estimate.

    Yields
    ------
    None or Estimate
        The estimate at the end.
    """
    frames = _sample(len(pipeline.stack))
    images = [pipeline.contrast(t, recipe) for t in frames]
    best: Vote | None = None
    for trial in TRIALS:
        votes = []
        for image in images:
            votes.append(_trial(image, trial, pipeline, recipe))
            yield None
        pooled = _pool(votes)
        if best is None or pooled.weights.sum() > best.weights.sum():
            best = pooled
    if best is None or not best.weights.any():
        diameter = pipeline.predictor(recipe).bundle.diameter
        logger.warning(
            "%s: no cell found to estimate the diameter from; taking %s px",
            pipeline.stack.name,
            diameter,
        )
        yield Estimate(diameter, 0)
        return
    first = best.median()
    votes = []
    for image in images:
        votes.append(_trial(image, first, pipeline, recipe))
        yield None
    refined = _pool(votes)
    final = refined if refined.weights.any() else best
    yield Estimate(round(final.median(), 1), final.diameters.size)


def _sample(length: int) -> list[int]:
    """Frames spread from the first to the last."""
    return sorted({int(t) for t in np.linspace(0, length - 1, FRAMES).round()})


def _trial(
    image: NDArray[np.float32], diameter: float, pipeline: Pipeline, recipe: Recipe
) -> Vote:
    window = _busiest_window(image, round(REACH * diameter))
    maps = pipeline.predictor(recipe)(window, diameter, recipe.network)
    return _vote(maps, diameter, recipe)


def _busiest_window(image: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Cut out the part, at most (side, side), whose intensities differ most."""
    height, width = (min(side, n) for n in image.shape)
    unrest = np.abs(image - np.median(image))
    sums = cv2.integral(unrest)  # (Y + 1, X + 1)
    total = (
        sums[height:, width:]
        - sums[:-height, width:]
        - sums[height:, :-width]
        + sums[:-height, :-width]
    )
    top, left = np.unravel_index(np.argmax(total), total.shape)
    return np.ascontiguousarray(image[top : top + height, left : left + width])


def _vote(maps: Maps, diameter: float, recipe: Recipe) -> Vote:
    probability = maps["foreground"]
    # lengths that were set for the image's own cells would not fit a trial's
    relative = recipe.postprocess.replace(h=None, smallest_area=None).fit(diameter)
    labels = segment(probability, maps.get("distance"), relative)
    areas = np.bincount(labels.ravel())[1:].astype(np.float64)
    sums = np.bincount(labels.ravel(), probability.ravel())[1:]
    diameters = np.sqrt(4 / np.pi * areas)
    agreement = np.exp(-(np.log(diameters / diameter) ** 2) / (2 * TOLERANCE**2))
    share = areas / labels.size
    return Vote(diameters, share * (sums / areas) ** 2 * agreement)


def _pool(votes: list[Vote]) -> Vote:
    return Vote(
        np.concatenate([v.diameters for v in votes]),
        np.concatenate([v.weights for v in votes]),
    )
