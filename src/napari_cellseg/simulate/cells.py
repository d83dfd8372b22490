"""Images of whole cells: bright cytoplasm, dark nuclei, and the nuclei in a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.simulate.chromatin import Stain, light
from napari_cellseg.simulate.clutter import background, debris
from napari_cellseg.simulate.compartments import compartments, depth
from napari_cellseg.simulate.crowd import push_apart
from napari_cellseg.simulate.optics import blur, expose, illumination
from napari_cellseg.simulate.outline import rasterize
from napari_cellseg.simulate.whole import Culture, WholeCell, grow_culture

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIXEL_SIZE = 0.65
"""Side of a pixel for which the sizes below are typical (µm)."""

NUCLEUS = 18.0
"""Mean diameter of a nucleus (px): 12 µm."""


@dataclass(frozen=True, eq=False)
class CellsFrame:
    """A simulated image of whole cells, or a movie, and the truth about it.

    Attributes
    ----------
    cell_channel : ([T,] Y, X) uint16
        Bright cytoplasm; nuclei are nearly as dark as the background.
    nuclear_channel : ([T,] Y, X) uint16
        The same field, nuclei bright.
    cells : ([T,] Y, X) uint16
        Whole cells, nuclei included: 0 is background, 1 ... N without gaps. In a movie
        a cell keeps its number.
    nuclei : ([T,] Y, X) uint16
        Their nuclei, by the numbers of the cells. A cell at the border whose nucleus
        lies beyond it has none.
    """

    cell_channel: NDArray[np.uint16]
    nuclear_channel: NDArray[np.uint16]
    cells: NDArray[np.uint16]
    nuclei: NDArray[np.uint16]


def simulate_cells(
    rng: np.random.Generator,
    shape: tuple[int, int] = (512, 512),
    nucleus_diameter: float = NUCLEUS,
) -> CellsFrame:
    """Draw an image of cells stained in the cytoplasm, and its exact truth.

    Every call draws another culture and another exposure: density, size, round cells or
    spindles, processes, brightness from cell to cell (some far dimmer), texture of the
    cytoplasm, how dark nuclei and how faint the seams between touching cells are,
    debris, uneven illumination and background, noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all randomness: the same state gives the same image.
    shape : tuple of int
        ``(Y, X)`` (px).
    nucleus_diameter : float
        Mean diameter of the nuclei (px), at least 8. A cell has about four times the
        area of its nucleus.

    Raises
    ------
    ValueError
        If the nuclei are too small to have a cytoplasm around them.

    Examples
    --------
    >>> frame = simulate_cells(np.random.default_rng(1), (96, 96), 18)
    >>> frame.cells.shape, bool(frame.cells.max() > 1)
    ((96, 96), True)
    >>> inside = frame.nuclei > 0
    >>> bool((frame.nuclei[inside] == frame.cells[inside]).all())
    True
    """
    movie = simulate_cells_movie(rng, 1, shape, nucleus_diameter, speed=0.0)
    return CellsFrame(
        movie.cell_channel[0], movie.nuclear_channel[0], movie.cells[0], movie.nuclei[0]
    )


def simulate_cells_movie(
    rng: np.random.Generator,
    frames: int = 10,
    shape: tuple[int, int] = (512, 512),
    nucleus_diameter: float = NUCLEUS,
    speed: float = 1.5,
) -> CellsFrame:
    """Draw a short movie of whole cells that wander and push each other.

    Cells neither divide nor change their form. For all else see `simulate_cells`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of all randomness.
    frames : int
        Length of the movie, at least 1.
    shape : tuple of int
        ``(Y, X)`` (px).
    nucleus_diameter : float
        Mean diameter of the nuclei (px), at least 8.
    speed : float
        Mean speed of a cell (px a frame).
    """
    if nucleus_diameter < 8 or frames < 1:
        raise ValueError(
            f"nucleus_diameter ({nucleus_diameter:g} px) must be at least 8, frames "
            f"({frames}) at least 1"
        )
    culture = Culture.draw(rng)
    cells = grow_culture(rng, culture, shape, nucleus_diameter)
    velocity = rng.normal(0, speed / 1.25, (len(cells), 2))
    exposure = _Exposure(rng, shape, nucleus_diameter)
    taken = []
    for t in range(frames):
        if t:
            kick = rng.normal(0, speed / 1.25, velocity.shape)
            velocity = 0.8 * velocity + 0.6 * kick
            cells = _move(cells, velocity)
        taken.append(exposure.take(cells))
    return _numbered(*(np.stack(part) for part in zip(*taken, strict=True)))


def _move(cells: list[WholeCell], velocity: NDArray[np.float64]) -> list[WholeCell]:
    centres = np.array([(c.body.y, c.body.x) for c in cells]).reshape(-1, 2)
    radii = np.array([c.body.radius for c in cells])
    moved = push_apart(centres + velocity, radii, 0.9)
    return [
        cell.moved(float(dy), float(dx))
        for cell, (dy, dx) in zip(cells, moved - centres, strict=True)
    ]


def _numbered(
    cell_channel: NDArray[np.uint16],
    nuclear_channel: NDArray[np.uint16],
    cells: NDArray[np.int32],
    nuclei: NDArray[np.int32],
) -> CellsFrame:
    """Give the cells that are in sight numbers without gaps."""
    seen = np.unique(cells[cells > 0])
    table = np.zeros(int(cells.max(initial=0)) + 1, np.uint16)
    table[seen] = np.arange(1, len(seen) + 1)
    return CellsFrame(cell_channel, nuclear_channel, table[cells], table[nuclei])


class _Exposure:
    """Stain, lamp, lens and camera: the same in every frame of a movie."""

    def __init__(
        self, rng: np.random.Generator, shape: tuple[int, int], diameter: float
    ) -> None:
        self.rng, self.shape, self.diameter = rng, shape, diameter
        self.peak = float(np.exp(rng.uniform(np.log(30), np.log(600))))
        self.nucleus = rng.uniform(0.03, 0.4)
        self.seam = rng.uniform(0.3, 0.75)
        self.rim = rng.uniform(2.0, 5.0)
        self.thinning = rng.uniform(0.5, 1.5) * diameter
        self.blur = rng.uniform(0.6, 1.4)
        self.read_noise = rng.uniform(0.5, 3.0)
        unevenness = rng.uniform(0, 0.6) if rng.random() < 0.7 else 0.0
        self.lamp = illumination(rng, shape, unevenness)
        level = self.peak * float(np.exp(rng.uniform(np.log(0.02), np.log(0.2))))
        self.empty = background(rng, shape, level)
        self.specks = debris(rng, shape, diameter, 0.5 * self.peak)
        self.bleed = rng.uniform(0, 0.03)
        self.gain = 20000 / (2 * self.peak)

    def take(
        self, cells: list[WholeCell]
    ) -> tuple[
        NDArray[np.uint16], NDArray[np.uint16], NDArray[np.int32], NDArray[np.int32]
    ]:
        """Take both channels, and tell whose pixels they are."""
        owner, nuclei = compartments(cells, self.shape)
        cytoplasm = self._cytoplasm(cells, owner, nuclei)
        dna = self._dna(cells, nuclei) + self.bleed * cytoplasm
        return (
            self._photograph(cytoplasm + self.specks),
            self._photograph(dna),
            owner,
            nuclei,
        )

    def _photograph(self, emitted: NDArray[np.float32]) -> NDArray[np.uint16]:
        haze = 0.06 * blur(emitted, self.diameter)
        photons = (blur(emitted, self.blur) + haze + self.empty) * self.lamp
        return expose(self.rng, photons, self.read_noise, self.gain, 100.0)

    def _cytoplasm(
        self,
        cells: list[WholeCell],
        owner: NDArray[np.int32],
        nuclei: NDArray[np.int32],
    ) -> NDArray[np.float32]:
        """Light of the stain: bright by the nucleus, thin at the rim, none within."""
        texture = np.ones(self.shape, np.float32)
        brightness = np.zeros(len(cells) + 1, np.float32)
        for number, cell in enumerate(cells, start=1):
            brightness[number] = self.peak * cell.brightness
            patch = rasterize(cell.body, self.shape)
            if patch is not None:
                # flat where it is inside, so that the texture alone is drawn
                flat = Stain(1.0, cell.texture, rim=1e-3)
                own = (owner[patch.box] == number) & (patch.rho < 0.999)
                texture[patch.box][own] = light(patch, flat)[own]
        rim = np.clip((depth(owner) + 0.5) / self.rim, 0, 1)
        thick = self.seam + (1 - self.seam) * rim
        away = depth(nuclei) * (nuclei == 0)
        thick = thick * (0.45 + 0.55 * np.exp(-away / self.thinning))
        thick = np.where(nuclei > 0, self.nucleus * np.sqrt(thick), thick)
        return np.asarray(brightness[owner] * texture * thick, np.float32)

    def _dna(
        self, cells: list[WholeCell], nuclei: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        canvas = np.zeros(self.shape, np.float32)
        for number, cell in enumerate(cells, start=1):
            patch = rasterize(cell.nucleus, self.shape)
            if patch is not None:
                own = nuclei[patch.box] == number
                glow = light(patch, Stain(self.peak * cell.dna, cell.chromatin, 0.3))
                canvas[patch.box][own] = glow[own]
        return canvas
