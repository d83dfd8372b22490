"""Results in the Cell Tracking Challenge's form: ``mask000.tif`` and ``res_track.txt``.

Source: the challenge's file naming conventions (celltrackingchallenge.net).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.errors import ImageError, OutputError
from napari_cellseg.io._ctc_files import CtcFolder
from napari_cellseg.io._gaps import fill_gaps
from napari_cellseg.io._validate import Finding, validate
from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

__all__ = [
    "Finding",
    "read_tracks",
    "tracks_of",
    "validate",
    "write_result",
    "write_steps",
    "write_tracks",
]


def read_tracks(path: Path) -> list[Track]:
    """Read a lineage table.

    Parameters
    ----------
    path : Path
        ``res_track.txt``, ``man_track.txt``, or the folder that holds one of them.

    Returns
    -------
    list of Track
        In the file's order; empty for an empty file.

    Raises
    ------
    ImageError
        If there is no table or a row is not four whole numbers; it names the line.
    """
    if path.is_dir():
        names = ("res_track.txt", "man_track.txt")
        path = next((p for n in names if (p := path / n).exists()), path / names[0])
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImageError(f"{path}: is no lineage table: {error}") from error
    tracks = []
    for number, line in enumerate(lines, 1):
        track = Track.from_row(line)
        if track is None:
            raise ImageError(
                f"{path}, line {number}: {line!r} is no track: write label, first "
                "frame, last frame and parent as whole numbers"
            )
        tracks.append(track)
    return tracks


def write_tracks(path: Path, tracks: Iterable[Track]) -> None:
    """Write a lineage table, in the order of the labels."""
    rows = (f"{track.row()}\n" for track in sorted(tracks))
    path.write_text("".join(rows), encoding="ascii", newline="\n")


def tracks_of(frames: Iterable[np.ndarray]) -> list[Track]:
    """Tracks of frames whose ids are consistent already, without parents.

    An id that is absent for some frames gives one track across them.

    Parameters
    ----------
    frames : iterable of numpy.ndarray
        Labels ``(Y, X)``.

    Examples
    --------
    >>> tracks_of([np.array([[1, 2]]), np.array([[0, 2]])])
    [Track(label=1, begin=0, end=0, parent=0), Track(label=2, begin=0, end=1, parent=0)]
    """
    span: dict[int, tuple[int, int]] = {}
    for t, frame in enumerate(frames):
        for label in map(int, np.unique(frame)):
            span[label] = (span.get(label, (t, t))[0], t)
    return [Track(k, *span[k]) for k in sorted(span) if k]


def write_result(
    folder: Path,
    frames: Iterable[np.ndarray],
    tracks: Sequence[Track],
    overwrite: bool = False,
    numbers: Sequence[int] | None = None,
) -> Path:
    """Write ``mask000.tif ...`` and ``res_track.txt``.

    Everything is written to ``folder/partial`` first and moved when it is complete; if
    the work fails, the finished frames stay there.

    Parameters
    ----------
    folder : Path
        Made where it is not there. Must hold no result, nor other TIFF files, unless
        `overwrite` is set.
    frames : iterable of numpy.ndarray
        Linked labels ``(Y, X)``, of one size.
    tracks : sequence of Track
        Their lineage; frames count from 0.
    overwrite : bool
        Replace the result that is there. Other files in the folder stay.
    numbers : sequence of int or None
        Increasing numbers for the files, where they are not 0, 1, 2 ... As the
        challenge has no absent frames, those between get an empty mask, and a track
        that spans one goes on under a new label whose parent is the old. Numbers far
        beyond the count of frames, such as dates, are left out, with a warning.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        If an id is beyond 65535, the folder holds a result and `overwrite` is not
        set, or it cannot be written.
    """
    for _ in write_steps(folder, frames, tracks, overwrite, numbers):
        pass
    return folder


def write_steps(
    folder: Path,
    frames: Iterable[np.ndarray],
    tracks: Sequence[Track],
    overwrite: bool = False,
    numbers: Sequence[int] | None = None,
) -> Generator[int, None, None]:
    """Write as `write_result`, and yield after each frame how many are written."""
    with CtcFolder(folder, overwrite=overwrite) as out:
        if numbers is not None:
            frames, tracks = fill_gaps(frames, tracks, numbers)
        check_ids(max((t.label for t in tracks), default=0), folder)
        for frame in frames:
            check_ids(int(frame.max(initial=0)), folder)
            out.add(frame)
            yield out.count
        with out.open("res_track.txt") as path:
            write_tracks(path, tracks)
        out.commit()


def check_ids(largest: int, folder: Path) -> None:
    """Refuse ids that do not fit the challenge's 16 bits.

    Raises
    ------
    OutputError
        If `largest` is beyond 65535.
    """
    if largest > np.iinfo(np.uint16).max:
        raise OutputError(
            f"{folder}: the result has the id {largest}, and the challenge's masks "
            "hold ids up to 65535: write OME-Zarr instead (--format zarr)"
        )
