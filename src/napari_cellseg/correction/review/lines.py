"""Which cells of neighbouring frames are the same, by the tables of the frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellseg.tracking import Objects, link_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_cellseg.correction.measure import CellTable
    from napari_cellseg.tracking import Linked, Track

    Tables: TypeAlias = Mapping[int, CellTable]
    """By frame, rising."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Tracks of the cells of some frames.

    Attributes
    ----------
    tracks : tuple of Track
        In the frames' own numbers.
    rows : dict of int to int64 (N,)
        By frame the track of each row of its table; 0 for a cell that was not there
        when it was linked.
    linked : frozenset of int
        Frames whose cells were linked: beyond them nothing is known.
    """

    tracks: tuple[Track, ...]
    rows: Mapping[int, NDArray[np.int64]]
    linked: frozenset[int]


def lines(tables: Tables, linked: Linked | None = None) -> Lines:
    """Follow cells over frames, by links at hand or new ones.

    Parameters
    ----------
    tables : mapping of int to CellTable
        By frame; at least one.
    linked : Linked, optional
        Links of the whole movie, counted from frame 0. Without, the frames are linked
        with default parameters; one that is left out is taken for empty.
    """
    if linked is not None:
        known = frozenset(range(len(linked.ids)))
        rows = {
            t: _tracks_of(table.label, linked.ids[t], linked.labels[t])
            if t in known
            else np.zeros(len(table), np.int64)
            for t, table in tables.items()
        }
        return Lines(tuple(linked.tracks), rows, known)
    first = min(tables)
    found = link_objects(
        [_objects(tables.get(t)) for t in range(first, max(tables) + 1)]
    )
    # a track's frames are counted from the first that was linked
    tracks = tuple(
        replace(track, begin=track.begin + first, end=track.end + first)
        for track in found.tracks
    )
    rows = {t: found.labels[t - first] for t in tables}
    return Lines(tracks, rows, frozenset(tables))


def _tracks_of(
    wanted: NDArray[np.int64], ids: NDArray[np.int64], tracks: NDArray[np.int64]
) -> NDArray[np.int64]:
    at = np.searchsorted(ids, wanted)
    found = np.zeros(wanted.size, np.int64)
    there = at < ids.size
    there[there] = ids[at[there]] == wanted[there]
    found[there] = tracks[at[there]]
    return found


def _objects(table: CellTable | None) -> Objects:
    if table is None:
        none = np.zeros(0, np.int64)
        return Objects(none, np.zeros((0, 2)), none)
    return Objects(table.label, table.centroid, table.area)
