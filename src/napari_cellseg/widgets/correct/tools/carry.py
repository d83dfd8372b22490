"""Tools that carry a cell to other frames: copy, propagate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.correction.edits import (
    copy_cell,
    propagate,
    propagate_deletion,
)
from napari_cellseg.errors import EditError
from napari_cellseg.session import Step
from napari_cellseg.widgets.correct.tools.over import Found, in_frames
from napari_cellseg.widgets.correct.tools.status import removed_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.edits import Propagated
    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.correction.shape import Shape
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.widgets.correct.desk import Desk
    from napari_cellseg.widgets.correct.tools.tool import Place


def copy_previous(desk: Desk, place: Place) -> None:
    """Copy the cell that the frame before has here."""
    _copy(desk, place, -1)


def copy_next(desk: Desk, place: Place) -> None:
    """Copy the cell that the frame after has here."""
    _copy(desk, place, 1)


def forward(desk: Desk, place: Place) -> None:
    """Make the correction of the cell in later frames too."""
    _propagate(desk, place, 1)


def backward(desk: Desk, place: Place) -> None:
    """Make the correction of the cell in earlier frames too."""
    _propagate(desk, place, -1)


def _copy(desk: Desk, place: Place, step: int) -> None:
    t, y, x = place
    source, which = t + step, "before" if step < 0 else "after"
    if not 0 <= source < desk.count:
        raise EditError(f"There is no frame {which} frame {t}.")
    label = desk.label((source, y, x))
    if not label:
        raise EditError(
            f"Frame {source} has no cell here: point at where it lies in the frame "
            f"{which}."
        )
    new = desk.corrections.new_label(t)
    patch = copy_cell(desk.frame(source), label, desk.frame(t), new)
    desk.edit(f"Copy {label} from frame {source} to frame {t}", {t: patch})


def _propagate(desk: Desk, place: Place, step: int) -> None:
    t, y, x = place
    corrections, label = desk.corrections, desk.label(place)
    shape = None
    if not label:
        label = removed_at(corrections, t, y, x)
        mark = corrections.marks.get(t, {}).get(label)
        shape = mark.void if mark is not None and mark.cell is None else None
    if not label or (shape is None and corrections.status(t, label) == "auto"):
        raise EditError("Point at a cell that you corrected, or where you deleted one.")
    if shape is None and _as_found(corrections, t, label):
        raise EditError(
            f"Cell {label} was only locked, and that changes nothing to propagate: "
            "correct it first."
        )
    frames = desk.reach(t, step)
    if not frames:
        raise EditError(f"Frame {t} is the last one that way: there is none to go to.")
    words = f"Propagate {label} from frame {t}"
    work = propagated(corrections, words, t, label, frames, shape)
    desk.work(
        work, nothing=f"Nothing to change beyond frame {t}: {label} fits no more."
    )


def _as_found(corrections: Corrections, t: int, label: int) -> bool:
    """Whether a cell is as it was found automatically."""
    auto, shown = corrections.automatic(t), corrections.frames.read(t)
    return bool(((auto == label) == (shown == label)).all())


def propagated(
    corrections: Corrections,
    words: str,
    t: int,
    label: int,
    frames: range,
    shape: Shape | None = None,
) -> Iterator[Step | Found]:
    """Go from frame to frame until the correction no longer fits.

    Parameters
    ----------
    corrections : Corrections
        Read only.
    words : str
        What is done, for the user.
    t, label : int
        The frame, and the cell that was corrected in it.
    frames : range
        Where to go, the nearest first.
    shape : Shape, optional
        Of a cell that was deleted.

    Yields
    ------
    Step, and at last Found
    """
    patches: dict[int, Patch] = {}
    read = corrections.frames.read
    auto, shown = corrections.automatic(t), read(t)
    for done, u in enumerate(frames):
        yield Step(words, done, len(frames))
        there = read(u)
        found: Propagated | None
        if shape is not None:
            found = propagate_deletion(shape, there)
        else:
            new = corrections.new_label(u)
            found = propagate(auto, shown, label, there, new)
        if found is None:
            break
        if not found.patch.empty:
            patches[u] = found.patch
        if shape is not None:
            shape = _there(found)
        auto, shown = corrections.automatic(u), found.patch.applied(there)
        label = found.label
    yield Found(f"{words} to {in_frames(patches)}", patches)


def _there(found: Propagated) -> Shape:
    from napari_cellseg.correction.shape import Shape

    patch = found.patch
    shape = Shape.of(patch.before == found.label, patch.y, patch.x)
    assert shape is not None
    return shape
