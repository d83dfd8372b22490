"""Whole cells: a body, a nucleus within, processes that reach out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.simulate.chromatin import chromatin
from napari_cellseg.simulate.crowd import push_apart, scatter
from napari_cellseg.simulate.outline import Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ORDERS = np.arange(2, 7)


@dataclass(frozen=True)
class Culture:
    """What the cells of a field have in common; every field draws its own.

    Attributes
    ----------
    cover : float
        Area of all cells over that of the field.
    ratio : float
        Mean area of a cell over that of its nucleus.
    spread : float
        Standard deviation of the logarithm of a cell's radius.
    aspect : float
        Mean length over width of a body.
    processes : float
        Mean number of processes of a cell.
    clustering : float
        Share of the cells that lie in groups.
    roughness : float
        Irregularity of the outlines.
    brightness_spread, dim : float
        Standard deviation of the logarithm of the brightness, and the share of the
        cells that are far dimmer.
    grain, contrast : float
        Size (radii of a cell) and depth of the cytoplasm's texture.
    """

    cover: float
    ratio: float
    spread: float
    aspect: float
    processes: float
    clustering: float
    roughness: float
    brightness_spread: float
    dim: float
    grain: float
    contrast: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Culture:
        """Draw a kind of cell and how densely it grows."""
        spindles = rng.random() < 0.25
        return cls(
            cover=rng.uniform(0.25, 0.95),
            ratio=rng.uniform(3.2, 4.8),
            spread=rng.uniform(0.06, 0.16),
            aspect=rng.uniform(1.8, 2.6) if spindles else rng.uniform(1.1, 1.6),
            processes=rng.uniform(0, 2.5),
            clustering=rng.uniform(0, 0.8),
            roughness=rng.uniform(0.02, 0.06),
            brightness_spread=rng.uniform(0.1, 0.4),
            dim=rng.uniform(0, 0.2),
            grain=rng.uniform(0.02, 0.09),
            contrast=rng.uniform(0.08, 0.4),
        )


@dataclass(frozen=True)
class WholeCell:
    """A cell of two compartments.

    Attributes
    ----------
    body, nucleus : Outline
        Their places are in the field (px).
    processes : tuple of Outline
        Thin parts that reach out of the body.
    brightness, dna : float
        Of its cytoplasm and of its nucleus in the nuclear channel, 1 is typical.
    texture, chromatin : float32 arrays of shape (SIDE, SIDE)
        Relative brightness in the coordinates of the body and of the nucleus.
    """

    body: Outline
    nucleus: Outline
    processes: tuple[Outline, ...]
    brightness: float
    dna: float
    texture: NDArray[np.float32]
    chromatin: NDArray[np.float32]

    def moved(self, dy: float, dx: float) -> WholeCell:
        """Put it elsewhere, as it is (px)."""

        def shift(part: Outline) -> Outline:
            return replace(part, y=part.y + dy, x=part.x + dx)

        return replace(
            self,
            body=shift(self.body),
            nucleus=shift(self.nucleus),
            processes=tuple(shift(p) for p in self.processes),
        )


def grow_culture(
    rng: np.random.Generator,
    culture: Culture,
    shape: tuple[int, int],
    nucleus_diameter: float,
) -> list[WholeCell]:
    """Draw cells over the field and a margin, so that the border cuts some."""
    radius = 0.5 * nucleus_diameter * np.sqrt(culture.ratio)
    margin = 1.5 * radius
    high = (shape[0] + margin, shape[1] + margin)
    field = (high[0] + margin) * (high[1] + margin)
    number = min(int(culture.cover * field / (np.pi * radius**2)) + 1, 30000)
    radii = radius * np.exp(rng.normal(0, culture.spread, number))
    centres = scatter(
        rng, number, (-margin, -margin), high, culture.clustering, 2 * radius
    )
    centres = push_apart(centres, radii, rng.uniform(0.85, 1.0), rounds=30)
    return [
        _cell(rng, culture, float(y), float(x), float(r), nucleus_diameter)
        for (y, x), r in zip(centres, radii, strict=True)
    ]


def _cell(
    rng: np.random.Generator,
    culture: Culture,
    y: float,
    x: float,
    radius: float,
    nucleus_diameter: float,
) -> WholeCell:
    angle = rng.uniform(0, 2 * np.pi)
    aspect = 1 + (culture.aspect - 1) * rng.gamma(4.0, 0.25)
    aspect = min(aspect, 0.8 * culture.ratio)
    body = Outline(y, x, radius, aspect, angle, 0.0, _rough(rng, culture.roughness))
    aside = 0.1 * radius * rng.normal(0, 1, 2).clip(-2, 2)
    nucleus = Outline(
        y + aside[0],
        x + aside[1],
        0.5 * nucleus_diameter * float(np.exp(rng.normal(0, 0.08))),
        1 + 0.4 * (aspect - 1) + rng.gamma(2.0, 0.06),
        angle + rng.normal(0, 0.2),
        0.0,
        _rough(rng, 0.02),
    )
    dim = rng.random() < culture.dim
    spread = float(np.exp(rng.normal(0, culture.brightness_spread)))
    return WholeCell(
        body,
        nucleus,
        tuple(_process(rng, body) for _ in range(rng.poisson(culture.processes))),
        rng.uniform(0.2, 0.35) if dim else spread,
        float(np.exp(rng.normal(0, 0.15))),
        chromatin(rng, culture.grain, culture.contrast, int(rng.integers(0, 4)), 0.5),
        chromatin(rng, 0.08, 0.12, int(rng.integers(0, 4)), 0.5),
    )


def _rough(rng: np.random.Generator, size: float) -> tuple[complex, ...]:
    scale = size * (2.5 / _ORDERS) ** 1.2
    drawn = (rng.normal(0, 1, 5) + 1j * rng.normal(0, 1, 5)) * scale
    return tuple(complex(c) for c in drawn)


def _process(rng: np.random.Generator, body: Outline) -> Outline:
    """Draw a long thin ellipse that begins within the body and leaves it."""
    angle = rng.uniform(0, 2 * np.pi)
    length, width = body.radius * rng.uniform(1.0, 1.8), rng.uniform(3.0, 7.0)
    away = 0.5 * body.radius + 0.5 * length
    return Outline(
        body.y + away * np.sin(angle),
        body.x + away * np.cos(angle),
        0.5 * float(np.sqrt(length * width)),
        length / width,
        angle,
        rng.uniform(-0.03, 0.03),
    )
