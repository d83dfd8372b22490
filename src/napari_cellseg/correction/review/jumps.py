"""Cells that are unlike themselves in the frame before."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.review.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cellseg.correction.measure import CellTable
    from napari_cellseg.correction.review.lines import Lines, Tables
    from napari_cellseg.correction.review.parameters import Kind, ReviewParameters


def jumps(
    tables: Tables, lines: Lines, parameters: ReviewParameters
) -> Iterator[tuple[int, int, Reason]]:
    """Find frame, cell and reason where an area, solidity or intensity jumps.

    Ratios count for areas and intensities, the difference for solidities. The doubt is
    half the weight at the limit and the weight at twice the limit (of a ratio: its
    square). The border cuts cells that come in or leave: the area or solidity of one
    that touches it counts only where it jumps and comes back.
    """
    limits: dict[Kind, float] = {
        "area": float(np.log(parameters.area_jump)),
        "solidity": parameters.solidity_jump,
        "intensity": float(np.log(parameters.intensity_jump)),
    }
    tracks = _by_track(lines)
    for kind, limit in limits.items():
        weight = parameters.weight(kind)
        if not weight:
            continue
        values = {t: _values(kind, table) for t, table in tables.items()}
        for cells in tracks:
            series = [float(values[t][row]) for t, row in cells]
            cut = [
                kind != "intensity" and bool(tables[t].touches_border[row])
                for t, row in cells
            ]
            for odd, other in odd_ones([t for t, _ in cells], series, limit, cut):
                (t, row), way = cells[odd], "before" if other < odd else "after"
                words = _words(kind, series[odd], series[other]) + f" the frame {way}"
                size = abs(series[odd] - series[other]) / (2 * limit)
                label = int(tables[t].label[row])
                yield t, label, Reason(kind, words, weight * min(size, 1.0))


def odd_ones(
    times: Sequence[int],
    values: Sequence[float],
    limit: float,
    cut: Sequence[bool] = (),
) -> list[tuple[int, int]]:
    """Find the odd ones of a series, and the neighbours that they are unlike.

    Of a jump the later one is odd; not the one that comes back from it, and the first
    of the series if the second and third agree. A gap in time and nan are no jump; from
    or to one that is `cut` a jump is one only if the next comes back.

    Examples
    --------
    >>> odd_ones([0, 1, 2, 3], [1.0, 1.0, 5.0, 1.0], limit=1)
    [(2, 1)]
    >>> odd_ones([0, 1, 2, 3], [5.0, 1.0, 1.0, 1.0], limit=1)
    [(0, 1)]
    >>> odd_ones([0, 1, 2, 3], [1.0, 1.0, 5.0, 5.0], limit=1)
    [(2, 1)]
    >>> odd_ones([0, 1, 2, 3], [1.0, 5.0, 1.0, 5.0], limit=1, cut=[True] * 4)
    [(1, 0)]
    """
    far = [
        later - earlier == 1 and abs(new - old) >= limit
        for earlier, later, old, new in zip(
            times, times[1:], values, values[1:], strict=False
        )
    ]
    found = []

    def back(i: int) -> bool:
        """Whether a value comes back from the jump before it."""
        jumped = 1 < i < len(values) and far[i - 2] and far[i - 1]
        return jumped and abs(values[i] - values[i - 2]) < limit

    for i in [i for i, jump in enumerate(far, 1) if jump]:
        came_back = back(i)
        first = i == 1 or times[i - 1] - times[i - 2] > 1
        settled = i < len(far) and times[i + 1] - times[i] == 1 and not far[i]
        if any(cut[i - 1 : i + 1]) and (came_back or not back(i + 1)):
            continue
        if first and settled:
            found.append((i - 1, i))
        elif not came_back:
            found.append((i, i - 1))
    return found


def _by_track(lines: Lines) -> list[list[tuple[int, int]]]:
    """Frames and rows of the cells of each track, rising in time."""
    cells: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for t in sorted(lines.rows):
        for row, track in enumerate(lines.rows[t].tolist()):
            if track:
                cells[track].append((t, row))
    return [series for series in cells.values() if len(series) > 1]


def _values(kind: Kind, table: CellTable) -> NDArray[np.float64]:
    """Values to compare, by row; nan where they say nothing."""
    if kind == "intensity":
        positive = np.where(table.intensity > 0, table.intensity, np.nan)
        return np.asarray(np.log(positive))
    return table.solidity if kind == "solidity" else np.log(table.area)


def _words(kind: Kind, value: float, other: float) -> str:
    if kind == "solidity":
        return f"solidity {value:.2f}, but {other:.2f} in"
    return f"{kind} {np.exp(value - other):.2g} times that of"
