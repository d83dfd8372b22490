"""The nuclei of one frame for training: their kind, their forms, where they lie."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from napari_cellseg.simulate.crowd import push_apart, scatter
from napari_cellseg.simulate.outline import Outline

MOST_NUCLEI = 500


@dataclass(frozen=True)
class Style:
    """What the nuclei of one frame have in common; every frame draws its own."""

    spread: float
    aspect: float
    roughness: float
    bend: float
    lobes: float
    rim: float
    grain: float
    contrast: float
    nucleoli: int
    hole: float
    brightness_spread: float
    mitotic: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Style:
        """Draw a kind of nucleus."""
        odd = rng.random(6)
        return cls(
            spread=rng.uniform(0.04, 0.3),
            aspect=1 + rng.gamma(2.0, 0.18) + (odd[0] < 0.1) * rng.uniform(0.4, 1.4),
            roughness=rng.uniform(0.005, 0.045) + (odd[1] < 0.12) * 0.04,
            bend=(odd[2] < 0.3) * rng.uniform(0.05, 0.35),
            lobes=(odd[3] < 0.06) * rng.uniform(0.08, 0.18),
            rim=rng.uniform(0.08, 0.6) if odd[4] < 0.8 else 1.0,
            grain=rng.uniform(0.03, 0.15),
            contrast=rng.uniform(0.02, 0.3),
            nucleoli=int(rng.integers(0, 6)),
            hole=rng.uniform(0.1, 0.85) if odd[5] < 0.75 else -rng.uniform(0.3, 1.5),
            brightness_spread=rng.uniform(0.05, 0.3) if rng.random() < 0.5 else 0.9,
            mitotic=rng.uniform(0, 0.08) if rng.random() < 0.6 else 0.0,
        )


def population(
    rng: np.random.Generator, style: Style, shape: tuple[int, int], diameter: float
) -> list[Outline]:
    """Draw outlines over the frame and a margin, so that the border cuts some."""
    margin = 0.6 * diameter
    high = (shape[0] + margin, shape[1] + margin)
    cover = rng.beta(1.3, 2.2) * 0.9
    area = np.pi / 4 * diameter**2
    number = int(cover * (high[0] + margin) * (high[1] + margin) / area + rng.random())
    most = int(MOST_NUCLEI * max(shape[0] * shape[1] / 256**2, 0.1))
    # mitosis may double them, and labels are uint16
    number = min(number, most, 30000)
    radii = 0.5 * diameter * np.exp(rng.normal(0, style.spread, number))
    grouped = rng.random() if rng.random() < 0.6 else 0.0
    centres = scatter(rng, number, (-margin, -margin), high, grouped, 0.9 * diameter)
    centres = push_apart(centres, radii, rng.uniform(0.85, 1.1))
    common = rng.uniform(0, 2 * np.pi) if rng.random() < 0.3 else None
    outlines: list[Outline] = []
    for (y, x), radius in zip(centres, radii, strict=True):
        form = _form(rng, style, common)
        outlines.append(replace(form, y=float(y), x=float(x), radius=float(radius)))
    return [part for o in outlines for part in _mitosis(rng, style, o)]


def _form(rng: np.random.Generator, style: Style, common: float | None) -> Outline:
    orders = np.arange(2, 8)
    size = style.roughness * (2.5 / orders) ** 1.5
    harmonics = (rng.normal(0, 1, 6) + 1j * rng.normal(0, 1, 6)) * size
    harmonics[1] += style.lobes * np.exp(2j * np.pi * rng.random())
    angle = rng.uniform(0, 2 * np.pi) if common is None else rng.normal(common, 0.2)
    return Outline(
        y=0,
        x=0,
        radius=1,
        aspect=1 + (style.aspect - 1) * rng.gamma(4.0, 0.25),
        angle=float(angle),
        bend=style.bend * rng.uniform(-1, 1),
        harmonics=tuple(complex(h) for h in harmonics),
    )


def _mitosis(rng: np.random.Generator, style: Style, cell: Outline) -> list[Outline]:
    """Turn some nuclei into a metaphase plate or into the two plates of anaphase."""
    if rng.random() >= style.mitotic:
        return [cell]
    plate = replace(
        cell, radius=0.6 * cell.radius, aspect=rng.uniform(2, 3.5), bend=0.0
    )
    if rng.random() < 0.5:
        return [plate]
    apart = plate.radius * rng.uniform(0.75, 1.6)
    dy, dx = np.cos(plate.angle) * apart, -np.sin(plate.angle) * apart
    bent = rng.uniform(0, 0.12)
    return [
        replace(plate, y=cell.y + side * dy, x=cell.x + side * dx, bend=-side * bent)
        for side in (-1, 1)
    ]
