"""Linking of the objects of a movie into tracks with divisions."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from napari_cellseg.parameters import Parameters
from napari_cellseg.tracking.divisions import implausible
from napari_cellseg.tracking.forest import Link, build_tracks
from napari_cellseg.tracking.objects import Objects, find_objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_cellseg.tracking.lineage import Track

logger = logging.getLogger(__name__)

_TABLE = 1 << 22
_UNKNOWN = np.uint32(0xFFFFFFFF)


class Linking(Parameters):
    """From objects in single frames to tracks."""

    max_distance: float = Field(
        2.5,
        gt=0,
        le=50,
        title="Largest move",
        description="Farthest that a cell moves between frames (median cell radii).",
    )
    gap: int = Field(
        1,
        ge=0,
        le=20,
        title="Gap",
        description="Frames in a row in which a cell may be missed (frames).",
    )
    divisions: bool = Field(
        True,
        title="Divisions",
        description="Whether one cell may go on as two (yes or no).",
    )
    division_offset: float = Field(
        0.42,
        gt=0,
        le=50,
        title="Division offset",
        description="Farthest that the mother lies from the midpoint of her daughters "
        "(share of the daughters' distance).",
    )


@dataclass(frozen=True, eq=False)
class Linked:
    """Tracks of a movie and the way from its labels to theirs.

    Attributes
    ----------
    tracks
        By ascending label, which runs from 1.
    ids
        Labels of the objects of each frame as they were linked, ascending.
    labels
        Track of each of these objects.
    """

    tracks: list[Track]
    ids: list[NDArray[np.int64]]
    labels: list[NDArray[np.int64]]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Smallest of uint16 and uint32 that holds every track's label."""
        return np.dtype(np.uint16 if len(self.tracks) <= 0xFFFF else np.uint32)

    def relabel(self, t: int, labels: NDArray[Any]) -> NDArray[Any]:
        """Give the objects of a frame the labels of their tracks.

        Parameters
        ----------
        t
            The frame.
        labels
            ``(Y, X)``, the labels of that frame as they were linked.

        Returns
        -------
        ndarray
            ``(Y, X)`` of `dtype`, the same in every frame.

        Raises
        ------
        ValueError
            If a label was not there when the frame was linked.
        """
        found = _look_up(labels, self.ids[t], self.labels[t].astype(np.uint32))
        unknown = found == _UNKNOWN
        if unknown.any():
            raise ValueError(
                f"frame {t}: label {labels[unknown][0]} was not there at linking"
            )
        return found.astype(self.dtype)


def _look_up(
    labels: NDArray[Any], ids: NDArray[np.int64], values: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Replace each id by its value, 0 by 0 and what is no id by `_UNKNOWN`."""
    top = int(labels.max(initial=0))
    if top > _TABLE:
        known, index = np.unique(labels, return_inverse=True)
        return _look_up(index.reshape(labels.shape), *_positions(known, ids, values))
    table = np.full(top + 1, _UNKNOWN)
    table[0] = 0
    inside = ids <= top
    table[ids[inside]] = values[inside]
    found: NDArray[np.uint32] = table[labels]
    return found


def _positions(
    known: NDArray[Any], ids: NDArray[np.int64], values: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Ids as their positions among the known labels of an image."""
    wanted = dict(zip(ids.tolist(), values.tolist(), strict=True)) | {0: 0}
    found = [wanted.get(label, int(_UNKNOWN)) for label in known.tolist()]
    return np.arange(known.size), np.array(found, np.uint32)


def link(frames: Iterable[NDArray[Any]], parameters: Linking | None = None) -> Linked:
    """Link the objects of consecutive frames into tracks.

    Objects are linked by a linear assignment on the distance of their centroids and
    the change of their radius, then tracks are joined over gaps and at divisions by a
    second one (LapTrack). A division is kept if the mother lies near the midpoint of
    her daughters.

    Parameters
    ----------
    frames
        Label images ``(Y, X)`` in time order; read one by one, only positions and areas
        are kept.
    parameters
        How far cells move, how long they may be missed, whether they divide; the
        defaults without.

    Returns
    -------
    Linked
        A gap ends a track, and its continuation has it as parent, as the Cell Tracking
        Challenge writes it. No frames or no objects give no tracks.

    Raises
    ------
    ValueError
        If a frame is not a label image; the text names the frame.

    References
    ----------
    Jaqaman et al. (2008), doi:10.1038/nmeth.1237; LapTrack,
    doi:10.1093/bioinformatics/btac799.

    Examples
    --------
    >>> movie = np.zeros((3, 8, 8), int)
    >>> movie[0, 2:4, 2:4], movie[1, 2:4, 3:5], movie[2, 2:4, 4:6] = 5, 9, 1
    >>> linked = link(movie)
    >>> [(track.begin, track.end) for track in linked.tracks]
    [(0, 2)]
    >>> linked.relabel(1, movie[1]).max()
    np.uint16(1)
    """
    objects = [_find(t, labels) for t, labels in enumerate(frames)]
    return link_objects(objects, parameters)


def link_objects(
    objects: Sequence[Objects], parameters: Linking | None = None
) -> Linked:
    """Link objects that were found already, as `link` does, a record a frame.

    Examples
    --------
    >>> here = find_objects(np.array([[0, 3, 3]]))
    >>> link_objects([here, here]).tracks
    [Track(label=1, begin=0, end=1, parent=0)]
    """
    parameters = parameters or Linking()
    links = _predict(objects, parameters)
    tracks, labels = build_tracks([found.ids.size for found in objects], links)
    logger.info("%s tracks in %s frames", len(tracks), len(objects))
    return Linked(tracks, [found.ids for found in objects], labels)


def _find(t: int, labels: NDArray[Any]) -> Objects:
    try:
        return find_objects(np.asarray(labels))
    except ValueError as error:
        raise ValueError(f"frame {t}: {error}") from error


def _predict(objects: Sequence[Objects], parameters: Linking) -> list[Link]:
    if sum(found.ids.size > 0 for found in objects) < 2:
        return []
    # laptrack takes pandas and networkx along: a second to import
    from laptrack import LapTrack

    radius = float(np.median(np.concatenate([found.radii for found in objects])))
    # in median radii; the radius itself is a third axis, so that size speaks too
    points = [
        np.column_stack([found.centroids, found.radii]) / radius for found in objects
    ]
    cutoff = parameters.max_distance**2
    tracker = LapTrack(
        cutoff=cutoff,
        gap_closing_cutoff=cutoff,
        gap_closing_max_frame_count=parameters.gap + 1,
        splitting_cutoff=cutoff if parameters.divisions else False,
    )
    links = [
        ((int(s[0]), int(s[1])), (int(u[0]), int(u[1])))
        for s, u in tracker.predict(points).edges()
    ]
    dropped = implausible(links, points, parameters.division_offset)
    return [pair for pair in links if pair not in dropped]
