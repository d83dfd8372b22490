"""One nucleus through its cell cycle: growth, deformation, mitosis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.simulate.chromatin import Stain, chromatin
from napari_cellseg.simulate.outline import Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.simulate.parameters import Simulation

MITOSIS = 3
TELOPHASE = 4
_ORDERS = np.arange(2, 6)
_ROUGHNESS = 0.025 * (2.0 / _ORDERS) ** 1.5
_MEMORY = 0.9


@dataclass
class Cell:
    """State of one nucleus, which the movie moves from frame to frame.

    Attributes
    ----------
    number : int
        Unique in the movie, from 0.
    mother : int
        The mother's number, -1 if there is none.
    centre, velocity : (2,) float64
        (y, x) in pixels, and pixels a frame.
    radius : float
        Radius in mid-cycle (pixels).
    phase, rate : float
        Position in the cell cycle, 0 (born) ... 1 (divides), and its progress a frame.
    stain : Stain
        Light in interphase.
    elongation, angle, bend, harmonics
        Form in interphase, see `Outline`.
    age : int
        Frames since birth; daughters are condensed at first.
    """

    number: int
    mother: int
    centre: NDArray[np.float64]
    velocity: NDArray[np.float64]
    radius: float
    phase: float
    rate: float
    stain: Stain
    elongation: float = 1.25
    angle: float = 0.0
    bend: float = 0.0
    harmonics: NDArray[np.complex128] = field(
        default_factory=lambda: np.zeros(len(_ORDERS), np.complex128)
    )
    age: int = 1000

    @property
    def frames_left(self) -> int:
        """Frames until the nucleus divides."""
        left = (1 - self.phase) / self.rate if self.rate > 0 else 1e6
        return max(int(np.ceil(min(left, 1e6))), 0)

    @property
    def condensation(self) -> float:
        """0 in interphase, 1 at metaphase and at birth."""
        if self.age < TELOPHASE:
            return 1 - self.age / TELOPHASE
        return max(1 - (self.frames_left - 1) / MITOSIS, 0.0)

    @property
    def in_metaphase(self) -> bool:
        """Whether the next frame shows two daughters."""
        return self.age >= TELOPHASE and self.frames_left <= 1

    @property
    def aspect(self) -> float:
        """Length over width: round in prophase, a plate in metaphase and anaphase."""
        tight = self.condensation
        plate = 1.9 if self.in_metaphase or self.age < TELOPHASE else 1.08
        return (1 - tight) * self.elongation + tight * plate

    @property
    def size(self) -> float:
        """Radius of the disk of the same area now (pixels)."""
        growth = 2 ** ((self.phase - 0.5) / 2)
        return float(self.radius * growth * np.sqrt(1 - 0.42 * self.condensation))

    def outline(self, origin: float) -> Outline:
        """Outline in a frame whose corner lies at ``(origin, origin)``."""
        calm = 1 - 0.6 * self.condensation
        return Outline(
            y=float(self.centre[0] - origin),
            x=float(self.centre[1] - origin),
            radius=self.size,
            aspect=self.aspect,
            angle=self.angle,
            bend=self.bend * calm,
            harmonics=tuple(complex(h) for h in self.harmonics * calm),
        )

    def glow(self) -> Stain:
        """Light now: condensed chromatin is brighter and shows no nucleoli."""
        tight = self.condensation
        texture = self.stain.texture ** np.float32(1 - 0.65 * tight)
        brightness = self.stain.brightness * (1 + 1.3 * tight)
        return Stain(brightness, texture, self.stain.rim * (1 + 0.5 * tight))

    def deform(self, rng: np.random.Generator) -> None:
        """Let the form fluctuate for one frame; it remembers about ten frames."""
        kick = np.sqrt(1 - _MEMORY**2)
        noise = rng.normal(0, 1, 4) + 1j * rng.normal(0, 1, 4)
        self.harmonics = _MEMORY * self.harmonics + kick * _ROUGHNESS * noise
        self.bend = _MEMORY * self.bend + kick * rng.normal(0, 0.06)
        pull = 0.08 * (1.25 - self.elongation)
        self.elongation = max(self.elongation + pull + rng.normal(0, 0.03), 1.0)
        self.angle += rng.normal(0, 0.05 * (1 - self.condensation))

    def divide(self, rng: np.random.Generator, first: int) -> tuple[Cell, Cell]:
        """Two daughters, ``first`` and ``first + 1``, side by side across the plate."""
        across = np.array([np.cos(self.angle), -np.sin(self.angle)])
        return (
            self._daughter(rng, first, across),
            self._daughter(rng, first + 1, -across),
        )

    def _daughter(
        self, rng: np.random.Generator, number: int, side: NDArray[np.float64]
    ) -> Cell:
        return Cell(
            number=number,
            mother=self.number,
            centre=self.centre + 0.62 * self.radius * side,
            velocity=self.velocity + 0.2 * self.radius * side,
            radius=self.radius * float(np.exp(rng.normal(0, 0.03))),
            phase=0.0,
            rate=self.rate * float(np.exp(rng.normal(0, 0.1))),
            stain=Stain(
                self.stain.brightness * float(np.exp(rng.normal(0, 0.05))),
                # each daughter gets grains and nucleoli of its own
                np.roll(self.stain.texture, int(rng.integers(6, 18)), axis=1),
                self.stain.rim,
            ),
            elongation=1.2,
            angle=self.angle + rng.normal(0, 0.1),
            age=0,
        )


def new_cell(
    rng: np.random.Generator,
    number: int,
    centre: NDArray[np.float64],
    parameters: Simulation,
) -> Cell:
    """Draw a nucleus somewhere in its cell cycle."""
    p = parameters
    relative = rng.uniform(0.15, 0.25) if rng.random() < p.dim_fraction else None
    if relative is None:
        relative = float(np.exp(rng.normal(-0.15, 0.2)))
    nucleoli = int(rng.integers(2, 6)) if p.texture else 0
    texture = chromatin(
        rng, rng.uniform(0.05, 0.1), 0.22 * p.texture, nucleoli, 0.9 * p.texture
    )
    spread = float(np.exp(rng.normal(0, p.diameter_spread)))
    cell = Cell(
        number=number,
        mother=-1,
        centre=centre,
        velocity=rng.normal(0, 1, 2) * p.speed / 1.25,
        radius=0.5 * p.diameter * spread,
        phase=rng.random(),
        rate=p.division_rate * float(np.exp(rng.normal(0, 0.15))),
        stain=Stain(p.photons * relative, texture, rng.uniform(0.25, 0.5)),
        elongation=1 + rng.gamma(3.0, 0.1),
        angle=rng.uniform(0, 2 * np.pi),
    )
    for _ in range(15):
        cell.deform(rng)
    return cell
