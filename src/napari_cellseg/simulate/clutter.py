"""What lies in a frame besides nuclei: haze, debris, uneven background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.simulate.optics import blur, smooth_field

if TYPE_CHECKING:
    from numpy.typing import NDArray


def haze(
    rng: np.random.Generator, shape: tuple[int, int], diameter: float, peak: float
) -> NDArray[np.float32]:
    """Draw light from nuclei far out of focus, too blurred to have an outline."""
    canvas = np.zeros(shape, np.float32)
    if rng.random() < 0.5:
        return canvas
    number = int(rng.integers(1, 2 + min(int(canvas.size / diameter**2 / 4), 40)))
    for y, x in rng.uniform((0, 0), shape, (number, 2)):
        radius = int(0.5 * diameter * rng.uniform(0.7, 1.3)) + 1
        level = peak * rng.uniform(0.05, 0.5)
        cv2.circle(canvas, (int(x), int(y)), radius, level, cv2.FILLED)
    return blur(canvas, diameter * rng.uniform(0.4, 0.9))


def debris(
    rng: np.random.Generator, shape: tuple[int, int], diameter: float, peak: float
) -> NDArray[np.float32]:
    """Draw specks that are no nuclei: far smaller, some of them very bright."""
    canvas = np.zeros(shape, np.float32)
    if rng.random() < 0.6:
        return canvas
    for y, x in rng.uniform((0, 0), shape, (int(rng.integers(1, 25)), 2)):
        level = peak * float(np.exp(rng.uniform(np.log(0.1), np.log(3))))
        radius = int(diameter * rng.uniform(0.0, 0.09))
        cv2.circle(canvas, (int(x), int(y)), radius, level, cv2.FILLED)
    return canvas


def background(
    rng: np.random.Generator, shape: tuple[int, int], level: float
) -> NDArray[np.float32]:
    """Draw light where there is no nucleus: even, sloping or cloudy."""
    kind = rng.random()
    if kind < 0.4:
        return np.full(shape, level, np.float32)
    grid = 2 if kind < 0.7 else 5
    depth = np.float32(rng.uniform(0.2, 1.2))
    return np.asarray(level * (1 + depth * (smooth_field(rng, shape, grid) - 0.5)))
