"""Tracks that begin or end where no cell can come from or go to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.review.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.review.lines import Lines, Tables
    from napari_cellseg.correction.review.parameters import ReviewParameters
    from napari_cellseg.tracking import Track


def loose_ends(
    tables: Tables,
    lines: Lines,
    shape: tuple[int, int],
    parameters: ReviewParameters,
) -> Iterator[tuple[int, int, Reason]]:
    """Find frame, cell and reason where a track begins or ends within the field.

    Not in the first or last frame, nor near the border, nor at a division. A cell that
    one frame misses and a later one has again is doubted where it was seen last, and
    one that a division made for a single frame; near the border too, as it did not come
    in there or leave.
    """
    for track, t, reason, anywhere in _loose(lines, parameters):
        table = tables.get(t)
        if table is None:
            continue
        for row in np.flatnonzero(lines.rows[t] == track.label):
            room = min(*table.box[row, :2], *(shape - table.box[row, 2:]))
            if anywhere or room > parameters.edge * table.radius[row]:
                yield t, int(table.label[row]), reason


def _loose(
    lines: Lines, parameters: ReviewParameters
) -> Iterator[tuple[Track, int, Reason, bool]]:
    """Track, frame and reason, and whether it counts wherever in the field it is."""
    begins: dict[int, list[int]] = defaultdict(list)
    for track in lines.tracks:
        begins[track.parent].append(track.begin)
    for track in lines.tracks:
        if not track.parent and track.begin - 1 in lines.linked:
            reason = Reason("begins", "appears within the field", parameters.begins)
            yield track, track.begin, reason, False
        later = begins.get(track.label, [])
        if track.end + 1 in lines.linked and track.end + 1 not in later:
            short = bool(track.parent) and track.begin == track.end
            words = "vanishes within the field"
            if later:
                words = f"not in the next frame, but in frame {min(later)} again"
            elif short:
                words = "split off for this frame alone"
            reason = Reason("ends", words, parameters.ends)
            yield track, track.end, reason, bool(later) or short
