"""Whole cells on a frame: whose pixel is it, and is it of the nucleus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.simulate.outline import rasterize
from napari_cellseg.simulate.scene import keep_largest_part, territory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellseg.simulate.outline import Box
    from napari_cellseg.simulate.whole import WholeCell

LEAST_SHOWN = 0.7
"""Share of a nucleus in the field that must lie within its cell."""


def compartments(
    cells: Sequence[WholeCell], shape: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pixels of the cells and of their nuclei.

    Bodies that overlap are parted where both are equally deep; processes reach where no
    body is. A nucleus lies within its cell, with two pixels of cytoplasm around it but
    at the field's border. A cell whose nucleus would be hidden by others is not there
    at all; one whose nucleus lies beyond the border has none in sight.

    Returns
    -------
    cells, nuclei : (Y, X) int32
        Position in ``cells`` plus one, 0 outside; each is 4-connected.
    """
    there: list[WholeCell | None] = list(cells)
    while True:
        owner = _territories(there, shape)
        nuclei, hidden = _nuclei(there, owner, shape)
        if not hidden:
            return owner, nuclei
        # what the hidden ones held falls to their neighbours
        for number in hidden:
            there[number - 1] = None


def outlines(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Pixels that have a neighbour (4) of another label; the border has none."""
    found = np.zeros(labels.shape, bool)
    for ahead, behind in (
        (np.s_[1:, :], np.s_[:-1, :]),
        (np.s_[:, 1:], np.s_[:, :-1]),
    ):
        differ = labels[ahead] != labels[behind]
        found[ahead] |= differ
        found[behind] |= differ
    return found


def depth(labels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Distance of each pixel to the nearest outline pixel of any cell (px)."""
    inside = (~outlines(labels)).astype(np.uint8)
    if inside.all():
        return np.full(labels.shape, np.hypot(*labels.shape), np.float32)
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)


def _territories(
    cells: Sequence[WholeCell | None], shape: tuple[int, int]
) -> NDArray[np.int32]:
    bodies = [None if c is None else rasterize(c.body, shape) for c in cells]
    owner = territory(bodies, shape)
    for number, (cell, body) in enumerate(zip(cells, bodies, strict=True), start=1):
        if cell is None:
            continue
        reached = [] if body is None else [body.box]
        for process in cell.processes:
            patch = rasterize(process, shape)
            if patch is not None:
                part = owner[patch.box]
                part[(patch.rho < 1) & (part == 0)] = number
                reached.append(patch.box)
        if reached:
            keep_largest_part(owner[_around(reached)], number)
    return owner


def _around(boxes: Sequence[Box]) -> Box:
    """Smallest box that holds all."""
    rows, columns = (
        slice(min(s.start for s in sides), max(s.stop for s in sides))
        for sides in zip(*boxes, strict=True)
    )
    return rows, columns


def _nuclei(
    cells: Sequence[WholeCell | None],
    owner: NDArray[np.int32],
    shape: tuple[int, int],
) -> tuple[NDArray[np.int32], list[int]]:
    """Pixels of the nuclei, and the numbers of those that are hidden."""
    nuclei = np.zeros_like(owner)
    inner = np.where(depth(owner) >= 1.5, owner, 0)
    hidden = []
    for number, cell in enumerate(cells, start=1):
        patch = None if cell is None else rasterize(cell.nucleus, shape)
        if patch is None:
            continue
        whole = patch.rho < 1
        part = nuclei[patch.box]
        part[whole & (inner[patch.box] == number)] = number
        keep_largest_part(part, number)
        shown = np.count_nonzero(part == number)
        if shown < LEAST_SHOWN * np.count_nonzero(whole):
            hidden.append(number)
    return nuclei, hidden
