"""Single frames of great variety, to train networks on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.simulate.chromatin import Stain, chromatin
from napari_cellseg.simulate.crowd import push_apart, scatter
from napari_cellseg.simulate.optics import blur, expose, illumination, smooth_field
from napari_cellseg.simulate.outline import Outline, Patch, rasterize
from napari_cellseg.simulate.scene import emission, territory

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_SHOWN = 0.35
MOST_NUCLEI = 500
TEXTURES = 24


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


def simulate_frame(
    rng: np.random.Generator,
    shape: tuple[int, int] = (256, 256),
    diameter: float = 30.0,
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Draw one frame of fluorescent nuclei and its exact labels.

    Every call draws another preparation: density and clustering, form (round, long,
    bean, lobed, mitotic), chromatin and nucleoli, brightness from nucleus to nucleus
    (up to twenty-fold), defocus, haze, debris, background, illumination, noise, and
    camera. Nuclei too dim to be told from the noise are not drawn; haze and debris
    carry no label.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all randomness: the same state gives the same frame.
    shape : tuple of int
        ``(Y, X)`` (pixels).
    diameter : float
        Mean diameter of the nuclei (pixels), best between 6 and a shape's half.

    Returns
    -------
    image : (Y, X) uint16
        Grey levels, of a camera of 8, 12 or 16 bits.
    labels : (Y, X) uint16
        0 is background; 1 ... N without gaps. A frame may hold no nucleus.

    Examples
    --------
    >>> image, labels = simulate_frame(np.random.default_rng(1), (64, 64), 16)
    >>> image.shape, str(labels.dtype), bool(labels.max() > 1)
    ((64, 64), 'uint16', True)
    """
    style = Style.draw(rng)
    peak = float(np.exp(rng.uniform(np.log(8), np.log(3000))))
    background = peak * float(np.exp(rng.uniform(np.log(0.003), np.log(0.6))))
    read_noise = rng.uniform(0, 2.5)
    noise = float(np.hypot(np.sqrt(background), read_noise))
    outlines = _population(rng, style, shape, diameter)
    patches, labels = _visible([rasterize(o, shape) for o in outlines], shape)
    faintest = min(noise * max(0.6, 14 / diameter), 1.5 * peak)
    textures = _textures(rng, style)
    stains = [_stain(rng, style, peak, faintest, textures, o) for o in outlines]
    light = _through_focus(rng, patches, stains, shape, diameter)
    light += _haze(rng, shape, diameter, peak) + _debris(rng, shape, diameter, peak)
    light = blur(light, diameter * rng.uniform(0.005, 0.05) + rng.uniform(0.3, 0.8))
    light += _background(rng, shape, background)
    light *= illumination(rng, shape, rng.uniform(0, 0.6) if rng.random() < 0.4 else 0)
    return _camera(rng, light, read_noise), labels.astype(np.uint16)


def _population(
    rng: np.random.Generator, style: Style, shape: tuple[int, int], diameter: float
) -> list[Outline]:
    """Outlines over the frame and a margin, so that the border cuts some."""
    margin = 0.6 * diameter
    high = (shape[0] + margin, shape[1] + margin)
    cover = rng.beta(1.3, 2.2) * 0.9
    area = np.pi / 4 * diameter**2
    number = int(cover * (high[0] + margin) * (high[1] + margin) / area + rng.random())
    number = min(number, int(MOST_NUCLEI * max(shape[0] * shape[1] / 256**2, 0.1)))
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


def _visible(
    patches: list[Patch | None], shape: tuple[int, int]
) -> tuple[list[Patch | None], NDArray[np.int32]]:
    """Drop the nuclei that others hide for the most part; number the rest."""
    owner = territory(patches, shape)
    seen = np.bincount(owner.ravel(), minlength=len(patches) + 1)[1:]
    whole = np.array([0 if p is None else int((p.rho < 1).sum()) for p in patches])
    kept = (seen >= np.maximum(LEAST_SHOWN * whole, 4)) & (whole > 0)
    shown = [p if k else None for p, k in zip(patches, kept, strict=True)]
    if np.any(~kept & (whole > 0)):
        owner = territory(shown, shape)
    numbers = np.unique(owner[owner > 0])
    table = np.zeros(len(patches) + 1, np.int32)
    table[numbers] = np.arange(1, len(numbers) + 1)
    return shown, table[owner]


def _textures(rng: np.random.Generator, style: Style) -> list[NDArray[np.float32]]:
    """Draw textures for the frame's nuclei to share; the first has no nucleoli."""
    holes = [0, *rng.integers(0, style.nucleoli + 1, TEXTURES).tolist()]
    return [chromatin(rng, style.grain, style.contrast, n, style.hole) for n in holes]


def _stain(
    rng: np.random.Generator,
    style: Style,
    peak: float,
    faintest: float,
    textures: list[NDArray[np.float32]],
    cell: Outline,
) -> Stain:
    if style.brightness_spread > 0.5:
        relative = float(np.exp(rng.uniform(np.log(0.05), 0)))
    else:
        relative = float(np.exp(rng.normal(-0.3, style.brightness_spread)))
    texture = textures[int(rng.integers(1, len(textures)))]
    if cell.aspect > 2 and style.mitotic:
        relative, texture = 1.5 * relative, textures[0]
    return Stain(max(peak * relative, faintest), texture, style.rim)


def _through_focus(
    rng: np.random.Generator,
    patches: list[Patch | None],
    stains: list[Stain],
    shape: tuple[int, int],
    diameter: float,
) -> NDArray[np.float32]:
    """Light of the nuclei, a share of them somewhat out of focus."""
    share = rng.uniform(0, 0.6) if rng.random() < 0.4 else 0.0
    far = rng.random(len(patches)) < share
    near = emission(
        [None if f else p for p, f in zip(patches, far, strict=True)], stains, shape
    )
    if not far.any():
        return near
    soft = emission(
        [p if f else None for p, f in zip(patches, far, strict=True)], stains, shape
    )
    return near + blur(soft, diameter * rng.uniform(0.03, 0.1))


def _haze(
    rng: np.random.Generator, shape: tuple[int, int], diameter: float, peak: float
) -> NDArray[np.float32]:
    """Light from nuclei far out of focus, too blurred to have an outline."""
    canvas = np.zeros(shape, np.float32)
    if rng.random() < 0.5:
        return canvas
    number = int(rng.integers(1, 2 + min(int(canvas.size / diameter**2 / 4), 40)))
    for y, x in rng.uniform((0, 0), shape, (number, 2)):
        radius = int(0.5 * diameter * rng.uniform(0.7, 1.3)) + 1
        level = peak * rng.uniform(0.05, 0.5)
        cv2.circle(canvas, (int(x), int(y)), radius, level, cv2.FILLED)
    return blur(canvas, diameter * rng.uniform(0.4, 0.9))


def _debris(
    rng: np.random.Generator, shape: tuple[int, int], diameter: float, peak: float
) -> NDArray[np.float32]:
    """Specks that are no nuclei: far smaller, some of them very bright."""
    canvas = np.zeros(shape, np.float32)
    if rng.random() < 0.6:
        return canvas
    for y, x in rng.uniform((0, 0), shape, (int(rng.integers(1, 25)), 2)):
        level = peak * float(np.exp(rng.uniform(np.log(0.1), np.log(3))))
        radius = int(diameter * rng.uniform(0.0, 0.09))
        cv2.circle(canvas, (int(x), int(y)), radius, level, cv2.FILLED)
    return canvas


def _background(
    rng: np.random.Generator, shape: tuple[int, int], level: float
) -> NDArray[np.float32]:
    kind = rng.random()
    if kind < 0.4:
        return np.full(shape, level, np.float32)
    grid = 2 if kind < 0.7 else 5
    depth = np.float32(rng.uniform(0.2, 1.2))
    return np.asarray(level * (1 + depth * (smooth_field(rng, shape, grid) - 0.5)))


def _camera(
    rng: np.random.Generator, light: NDArray[np.float32], read_noise: float
) -> NDArray[np.uint16]:
    """Expose a camera of 8, 12 or 16 bits, well or badly set."""
    top = int(rng.choice([255, 4095, 65535], p=[0.5, 0.25, 0.25]))
    bright = float(np.percentile(light, 99.8)) + 4 * read_noise + 1
    fill = float(np.exp(rng.uniform(np.log(0.12), np.log(1.3))))
    offset = top * rng.uniform(0, 0.12)
    gain = fill * (top - offset) / bright
    return expose(rng, light, read_noise, gain, offset, top)
