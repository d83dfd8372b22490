"""What a stained nucleus looks like inside: chromatin grains, nucleoli, a rim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.simulate.outline import Patch

SIDE = 48
EXTENT = 1.5


@dataclass(frozen=True)
class Stain:
    """How much light a nucleus sends, and from where.

    Attributes
    ----------
    brightness : float
        Light of a fully stained pixel (photons).
    texture : (SIDE, SIDE) float32
        Relative brightness in the nucleus's own coordinates, about 1.
    rim : float
        Part of the radius over which the nucleus thins out towards its edge.
    """

    brightness: float
    texture: NDArray[np.float32]
    rim: float = 0.25


def chromatin(
    rng: np.random.Generator,
    grain: float,
    contrast: float,
    nucleoli: int,
    hole: float,
) -> NDArray[np.float32]:
    """Draw one nucleus's texture.

    Parameters
    ----------
    rng : numpy.random.Generator
    grain : float
        Size of the chromatin grains (radii of the nucleus).
    contrast : float
        Standard deviation of the grains' relative brightness.
    nucleoli : int
        Number of nucleoli.
    hole : float
        How much darker a nucleolus is: 1 is black; below 0 they are bright spots.

    Returns
    -------
    (SIDE, SIDE) float32
        Relative brightness over ``-EXTENT ... EXTENT`` radii, mean about 1.
    """
    texture = rng.standard_normal((SIDE, SIDE), np.float32)
    fine = cv2.GaussianBlur(texture, (0, 0), max(grain * SIDE / (2 * EXTENT), 0.5))
    coarse = cv2.GaussianBlur(fine, (0, 0), 4.0)
    fine = fine / (fine.std() + 1e-6) + 0.5 * coarse / (coarse.std() + 1e-6)
    texture = np.exp(contrast * fine)
    for _ in range(nucleoli):
        texture *= 1 - hole * _spot(rng)
    return np.asarray(texture, np.float32)


def _spot(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a roundish spot inside the nucleus, 1 within and 0 outside."""
    radius = rng.uniform(0.1, 0.28)
    distance, angle = 0.65 * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
    cy, cx = distance * np.sin(angle), distance * np.cos(angle)
    axis = np.linspace(-EXTENT, EXTENT, SIDE, dtype=np.float32)
    skew = rng.uniform(0.7, 1.4)
    squared = ((axis - cy) * skew)[:, None] ** 2 + ((axis - cx) / skew)[None] ** 2
    return np.asarray(np.exp(-((squared / radius**2) ** 2)), np.float32)


def light(patch: Patch, stain: Stain) -> NDArray[np.float32]:
    """Light that a nucleus sends from the pixels of its patch (photons), ``(h, w)``."""
    inside = np.clip((1 - patch.rho) / stain.rim, 0, 1)
    inside = inside * (2 - inside)
    scale = (SIDE - 1) / (2 * EXTENT)
    texture = cv2.remap(
        stain.texture,
        (patch.u + EXTENT) * scale,
        (patch.v + EXTENT) * scale,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.asarray(stain.brightness * inside * texture, np.float32)
