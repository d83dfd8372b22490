"""Single frames of great variety, to train networks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.simulate.chromatin import Stain, chromatin
from napari_cellseg.simulate.clutter import background, debris, haze
from napari_cellseg.simulate.optics import blur, expose, illumination
from napari_cellseg.simulate.outline import Outline, Patch, rasterize
from napari_cellseg.simulate.preparation import Style, population
from napari_cellseg.simulate.scene import emission, territory

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_SHOWN = 0.35
TEXTURES = 24


def simulate_frame(
    rng: np.random.Generator,
    shape: tuple[int, int] = (256, 256),
    diameter: float = 30.0,
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Draw one frame of fluorescent nuclei and its exact labels.

    Every call draws another preparation: density and clustering, form (round, long,
    bean, lobed, mitotic), chromatin and nucleoli, brightness from nucleus to nucleus
    (up to twenty-fold), defocus, haze, debris, background, illumination, noise, and
    camera. None is dimmer than the noise lets a viewer see; haze and debris carry no
    label.

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
    level = peak * float(np.exp(rng.uniform(np.log(0.003), np.log(0.6))))
    read_noise = rng.uniform(0, 2.5)
    noise = float(np.hypot(np.sqrt(level), read_noise))
    outlines = population(rng, style, shape, diameter)
    patches, labels = _visible([rasterize(o, shape) for o in outlines], shape)
    faintest = min(noise * max(0.6, 14 / diameter), 1.5 * peak)
    textures = _textures(rng, style)
    stains = [_stain(rng, style, peak, faintest, textures, o) for o in outlines]
    light = _through_focus(rng, patches, stains, shape, diameter)
    light += haze(rng, shape, diameter, peak) + debris(rng, shape, diameter, peak)
    light = blur(light, diameter * rng.uniform(0.005, 0.05) + rng.uniform(0.3, 0.8))
    light += background(rng, shape, level)
    light *= illumination(rng, shape, rng.uniform(0, 0.6) if rng.random() < 0.4 else 0)
    return _camera(rng, light, read_noise), labels.astype(np.uint16)


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
