"""The review: every source of doubt, and the cells by falling doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sized
from typing import TYPE_CHECKING

from napari_cellseg.correction.measure import measure
from napari_cellseg.correction.review.ends import loose_ends
from napari_cellseg.correction.review.jumps import jumps
from napari_cellseg.correction.review.lines import lines
from napari_cellseg.correction.review.outline import (
    cut_off,
    disagreeing,
    undecided_outline,
)
from napari_cellseg.correction.review.parameters import ReviewParameters
from napari_cellseg.correction.review.records import Suspect
from napari_cellseg.correction.review.splits import split_near_h

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellseg.correction.measure import CellTable
    from napari_cellseg.correction.review.lines import Tables
    from napari_cellseg.correction.review.parameters import Kind
    from napari_cellseg.correction.review.records import FrameView, Reason
    from napari_cellseg.tracking import Linked

WITHIN = (split_near_h, undecided_outline, cut_off, disagreeing)
"""Sources that look at one frame."""
OVER_TIME: tuple[Kind, ...] = ("area", "solidity", "intensity", "begins", "ends")
"""Kinds that need the frames linked."""


def suspects(
    frames: Iterable[FrameView],
    parameters: ReviewParameters | None = None,
    linked: Linked | None = None,
    total: int = 0,
) -> Iterator[tuple[int, int] | list[Suspect]]:
    """Find the cells to doubt, frame by frame, so that it can be shown and cancelled.

    Parameters
    ----------
    frames : iterable of FrameView
        Rising in time, of one size; read one by one, and not kept.
    parameters : ReviewParameters, optional
        Reasons and their weights; the defaults without.
    linked : Linked, optional
        Links of the whole movie, counted from frame 0. Without, the frames given are
        linked once all were looked at, which takes longest.
    total : int
        How many frames there are, where that is known; else that of `frames`, if it
        has a length, or 0.

    Yields
    ------
    tuple of int or list of Suspect
        After every frame how many are done and the total. At the end the suspects, by
        falling doubt; ties by frame, then by label.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_cellseg.correction.review.records import FrameView
    >>> movie = np.zeros((3, 20, 40), np.uint16)
    >>> movie[:, 6:14, 6:14] = 1
    >>> movie[1, 6:14, 6:20] = 1
    >>> *steps, found = suspects([FrameView(t, movie[t]) for t in range(3)])
    >>> steps
    [(1, 3), (2, 3), (3, 3)]
    >>> [(suspect.t, suspect.label, suspect.words) for suspect in found]
    [(1, 1, 'area 1.8 times that of the frame before')]
    """
    parameters = parameters or ReviewParameters()
    if isinstance(frames, Sized):
        total = total or len(frames)
    found = _Found(parameters)
    for done, view in enumerate(frames, 1):
        found.look(view)
        yield done, total
    found.compare(linked)
    yield found.ranked()


class _Found:
    """Tables of the frames and the reasons found in them."""

    def __init__(self, parameters: ReviewParameters) -> None:
        self._parameters = parameters
        self._tables: dict[int, CellTable] = {}
        self._shape = 0, 0
        self._reasons: dict[tuple[int, int], list[Reason]] = defaultdict(list)
        self._places: dict[tuple[int, int], tuple[int, int]] = {}

    def look(self, view: FrameView) -> None:
        """Look at one frame by itself."""
        table = measure(view.labels, view.image, view.probability, view.threshold)
        self._tables[view.t] = table
        self._shape = view.labels.shape[0], view.labels.shape[1]
        for source in WITHIN:
            for label, reason in source(view, table, self._parameters):
                self._reasons[view.t, label].append(reason)
        for conflict in view.conflicts:
            self._places[view.t, conflict.label] = conflict.place

    def compare(self, linked: Linked | None) -> None:
        """Look at the frames beside one another."""
        wanted = any(self._parameters.weight(kind) for kind in OVER_TIME)
        if not wanted or not self._tables:
            return
        tables: Tables = self._tables
        known = lines(tables, linked)
        for t, label, reason in (
            *jumps(tables, known, self._parameters),
            *loose_ends(tables, known, self._shape, self._parameters),
        ):
            self._reasons[t, label].append(reason)

    def ranked(self) -> list[Suspect]:
        """All suspects of enough doubt, by falling doubt."""
        listed = [
            self._suspect(t, label, [reason for reason in reasons if reason.doubt])
            for (t, label), reasons in self._reasons.items()
        ]
        kept = [s for s in listed if s.reasons and s.doubt >= self._parameters.least]
        return sorted(kept, key=lambda s: (-s.doubt, s.t, s.label))

    def _suspect(self, t: int, label: int, reasons: list[Reason]) -> Suspect:
        table = self._tables[t]
        row = table.row(label)
        if row is None:
            place: tuple[float, float] = self._places[t, label]
            area = 0
        else:
            y, x = table.centroid[row].tolist()
            place, area = (y, x), int(table.area[row])
        ranked = sorted(reasons, key=lambda reason: -reason.doubt)
        return Suspect(t, label, tuple(ranked), place, area)
