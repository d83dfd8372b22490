"""Simulated fluorescence microscopy of nuclei with exact truth."""

from __future__ import annotations

from napari_cellseg.simulate.still import simulate_frame

__all__ = ["simulate_frame"]
