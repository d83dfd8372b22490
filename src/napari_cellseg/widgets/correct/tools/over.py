"""One cell in many frames: where it is, and what a tool does to it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg.correction.derive import refuse_locked
from napari_cellseg.correction.edits import same_cell
from napari_cellseg.errors import EditError
from napari_cellseg.session import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.session.corrections import Corrections

    Labels = NDArray[np.unsignedinteger]
    Make = Callable[[int, Labels, list[int]], Patch | None]
    """What a tool does to the cells of a frame; None: they are left as they are."""


@dataclass(frozen=True)
class Found:
    """What a tool would do: patches by frame."""

    words: str
    patches: dict[int, Patch]


@dataclass(frozen=True)
class Cells:
    """Cells that are to be locked or unlocked, by frame."""

    words: str
    cells: dict[int, list[int]]
    on: bool


def followed(
    corrections: Corrections, t: int, ids: Sequence[int], frames: range
) -> Iterator[tuple[int, list[int]]]:
    """Follow cells of frame t through others.

    Yields
    ------
    u : int
        A frame: t, then later ones in order, then earlier ones.
    ids : list of int
        Numbers of the cells there. Of cells that have no number over time, each is
        followed from frame to frame until it is lost; empty where none is there.
    """
    yield t, list(ids)
    for side in (range(t + 1, frames.stop), range(t - 1, frames.start - 1, -1)):
        labels, now = corrections.frames.read(t), list(ids)
        for u in side:
            there = corrections.frames.read(u)
            if corrections.by_number:
                yield u, [one for one in ids if (there == one).any()]
                continue
            likes = (same_cell(labels, one, there, by_number=False) for one in now)
            now = [like for like in dict.fromkeys(likes) if like]
            labels = there
            if not now:
                break
            yield u, now


def patches_over(
    corrections: Corrections,
    words: str,
    t: int,
    ids: Sequence[int],
    frames: range,
    make: Make,
) -> Iterator[Step | Found]:
    """Make a tool's patches in each frame that has the cells; what is found comes last.

    Raises
    ------
    EditError
        If the tool refuses one frame, which is named.
    """
    patches: dict[int, Patch] = {}
    for done, (u, here) in enumerate(followed(corrections, t, ids, frames)):
        yield Step(words, done, len(frames))
        if not here:
            continue
        try:
            patch = make(u, corrections.frames.read(u), here)
        except EditError as error:
            raise EditError(f"Frame {u}: {error}") from error
        if patch is not None and not patch.empty:
            patches[u] = patch
    yield Found(f"{words} in {in_frames(patches)}", patches)


def cells_over(
    corrections: Corrections, words: str, t: int, label: int, frames: range, on: bool
) -> Iterator[Step | Cells]:
    """Find a cell in each frame, to lock or to unlock it; what is found comes last."""
    cells: dict[int, list[int]] = {}
    follow = followed(corrections, t, [label], frames)
    for done, (u, here) in enumerate(follow):
        yield Step(words, done, len(frames))
        if here and any((corrections.status(u, i) == "locked") != on for i in here):
            cells[u] = here
    yield Cells(f"{words} in {in_frames(cells)}", cells, on)


def in_frames(frames: Mapping[int, object]) -> str:
    """Name one frame, or count them.

    Examples
    --------
    >>> in_frames({4: None}), in_frames({4: None, 7: None})
    ('frame 4', '2 frames')
    """
    if len(frames) == 1:
        return f"frame {next(iter(frames))}"
    return f"{len(frames)} frames"


def refuse_stale(corrections: Corrections, patches: Mapping[int, Patch]) -> None:
    """Raise EditError if a frame has changed since, or a cell of it is locked."""
    for t, patch in patches.items():
        shown = corrections.frames.read(t)
        if not (shown[patch.box] == patch.before).all():
            raise EditError(
                f"Frame {t} was changed in the meantime: nothing was done. Try again."
            )
        differs = patch.before != patch.after
        touched = {*patch.before[differs].tolist(), *patch.after[differs].tolist()}
        try:
            refuse_locked(sorted(touched - {0}), corrections.marks.get(t, {}))
        except EditError as error:
            raise EditError(f"Frame {t}: {error}") from error
