"""From links between objects to tracks in the Cell Tracking Challenge's sense."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Node: TypeAlias = tuple[int, int]
"""Frame and position of an object in it."""

Link: TypeAlias = tuple[Node, Node]


def build_tracks(
    counts: Sequence[int], links: Iterable[Link]
) -> tuple[list[Track], list[NDArray[np.int64]]]:
    """Cut a forest of links into tracks.

    A track is present in every frame from its first to its last, as the challenge's
    format has it: a link over a gap ends one track and begins another, whose parent is
    the first; so does a link from an object with several successors.

    Parameters
    ----------
    counts
        Objects of each frame, ``(T,)``.
    links
        Pairs of nodes, earlier first.

    Returns
    -------
    tracks
        By ascending label; labels run from 1 by first frame, then by position in it.
    labels
        Track of each object, ``(N,)`` for each frame.

    Raises
    ------
    ValueError
        If two links lead to one object or a link does not lead forward in time.

    Examples
    --------
    >>> tracks, _ = build_tracks([1, 1, 2], [((0, 0), (1, 0)),
    ...                                      ((1, 0), (2, 0)), ((1, 0), (2, 1))])
    >>> [(track.label, track.begin, track.end, track.parent) for track in tracks]
    [(1, 0, 1, 0), (2, 2, 2, 1), (3, 2, 2, 1)]
    """
    sources, n_targets = _index(links)
    labels = [np.zeros(count, np.int64) for count in counts]
    tracks: list[Track] = []
    for frame, count in enumerate(counts):
        for position in range(count):
            source = sources.get((frame, position))
            parent = int(labels[source[0]][source[1]]) if source else 0
            if source and source[0] == frame - 1 and n_targets[source] == 1:
                tracks[parent - 1] = replace(tracks[parent - 1], end=frame)
                labels[frame][position] = parent
            else:
                tracks.append(Track(len(tracks) + 1, frame, frame, parent))
                labels[frame][position] = len(tracks)
    return tracks, labels


def _index(links: Iterable[Link]) -> tuple[dict[Node, Node], dict[Node, int]]:
    """Source of each linked node, and how many targets each source has."""
    sources: dict[Node, Node] = {}
    n_targets: dict[Node, int] = {}
    for source, target in links:
        if source[0] >= target[0]:
            raise ValueError(f"a link must lead forward in time: {source} to {target}")
        if target in sources:
            raise ValueError(
                f"two links lead to frame {target[0]}'s object {target[1]}"
            )
        sources[target] = source
        n_targets[source] = n_targets.get(source, 0) + 1
    return sources, n_targets
