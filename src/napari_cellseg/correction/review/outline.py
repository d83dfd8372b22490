"""Outlines where the network is undecided, and cells that the image cuts off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.review.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.measure import CellTable
    from napari_cellseg.correction.review.parameters import ReviewParameters
    from napari_cellseg.correction.review.records import FrameView


def undecided_outline(
    view: FrameView, table: CellTable, parameters: ReviewParameters
) -> Iterator[tuple[int, Reason]]:
    """Doubt cells whose outline is nearer to the threshold than others of the frame.

    An outline lies where the map crosses the threshold, so that the network is never
    sure there: how steep the map is differs from model to model. What counts is how
    far the cell is on the way from the frame's median cell to the threshold.
    """
    if view.probability is None or np.isnan(table.doubt).all():
        return
    usual = float(np.nanmedian(table.doubt))
    excess = (table.doubt - usual) / max(1 - usual, 1e-9)
    for row in np.flatnonzero((excess >= parameters.undecided) & (excess > 0)):
        words = (
            f"network undecided at the outline: {table.doubt[row]:.2f}, "
            f"{usual:.2f} in this frame's median cell"
        )
        doubt = parameters.outline * float(excess[row])
        yield int(table.label[row]), Reason("outline", words, doubt)


def cut_off(
    view: FrameView, table: CellTable, parameters: ReviewParameters
) -> Iterator[tuple[int, Reason]]:
    """Doubt cells that touch the border."""
    for label in table.label[table.touches_border].tolist():
        yield label, Reason("border", "touches the border", parameters.border)


def disagreeing(
    view: FrameView, table: CellTable, parameters: ReviewParameters
) -> Iterator[tuple[int, Reason]]:
    """Doubt cells where automatic labels and corrections do not agree."""
    for conflict in view.conflicts:
        yield conflict.label, Reason("conflict", conflict.words, parameters.conflict)
