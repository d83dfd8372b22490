"""The outline of a cell, along the edges of its pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.correction.shape import Shape

DASH = 3
"""Length of a dash, and of what lies between two (px)."""
KNOWN = 2**14
"""So many outlines are kept, of some kB each."""


@lru_cache(KNOWN)
def outline(cell: Shape, dashed: bool = False) -> NDArray[np.float32]:
    """Lines between the pixels of a cell and those that are not its.

    Parameters
    ----------
    cell : Shape
        The cell.
    dashed : bool
        Whether the lines are interrupted.

    Returns
    -------
    float32 array of shape (N, 2, 2)
        Both ends (y, x) of each line; whole numbers are the middle of a pixel. Not to
        be written to.

    Examples
    --------
    >>> from napari_cellseg.correction.shape import Shape
    >>> outline(Shape.of(np.ones((1, 2), bool), y=5)).tolist()[:2]
    [[[4.5, -0.5], [4.5, 1.5]], [[5.5, -0.5], [5.5, 1.5]]]
    """
    mask = np.pad(cell.mask, 1)
    across = mask[1:, 1:-1] != mask[:-1, 1:-1]
    down = mask[1:-1, 1:] != mask[1:-1, :-1]
    if dashed:
        dashes = _dashes(mask, cell.y, cell.x)
        across &= dashes[1:, 1:-1]
        down &= dashes[1:-1, 1:]
    lines = np.concatenate([_lines(across), _lines(down.T)[:, :, ::-1]])
    lines += np.array([cell.y, cell.x], np.float32) - np.float32(0.5)
    lines.flags.writeable = False
    return lines


def _lines(edges: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Join what lies side by side in a row: ends (row, column), (N, 2, 2)."""
    steps = np.diff(np.pad(edges, ((0, 0), (1, 1))).view(np.int8), axis=1)
    begin, end = np.argwhere(steps > 0), np.argwhere(steps < 0)
    return np.stack([begin, end], axis=1).astype(np.float32)


def _dashes(mask: NDArray[np.bool_], y: int, x: int) -> NDArray[np.bool_]:
    """Pixels (Y, X) whose edges are drawn, in steps along the outline."""
    size = 2 * DASH + 1
    soft = cv2.blur(
        mask.astype(np.float32), (size, size), borderType=cv2.BORDER_CONSTANT
    )
    down, across = np.gradient(soft)
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    rows, columns = rows + y, columns + x
    # the sum of both grows along every outline but those that rise to the right
    steps = np.where(down * across > 0, rows - columns, rows + columns)
    dashes: NDArray[np.bool_] = steps // DASH % 2 == 0
    return dashes
