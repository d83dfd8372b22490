"""The expected cell diameter, from the stack itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import ndimage

from napari_cellseg.postprocess import Postprocess, segment
from napari_cellseg.preprocess import LARGEST, SMALLEST, Scale

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
    """What one trial found.

    Attributes
    ----------
    diameters, weights : float64 array of shape (N,)
        Of each cell, and how much it counts.
    evidence : float
        How much of the image speaks for the trial. Cells count by their diameter to
        the power of 1.5: by area a few large blobs would win over many cells, by number
        the specks within cells would.
    """

    diameters: NDArray[np.float64]
    weights: NDArray[np.float64]
    evidence: float

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
    had one of several diameters. A cell found counts by its probability, by how well
    its size agrees with the trial's, and by how well its form agrees with the distances
    predicted. The trial with the most evidence wins; a prediction at its median gives
    the estimate.

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
        if best is None or pooled.evidence > best.evidence:
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
    diameter = min(max(round(final.median(), 1), SMALLEST), LARGEST)
    yield Estimate(diameter, final.diameters.size)


def _sample(length: int) -> list[int]:
    """Frames spread from the first to the last."""
    return sorted({int(t) for t in np.linspace(0, length - 1, FRAMES).round()})


def _trial(
    image: NDArray[np.float32], diameter: float, pipeline: Pipeline, recipe: Recipe
) -> Vote:
    window = _busiest_window(image, round(REACH * diameter))
    scale = Scale(diameter=diameter)
    maps = pipeline.predictor(recipe)(window, scale, recipe.network)
    return _vote(maps, diameter)


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


def _vote(maps: Maps, diameter: float) -> Vote:
    probability = maps["foreground"]
    distance = maps.get("distance")
    # the recipe's own settings are left out: they are tuned once the size is known
    landscape = "distance map" if distance is not None else "distance transform"
    settings = Postprocess(landscape=landscape).fit(diameter)
    labels = segment(probability, distance, settings)
    areas = np.bincount(labels.ravel())[1:].astype(np.float64)
    sums = np.bincount(labels.ravel(), probability.ravel())[1:]
    diameters = np.sqrt(4 / np.pi * areas)
    agreement = np.exp(-(np.log(diameters / diameter) ** 2) / (2 * TOLERANCE**2))
    weights = (sums / areas) ** 2 * agreement
    if distance is not None:
        weights *= _coherence(labels, distance)
    return Vote(
        diameters, weights, float((weights * diameters**1.5).sum()) / labels.size
    )


def _coherence(
    labels: NDArray[np.unsignedinteger], distance: NDArray[np.float32]
) -> NDArray[np.float64]:
    """How well each cell's greatest predicted distance fits its form, 0 ... 1.

    Where the size is wrong the network still finds foreground, but no distances.
    """
    ids = np.arange(1, int(labels.max()) + 1)
    mask = (labels > 0).astype(np.uint8)
    real = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    said, is_ = (
        np.clip(ndimage.maximum(values, labels, ids), 0.3, None)
        for values in (distance, real)
    )
    return np.asarray(np.minimum(said / is_, is_ / said) ** 2, np.float64)


def _pool(votes: list[Vote]) -> Vote:
    return Vote(
        np.concatenate([v.diameters for v in votes]),
        np.concatenate([v.weights for v in votes]),
        sum(v.evidence for v in votes),
    )
