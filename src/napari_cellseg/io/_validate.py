"""Check a result folder against the rules of the Cell Tracking Challenge."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.io import _tiff
from napari_cellseg.io._ctc_files import mask_files, mask_name
from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAMED = 5
"""Absent masks that are said by their numbers."""


@dataclass(frozen=True)
class Finding:
    """One breach of a rule.

    Attributes
    ----------
    frame : int or None
        The frame it is in.
    label : int or None
        The cell it concerns.
    line : int or None
        The line of ``res_track.txt``, from 1.
    message : str
        What is wrong.
    """

    frame: int | None
    label: int | None
    line: int | None
    message: str

    def __str__(self) -> str:
        where = [
            f"{name} {value}"
            for name in ("frame", "label", "line")
            if (value := getattr(self, name)) is not None
        ]
        return f"{', '.join(where)}: {self.message}" if where else self.message


@dataclass
class _Folder:
    """What a folder holds: rows by line number, labels by frame."""

    rows: list[tuple[int, Track]] = field(default_factory=list)
    labels: dict[int, frozenset[int]] = field(default_factory=dict)
    count: int = 0

    def tracks(self) -> dict[int, tuple[int, Track]]:
        """First row of each label."""
        return {track.label: (line, track) for line, track in reversed(self.rows)}


def validate(folder: Path) -> list[Finding]:
    """Every breach of the challenge's rules in a result folder.

    The frames are numbered from 0 without a gap, with three digits (four from 1000
    frames on), one plane, uint16 and of one size; each row of
    ``res_track.txt`` is four whole numbers with a label of its own, begins before it
    ends and within the frames; a label is in exactly the frames its row says, and
    every label of a mask has a row; a parent has a row and ended before its child
    begins. A result without any cell is in order.

    Parameters
    ----------
    folder : Path
        A ``01_RES`` folder.

    Returns
    -------
    list of Finding
        Empty if the folder is in order.

    Raises
    ------
    ImageError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise ImageError(f"{folder}: is not a folder: name one with masks to check")
    held = _Folder()
    findings = [*_table(folder, held), *_masks(folder, held)]
    findings += [*_spans(held), *_presence(held), *_parents(held)]
    return findings


def _table(folder: Path, held: _Folder) -> Iterator[Finding]:
    path = folder / "res_track.txt"
    if not path.is_file():
        yield Finding(None, None, None, "res_track.txt is absent")
        return
    seen: dict[int, int] = {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        track = Track.from_row(line)
        if track is None or not 0 < track.label <= np.iinfo(np.uint16).max:
            yield Finding(None, None, number, f"{line!r} is not a row L B E P")
        elif track.label in seen:
            message = f"the label is on line {seen[track.label]} already"
            yield Finding(None, track.label, number, message)
        else:
            seen[track.label] = number
            held.rows.append((number, track))


def _masks(folder: Path, held: _Folder) -> Iterator[Finding]:
    files = mask_files(folder)
    if not files:
        yield Finding(None, None, None, "no mask000.tif, mask001.tif ... are there")
        return
    numbers = [n for n, _ in files]
    held.count = max(numbers) + 1
    yield from _absent(numbers, held.count)
    names = {path.name for _, path in files}
    shape: tuple[int, ...] | None = None
    for n, path in files:
        name = mask_name(n, held.count)
        if path.name != name:
            yield Finding(n, None, None, f"{path.name} is not named {name}")
            if name in names:
                continue
        try:
            reader = _tiff.TiffPages(path)
            header = reader.header(named=False)
            labels = np.unique(reader.whole())
        except ImageError as error:
            yield Finding(n, None, None, str(error))
            continue
        if len(header.shape) != 2:
            message = f"{path.name} is {header.shape} ({header.axes}), not one plane"
            yield Finding(n, None, None, message)
            continue
        if header.dtype != np.uint16:
            yield Finding(n, None, None, f"{path.name} is {header.dtype}, not uint16")
        shape = shape or header.shape
        if header.shape != shape:
            message = f"{path.name} is {header.shape}, the first mask is {shape}"
            yield Finding(n, None, None, message)
        held.labels[n] = frozenset(map(int, labels)) - {0}


def _absent(numbers: list[int], count: int) -> Iterator[Finding]:
    """Frames without a mask, the first by name: a number in a name may be any."""
    there = set(numbers)
    named = list(islice((n for n in range(count) if n not in there), _NAMED))
    for n in named:
        yield Finding(n, None, None, "its mask file is absent")
    if more := count - len(there) - len(named):
        files = "mask file is" if more == 1 else "mask files are"
        yield Finding(None, None, None, f"and {more} more {files} absent")


def _spans(held: _Folder) -> Iterator[Finding]:
    for line, track in held.rows:
        if track.end < track.begin:
            message = f"it ends in frame {track.end}, before it begins in {track.begin}"
            yield Finding(None, track.label, line, message)
        elif held.count and track.end >= held.count:
            message = f"it ends in frame {track.end}, the last is {held.count - 1}"
            yield Finding(None, track.label, line, message)


def _presence(held: _Folder) -> Iterator[Finding]:
    tracks = held.tracks()
    for frame, labels in held.labels.items():
        for label in sorted(labels):
            if label not in tracks:
                yield Finding(frame, label, None, "it is not in res_track.txt")
            elif frame not in tracks[label][1].frames() and tracks[label][1].frames():
                line = tracks[label][0]
                yield Finding(frame, label, line, "it is there beyond its track")
    there = sorted(held.labels)
    for line, track in held.rows:
        first, last = bisect_left(there, track.begin), bisect_right(there, track.end)
        for frame in there[first:last]:
            if track.label not in held.labels[frame]:
                yield Finding(frame, track.label, line, "it is absent from the mask")


def _parents(held: _Folder) -> Iterator[Finding]:
    tracks = held.tracks()
    for line, track in held.rows:
        if not track.parent:
            continue
        if track.parent not in tracks:
            message = f"its parent {track.parent} is not in res_track.txt"
        elif _own_ancestor(track, tracks):
            message = f"it is its own ancestor by its parent {track.parent}"
        elif (end := tracks[track.parent][1].end) >= track.begin:
            message = (
                f"its parent {track.parent} ends in frame {end}, not before it begins "
                f"in {track.begin}"
            )
        else:
            continue
        yield Finding(None, track.label, line, message)


def _own_ancestor(track: Track, tracks: dict[int, tuple[int, Track]]) -> bool:
    seen: set[int] = set()
    label = track.parent
    while label in tracks and label not in seen:
        if label == track.label:
            return True
        seen.add(label)
        label = tracks[label][1].parent
    return False
