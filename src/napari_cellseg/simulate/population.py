"""All nuclei of a movie: they wander, push each other, divide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.simulate.cell import MITOSIS, Cell, new_cell
from napari_cellseg.simulate.crowd import push_apart, scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.simulate.parameters import Simulation

PERSISTENCE = 0.8
SPACING = 0.97
FULL = 0.7


class Population:
    """Nuclei in the field and in a margin around it, from where they enter.

    The margin is as wide as a nucleus and a half (at least a few frames of movement),
    and its outer edge reflects. Coordinates begin at the margin's corner: the field
    begins at ``(margin, margin)``.

    Parameters
    ----------
    parameters : Simulation
    rng : numpy.random.Generator
    """

    def __init__(self, parameters: Simulation, rng: np.random.Generator) -> None:
        self.parameters = parameters
        self.rng = rng
        self.margin = 1.5 * parameters.diameter + 2 * parameters.speed
        self.size = np.array([parameters.height, parameters.width]) + 2 * self.margin
        self.count = 0
        self.cells = self._settle()

    def step(self) -> None:
        """Go on by one frame."""
        crowded = self._cover() > FULL
        survivors: list[Cell] = []
        for cell in self.cells:
            cell.age += 1
            # contact inhibition: in a full field only begun divisions are finished
            if not crowded or cell.frames_left <= MITOSIS:
                cell.phase += cell.rate
            if cell.phase >= 1:
                survivors += cell.divide(self.rng, self.count)
                self.count += 2
            else:
                cell.deform(self.rng)
                self._wander(cell)
                survivors.append(cell)
        self.cells = survivors
        self._make_room(rounds=4)

    def _settle(self) -> list[Cell]:
        p, rng = self.parameters, self.rng
        crowding = float(np.prod(self.size)) / (p.height * p.width)
        number = round(p.cells * crowding)
        high = (float(self.size[0]), float(self.size[1]))
        spread = 0.8 * p.diameter
        centres = scatter(rng, number, (0.0, 0.0), high, p.clustering, spread)
        self.cells = [new_cell(rng, i, c, p) for i, c in enumerate(centres)]
        self.count = number
        self._make_room(rounds=60)
        return self.cells

    def _cover(self) -> float:
        area = sum(np.pi * cell.size**2 for cell in self.cells)
        return float(area / np.prod(self.size))

    def _wander(self, cell: Cell) -> None:
        calm = 1 - 0.8 * cell.condensation
        kick = np.sqrt(1 - PERSISTENCE**2) * self.parameters.speed / 1.25
        noise = self.rng.normal(0, 1, 2)
        cell.velocity = PERSISTENCE * cell.velocity + kick * noise
        # daughters are still carried apart by the spindle, a mother stays in place
        cell.centre = cell.centre + cell.velocity * (calm if cell.mother < 0 else 1)

    def _make_room(self, rounds: int) -> None:
        if not self.cells:
            return
        centres = np.array([cell.centre for cell in self.cells])
        # nuclei are elongated: half their length is more than the mean radius
        radii = np.array([cell.size * cell.aspect**0.25 for cell in self.cells])
        centres = push_apart(centres, radii, SPACING, rounds)
        for cell, centre in zip(self.cells, centres, strict=True):
            cell.centre = self._reflect(centre, cell)

    def _reflect(self, centre: NDArray[np.float64], cell: Cell) -> NDArray[np.float64]:
        for axis in (0, 1):
            if not 0 <= centre[axis] <= self.size[axis]:
                centre[axis] = np.clip(centre[axis], 0, self.size[axis])
                cell.velocity[axis] *= -1
        return centre
