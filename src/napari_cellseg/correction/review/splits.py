"""Splits, and merges, that a slightly different h would undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.review.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.measure import CellTable
    from napari_cellseg.correction.review.parameters import ReviewParameters
    from napari_cellseg.correction.review.records import FrameView
    from napari_cellseg.postprocess import Saddle


def split_near_h(
    view: FrameView, table: CellTable, parameters: ReviewParameters
) -> Iterator[tuple[int, Reason]]:
    """Doubt the smaller of two cells that are hardly split, or the one that hardly is.

    The doubt falls linearly from 1 where the dynamics are h to 0 where they are half
    of h away. The cells are those shown at the saddle: a split that was merged by hand,
    or a cell that was split, is doubted no more.
    """
    for saddle in view.saddles:
        away = abs(saddle.dynamics - view.h)
        doubt = max(0.0, 1 - 2 * away / view.h) if view.h else float(away == 0)
        found = _shown(view, table, saddle)
        if found and doubt:
            label, words = found
            words = f"{words}: depth {saddle.dynamics:.3g} px, h {view.h:.3g} px"
            yield label, Reason("split", words, parameters.split * doubt)


def _shown(view: FrameView, table: CellTable, saddle: Saddle) -> tuple[int, str] | None:
    y, x = saddle.pixel
    around = view.labels[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
    ids = np.unique(around[around > 0]).tolist()
    if saddle.split and len(ids) > 1:
        small, *_, other = sorted(ids, key=lambda label: table.area[table.row(label)])
        return small, f"hardly split from cell {other}"
    if not saddle.split and len(ids) == 1:
        return ids[0], "hardly one cell"
    return None
