"""Simulated fluorescence microscopy of nuclei and of cells, with exact truth."""

from __future__ import annotations

from napari_cellseg.simulate.cells import (
    CellsFrame,
    simulate_cells,
    simulate_cells_movie,
)
from napari_cellseg.simulate.folder import write_cells
from napari_cellseg.simulate.movie import Movie, simulate
from napari_cellseg.simulate.parameters import Simulation
from napari_cellseg.simulate.still import simulate_frame

__all__ = [
    "CellsFrame",
    "Movie",
    "Simulation",
    "simulate",
    "simulate_cells",
    "simulate_cells_movie",
    "simulate_frame",
    "write_cells",
]
