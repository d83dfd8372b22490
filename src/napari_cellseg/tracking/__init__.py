"""Masks of single frames linked into tracks and lineages."""

from __future__ import annotations

from napari_cellseg.tracking.lineage import Track
from napari_cellseg.tracking.link import Linked, Linking, link, link_objects
from napari_cellseg.tracking.objects import Objects, find_objects

__all__ = [
    "Linked",
    "Linking",
    "Objects",
    "Track",
    "find_objects",
    "link",
    "link_objects",
]
