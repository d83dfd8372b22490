"""Frames that a sequence leaves out: empty masks, and tracks cut there."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_log = logging.getLogger(__name__)


def fill_gaps(
    frames: Iterable[np.ndarray], tracks: Sequence[Track], numbers: Sequence[int]
) -> tuple[Iterable[np.ndarray], list[Track]]:
    """Spread frames over their numbers.

    Parameters
    ----------
    frames : iterable of numpy.ndarray
        Labels ``(Y, X)``, one a number.
    tracks : sequence of Track
        Their lineage, frames counted from 0.
    numbers : sequence of int
        Increasing. Where the last is beyond ten times the frames and a thousand, they
        are no frame numbers (dates, say): a warning says so, and they are ignored.

    Returns
    -------
    frames : iterable of numpy.ndarray
        From 0 to the last number, empty where there is no frame.
    tracks : list of Track
        Over the numbers; cut where one is absent, each piece the parent of the next.

    Examples
    --------
    >>> fill_gaps([], [Track(1, 0, 2)], [0, 1, 3])[1]
    [Track(label=1, begin=0, end=1, parent=0), Track(label=2, begin=3, end=3, parent=1)]
    """
    if list(numbers) == list(range(len(numbers))):
        return frames, list(tracks)
    if numbers[-1] >= 10 * len(numbers) + 1000:
        _log.warning(
            "the numbers in the files' names, up to %s, are no frame numbers: "
            "the masks are numbered from 0",
            numbers[-1],
        )
        return frames, list(tracks)
    pieces, renamed = _cut(tracks, numbers)
    return _Spread(frames, numbers, renamed), pieces


def _cut(
    tracks: Sequence[Track], numbers: Sequence[int]
) -> tuple[list[Track], dict[int, dict[int, int]]]:
    """Cut tracks, and what each frame's labels are called afterwards."""
    renamed: dict[int, dict[int, int]] = defaultdict(dict)
    free = max((t.label for t in tracks), default=0) + 1
    last: dict[int, int] = {}
    pieces: list[Track] = []
    for track in tracks:
        label, parent, begin = track.label, track.parent, track.begin
        for t in track.frames():
            renamed[t][track.label] = label
            if t == track.end or numbers[t + 1] > numbers[t] + 1:
                pieces.append(Track(label, numbers[begin], numbers[t], parent))
                if t < track.end:
                    label, parent, begin, free = free, label, t + 1, free + 1
        last[track.label] = label
    firsts = {t.label for t in tracks}
    mended = [
        Track(p.label, p.begin, p.end, last.get(p.parent, p.parent))
        if p.label in firsts
        else p
        for p in pieces
    ]
    return mended, renamed


class _Spread:
    """The frames and the empty ones between them, one at a time."""

    def __init__(
        self,
        frames: Iterable[np.ndarray],
        numbers: Sequence[int],
        renamed: dict[int, dict[int, int]],
    ) -> None:
        self.frames = frames
        self.numbers = numbers
        self.renamed = renamed

    def __len__(self) -> int:
        return max(self.numbers) + 1

    def __iter__(self) -> Iterator[np.ndarray]:
        number = 0
        for t, frame in enumerate(self.frames):
            for _ in range(number, self.numbers[t]):
                yield np.zeros_like(frame)
            number = self.numbers[t] + 1
            yield _rename(frame, self.renamed[t])


def _rename(frame: np.ndarray, names: dict[int, int]) -> np.ndarray:
    if all(old == new for old, new in names.items()):
        return frame
    largest = max(int(frame.max(initial=0)), *names.values())
    kind = np.uint16 if largest <= np.iinfo(np.uint16).max else np.uint32
    table = np.arange(int(frame.max(initial=0)) + 1, dtype=kind)
    for old, new in names.items():
        if old < len(table):
            table[old] = new
    return np.asarray(table[frame])
