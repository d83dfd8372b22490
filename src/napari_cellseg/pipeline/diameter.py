"""The expected cell diameter, from the stack itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.pipeline.votes import Vote, pieces, pool, vote
from napari_cellseg.preprocess import LARGEST, SMALLEST, Scale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cellseg.pipeline.stages import Pipeline
    from napari_cellseg.recipe import Recipe

logger = logging.getLogger(__name__)

# the network bears a factor of about two either way, so octaves suffice
TRIALS = (9.0, 18.0, 36.0, 72.0, 144.0)
FRAMES = 3
# side of what is looked at, in expected diameters
REACH = 16


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


def estimate_diameter(pipeline: Pipeline, recipe: Recipe) -> Estimate:
    """Estimate the median cell diameter from a few frames of a stack at once."""
    *_, estimate = estimate_steps(pipeline, recipe)
    assert estimate is not None
    return estimate


def estimate_steps(pipeline: Pipeline, recipe: Recipe) -> Iterator[Estimate | None]:
    """Estimate the median cell diameter, yielding None between predictions.

    Frames from the beginning, the middle and the end are looked at. Where a recipe
    brings cells to one diameter, they are segmented as if their cells had one of
    several. A cell found counts by its probability, by how well its size agrees with
    the trial's, and by how well its form agrees with the distances predicted. The trial
    with the most evidence wins; a prediction at its median gives the estimate. Where a
    recipe sets the scale otherwise, they are predicted once, at that scale.

    Parameters
    ----------
    pipeline : Pipeline
        Of the stack.
    recipe : Recipe
        With its scale in px, see `Recipe.calibrate`.

    Yields
    ------
    None or Estimate
        The estimate at the end.
    """
    by_trials = recipe.scale.to == "cell diameter"
    found: Vote | None = None
    for step in (_trials if by_trials else _as_set)(pipeline, recipe):
        found = step
        yield None
    if found is not None and found.weights.any():
        diameter = min(max(round(found.median(), 1), SMALLEST), LARGEST)
        yield Estimate(diameter, found.diameters.size)
        return
    diameter = pipeline.predictor(recipe).bundle.diameter
    logger.warning(
        "%s: no cell found to estimate the diameter from; taking %s px",
        pipeline.stack.name,
        diameter,
    )
    yield Estimate(diameter, 0)


def _trials(pipeline: Pipeline, recipe: Recipe) -> Iterator[Vote | None]:
    """Votes at the best of several diameters, at the end."""
    images = [pipeline.contrast(t, recipe) for t in _sample(len(pipeline.stack))]
    best: Vote | None = None
    for trial in TRIALS:
        votes = []
        for image in images:
            votes.append(_trial(image, trial, pipeline, recipe))
            yield None
        pooled = pool(votes)
        if best is None or pooled.evidence > best.evidence:
            best = pooled
    if best is None or not best.weights.any():
        return
    first = best.median()
    votes = []
    for image in images:
        votes.append(_trial(image, first, pipeline, recipe))
        yield None
    refined = pool(votes)
    yield refined if refined.weights.any() else best


def _as_set(pipeline: Pipeline, recipe: Recipe) -> Iterator[Vote | None]:
    """Votes at the recipe's own scale, at the end."""
    name, maps = recipe.postprocess.map, []
    for t in _sample(len(pipeline.stack)):
        for step in pipeline.predict(t, recipe):
            if step is not None:
                maps.append(step)
            yield None
    found = pool([pieces(own, name) for own in maps])
    if found.weights.any() and maps[0].instances is None:
        # once more, with those apart that touch
        first = found.median()
        split = pool([vote(own, name, first) for own in maps])
        found = split if split.weights.any() else found
    yield found


def _sample(length: int) -> list[int]:
    """Frames spread from the first to the last."""
    return sorted({int(t) for t in np.linspace(0, length - 1, FRAMES).round()})


def _trial(
    image: NDArray[np.float32], diameter: float, pipeline: Pipeline, recipe: Recipe
) -> Vote:
    window = _busiest_window(image, round(REACH * diameter))
    scale = Scale(diameter=diameter)
    maps = pipeline.predictor(recipe)(window, scale, recipe.network)
    return vote(maps, recipe.postprocess.map, diameter)


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
