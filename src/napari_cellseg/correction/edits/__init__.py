"""The tools of a correction: labels of a frame and a gesture in, a `Patch` out.

None changes the labels. A number beyond their type gives a patch of a wider one.
"""

from __future__ import annotations

from napari_cellseg.correction.edits.copy import copy_cell
from napari_cellseg.correction.edits.identity import merge, relabel, renew
from napari_cellseg.correction.edits.interpolate import interpolate
from napari_cellseg.correction.edits.line import split_line
from napari_cellseg.correction.edits.look import ids_along, label_at
from napari_cellseg.correction.edits.outline import fill_holes, smooth
from napari_cellseg.correction.edits.paint import delete, draw, erase
from napari_cellseg.correction.edits.parts import keep_largest, separate
from napari_cellseg.correction.edits.propagate import (
    Propagated,
    propagate,
    propagate_deletion,
)
from napari_cellseg.correction.edits.same import same_cell
from napari_cellseg.correction.edits.seeds import split_seeds

__all__ = [
    "Propagated",
    "copy_cell",
    "delete",
    "draw",
    "erase",
    "fill_holes",
    "ids_along",
    "interpolate",
    "keep_largest",
    "label_at",
    "merge",
    "propagate",
    "propagate_deletion",
    "relabel",
    "renew",
    "same_cell",
    "separate",
    "smooth",
    "split_line",
    "split_seeds",
]
