"""A movie of nuclei with exact labels and lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.simulate.lineage import name_tracks
from napari_cellseg.simulate.optics import blur, expose, illumination, smooth_field
from napari_cellseg.simulate.outline import rasterize
from napari_cellseg.simulate.parameters import Simulation
from napari_cellseg.simulate.population import Population
from napari_cellseg.simulate.scene import emission, territory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.tracking.lineage import Track

GAIN = 2.0
OFFSET = 100.0


@dataclass(frozen=True, eq=False)
class Movie:
    """A simulated movie and the truth about it.

    Attributes
    ----------
    images : (T, Y, X) uint16
        Grey levels: `GAIN` a photon above `OFFSET`.
    labels : (T, Y, X) uint16
        0 is background; a nucleus has its track's label in every frame. Each label is
        one 4-connected region in each frame from its track's begin to its end.
    tracks : tuple of Track
        By label, 1 ... N without gaps.
    parameters : Simulation
    """

    images: NDArray[np.uint16]
    labels: NDArray[np.uint16]
    tracks: tuple[Track, ...]
    parameters: Simulation

    @property
    def pixel_size(self) -> float:
        """Width of a pixel (µm)."""
        return self.parameters.pixel_size

    @property
    def time_step(self) -> float:
        """Time from frame to frame (s)."""
        return self.parameters.time_step


def simulate(parameters: Simulation | None = None) -> Movie:
    """Simulate a movie of fluorescent nuclei.

    Nuclei wander, push each other so that they touch but hardly overlap, grow, deform,
    round up, divide, and cross the border of the field; one that comes back is a new
    track. Where two overlap, a pixel belongs to that in which it lies deepest. A
    nucleus of which less than about a fiftieth is in sight counts as out of the field.

    Parameters
    ----------
    parameters : Simulation, optional
        The same parameters, `seed` included, give the same movie. Motion and camera
        draw from separate streams: changing the noise leaves the labels as they are.

    Returns
    -------
    Movie

    Raises
    ------
    ValueError
        If there are more tracks than uint16 labels.

    Examples
    --------
    >>> movie = simulate(Simulation(frames=3, height=64, width=64, cells=5))
    >>> movie.images.shape, str(movie.images.dtype), str(movie.labels.dtype)
    ((3, 64, 64), 'uint16', 'uint16')
    >>> sorted({track.label for track in movie.tracks}) == list(
    ...     range(1, movie.labels.max() + 1)
    ... )
    True
    """
    parameters = parameters or Simulation()
    motion, camera = np.random.default_rng(parameters.seed).spawn(2)
    population = Population(parameters, motion)
    microscope = _Microscope(parameters, camera)
    owners: list[NDArray[np.int32]] = []
    images: list[NDArray[np.uint16]] = []
    mothers: dict[int, int] = {}
    for t in range(parameters.frames):
        if t:
            population.step()
        mothers |= {cell.number: cell.mother for cell in population.cells}
        light, owner = _scene(population)
        images.append(microscope.take(light))
        owners.append(owner)
    labels, tracks = name_tracks(np.stack(owners), mothers)
    return Movie(np.stack(images), labels, tracks, parameters)


def _scene(
    population: Population,
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Light of a frame, and for each pixel the number of its cell, -1 for none."""
    p, cells = population.parameters, population.cells
    shape = (p.height, p.width)
    patches = [rasterize(cell.outline(population.margin), shape) for cell in cells]
    light = emission(patches, [cell.glow() for cell in cells], shape)
    position = territory(patches, shape)
    seen = np.bincount(position.ravel(), minlength=len(cells) + 1)
    numbers = np.array([-1, *(cell.number for cell in cells)], np.int32)
    numbers[seen < max(6, p.diameter**2 / 64)] = -1
    numbers[0] = -1
    return light, numbers[position]


class _Microscope:
    """Lamp, lens and camera: the same uneven light and haze in every frame."""

    def __init__(self, parameters: Simulation, rng: np.random.Generator) -> None:
        p = self.parameters = parameters
        self.rng = rng
        shape = (p.height, p.width)
        self.lamp = illumination(rng, shape, p.unevenness)
        clouds = smooth_field(rng, shape, 6) + smooth_field(rng, shape, 3)
        self.empty = p.background * (0.75 + 0.25 * clouds)

    def take(self, light: NDArray[np.float32]) -> NDArray[np.uint16]:
        p = self.parameters
        sharp = (1 - p.haze) * blur(light, p.psf_sigma)
        hazy = 2 * p.haze * blur(light, 0.7 * p.diameter) if p.haze else 0.0
        photons = (sharp + hazy + self.empty) * self.lamp
        return expose(self.rng, photons, p.read_noise, GAIN, OFFSET)
