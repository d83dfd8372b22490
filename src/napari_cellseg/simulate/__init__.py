"""Simulated fluorescence microscopy of nuclei with exact truth."""

from __future__ import annotations

from napari_cellseg.simulate.movie import Movie, simulate
from napari_cellseg.simulate.parameters import Simulation
from napari_cellseg.simulate.still import simulate_frame

__all__ = ["Movie", "Simulation", "simulate", "simulate_frame"]
