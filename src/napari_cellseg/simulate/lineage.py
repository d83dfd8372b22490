"""From cells, which live on outside the field, to tracks, which are what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def name_tracks(
    cells: NDArray[np.int32], mothers: Mapping[int, int]
) -> tuple[NDArray[np.uint16], tuple[Track, ...]]:
    """Name each unbroken appearance of a cell as a track.

    Parameters
    ----------
    cells : (T, Y, X) int32
        Number of the cell at each pixel, -1 is background.
    mothers : mapping of int to int
        A cell's mother, -1 if it has none.

    Returns
    -------
    labels : (T, Y, X) uint16
        Labels of the tracks.
    tracks : tuple of Track
        By label; in the order of their first frames, of equals by their cells'
        numbers. A daughter's parent is her mother's track if that ends in the frame
        before the daughter begins, else 0.

    Raises
    ------
    ValueError
        If there are more tracks than uint16 labels.

    Examples
    --------
    A cell leaves and comes back: two tracks.

    >>> labels, tracks = name_tracks(np.array([[[7]], [[-1]], [[7]]], np.int32), {})
    >>> labels.ravel().tolist(), [(t.begin, t.end) for t in tracks]
    ([1, 0, 2], [(0, 0), (2, 2)])
    """
    frames = [np.unique(frame[frame >= 0]).tolist() for frame in cells]
    spans = _appearances(frames)
    if len(spans) > np.iinfo(np.uint16).max:
        raise ValueError(
            f"{len(spans)} tracks do not fit into uint16 labels: "
            "simulate fewer cells, fewer frames or a lower division rate"
        )
    last_seen = {(cell, end): label for label, (_, cell, end) in enumerate(spans, 1)}
    tracks = tuple(
        Track(label, begin, end, last_seen.get((mothers.get(cell, -1), begin - 1), 0))
        for label, (begin, cell, end) in enumerate(spans, start=1)
    )
    labels = np.zeros(cells.shape, np.uint16)
    table = np.zeros(int(cells.max(initial=-1)) + 2, np.uint16)
    starting = {(begin, cell): i for i, (begin, cell, _) in enumerate(spans, 1)}
    for t, present in enumerate(frames):
        for cell in present:
            table[cell + 1] = starting.get((t, cell), table[cell + 1])
        labels[t] = table[cells[t] + 1]
    return labels, tracks


def _appearances(frames: list[list[int]]) -> list[tuple[int, int, int]]:
    """First frame, cell and last frame of each unbroken appearance, in order."""
    spans: list[tuple[int, int, int]] = []
    begun: dict[int, int] = {}
    for t, present in enumerate([*frames, []]):
        for cell in sorted(begun.keys() - set(present)):
            spans.append((begun.pop(cell), cell, t - 1))
        for cell in present:
            begun.setdefault(cell, t)
    return sorted(spans)
