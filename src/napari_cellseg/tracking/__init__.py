"""Masks of single frames linked into tracks and lineages."""

from __future__ import annotations

from napari_cellseg.tracking.lineage import Track
from napari_cellseg.tracking.link import Linked, Linking, link

__all__ = ["Linked", "Linking", "Track", "link"]
