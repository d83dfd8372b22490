"""Cells of another frame that are like some cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._pixels import best, moved, pixels_of, step

if TYPE_CHECKING:
    from napari_cellseg.correction.edits._pixels import Labels, Pixels


def likes(
    cells: dict[int, Pixels], labels: Labels, fits: float
) -> dict[int, tuple[int, float]]:
    """By cell its like in a frame, and their IoU with their centres in one place.

    A small cell that moved is found by the way that its larger neighbours moved. Empty
    unless each cell has its own like.
    """
    found = {one: best(pixels, labels, fits)[0] for one, pixels in cells.items()}
    like = {one: pixels_of(labels, other) for one, other in found.items() if other}
    if not like:
        return {}
    way = np.mean([step(cells[one], like[one], labels) for one in like], axis=0)
    for one in cells.keys() - like.keys():
        found[one], _ = best(moved(cells[one], way, labels), labels, fits)
        like[one] = pixels_of(labels, found[one])
    if 0 in found.values() or len(set(found.values())) < len(cells):
        return {}
    return {one: (found[one], _alike(cells[one], like[one], labels)) for one in cells}


def _alike(one: Pixels, other: Pixels, labels: Labels) -> float:
    """IoU of two cells with their centres in one place."""
    there = moved(one, step(one, other, labels), labels)
    shared = np.intersect1d(there, other, assume_unique=True).size
    return shared / (one.size + other.size - shared)


def nearer(
    after: dict[int, tuple[int, float]], before: dict[int, tuple[int, float]]
) -> bool:
    """Whether the cells after explain a frame better than those before.

    More cells that all have their like explain it better: of two halves that were
    merged the larger alone may be like the whole.
    """
    one, two = (
        (len(likes), sum(iou for _, iou in likes.values())) for likes in (after, before)
    )
    return one >= two
