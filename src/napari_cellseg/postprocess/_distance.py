"""Exact squared Euclidean distances, in integers.

Two passes of one dimension each, after Meijster, Roerdink and Hesselink (2000): a
distance along columns, then the lower envelope of parabolas along rows. A parabola
beyond a background pixel never wins, so each run of foreground stands by itself and
background costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def down_columns(mask: NDArray[np.bool_], far: int, out: NDArray[np.int32]) -> None:
    """Write the distance to the nearest background in the same column, or `far`."""
    height, width = mask.shape
    for y in range(height):
        for x in range(width):
            above = out[y - 1, x] if y else far
            out[y, x] = min(above + 1, far) if mask[y, x] else 0
    for y in range(height - 2, -1, -1):
        for x in range(width):
            out[y, x] = min(out[y, x], out[y + 1, x] + 1)


@compiled
def along_run(
    column: NDArray[np.int64],
    low: int,
    high: int,
    apex: NDArray[np.int64],
    start: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    """Write the lower envelope of ``column[i]**2 + (x - i)**2`` for x in low ... high.

    `apex` and `start` are work space: the parabolas of the envelope, and from where on
    each of them is the lowest.
    """
    last = -1
    for x in range(low, high + 1):
        square = column[x] * column[x]
        begin = low
        while last >= 0:
            i, at = apex[last], start[last]
            if column[i] * column[i] + (at - i) ** 2 <= square + (at - x) ** 2:
                rise = x * x - i * i + square - column[i] * column[i]
                begin = rise // (2 * (x - i)) + 1
                break
            last -= 1
        if begin <= high:
            last += 1
            apex[last], start[last] = x, begin
    for x in range(high, low - 1, -1):
        i = apex[last]
        out[x] = column[i] * column[i] + (x - i) ** 2
        if x == start[last]:
            last -= 1


@compiled
def along_rows(distances: NDArray[np.int32]) -> None:
    """Turn distances along columns into squared distances in the plane, in place."""
    height, width = distances.shape
    column = np.empty(width, np.int64)
    apex, start = np.empty(width, np.int64), np.empty(width, np.int64)
    for y in range(height):
        row = distances[y]
        x = 0
        while x < width:
            if row[x] == 0:
                x += 1
                continue
            low = max(x - 1, 0)
            while x < width and row[x] > 0:
                x += 1
            high = min(x, width - 1)
            for i in range(low, high + 1):
                column[i] = row[i]
            along_run(column, low, high, apex, start, row)
