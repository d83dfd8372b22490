"""From pixels before and after to the changes of marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.compose import MOSTLY, TABLE, numbered
from napari_cellseg.correction.marks import Change, Mark
from napari_cellseg.correction.shape import Shape, joined
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Marks, Status
    from napari_cellseg.correction.patch import Patch

MANY = 4
"""Cells that are each looked for by themselves; more, in one pass for all."""


def changes(
    t: int,
    auto: NDArray[np.unsignedinteger],
    shown: NDArray[np.unsignedinteger],
    patch: Patch,
    marks: Marks,
) -> tuple[Change, ...]:
    """List the changes of marks that a patch of pixels comes to.

    With the same automatic labels, composing the new marks gives ``patch.applied`` to
    what is shown.

    Parameters
    ----------
    t : int
        The frame.
    auto, shown : unsigned arrays of shape (Y, X)
        The automatic labels, and what composing them with the marks gives.
    patch : Patch
        What changes in ``shown``.
    marks : mapping of int to Mark
        Of this frame.

    Returns
    -------
    tuple of Change
        By rising label; empty if the patch is.

    Raises
    ------
    EditError
        If a locked cell would change.

    Examples
    --------
    >>> from napari_cellseg.correction.patch import Patch
    >>> auto = np.array([[1, 1, 1, 1]], np.uint16)
    >>> patch = Patch(0, 3, auto[:, 3:], np.array([[0]], np.uint16))
    >>> (change,) = changes(0, auto, auto, patch, {})
    >>> change.after.cell.width, change.after.void.x
    (3, 3)
    """
    differs = patch.before != patch.after
    touched = np.union1d(patch.before[differs], patch.after[differs])
    ids = [int(label) for label in touched if label]
    if not ids:
        return ()
    refuse_locked(ids, marks)
    cells = shapes_of(patch.applied(shown), ids)
    gone = np.where(patch.after == 0, patch.before, 0)
    lost = shapes_of(gone, ids, patch.y, patch.x)
    return tuple(
        Change(t, i, marks.get(i), _mark(auto, cells[i], lost[i], marks.get(i)))
        for i in ids
    )


def refuse_locked(ids: Iterable[int], marks: Marks) -> None:
    """Raise EditError if one of the cells is locked."""
    locked = [i for i in ids if i in marks and marks[i].status == "locked"]
    if locked:
        names = ", ".join(map(str, locked))
        cells = f"Cell {names} is" if len(locked) == 1 else f"Cells {names} are"
        raise EditError(f"{cells} locked: unlock first.")


def protected(
    before: NDArray[np.unsignedinteger],
    after: NDArray[np.unsignedinteger],
    marks: Marks,
) -> NDArray[np.unsignedinteger]:
    """Take back, of what was painted, what locked cells would gain or lose.

    Parameters
    ----------
    before, after : unsigned arrays of the same shape
        What was painted on, and what it became.
    marks : mapping of int to Mark
        Of this frame.

    Examples
    --------
    >>> before, after = np.array([[1, 2, 0]]), np.array([[3, 3, 2]])
    >>> protected(before, after, {2: Mark(None, status="locked")})
    array([[3, 2, 0]])
    """
    locked = [label for label, mark in marks.items() if mark.status == "locked"]
    if not locked:
        return after
    kept = np.isin(before, locked) | np.isin(after, locked)
    return np.where(kept, before, after)


def lock(
    t: int,
    auto: NDArray[np.unsignedinteger],
    shown: NDArray[np.unsignedinteger],
    ids: Iterable[int],
    marks: Marks,
    on: bool = True,
) -> tuple[Change, ...]:
    """List the changes of marks that lock cells, or unlock them: they are edited then.

    Cells that are so already are left out; one that is as it was found automatically
    loses its mark when it is unlocked. Parameters are as of `changes`.
    """
    wanted: Status = "locked" if on else "edited"
    ids = [i for i in ids if not _is(marks.get(i), wanted)]
    if not on:
        ids = [i for i in ids if i in marks]
    cells = shapes_of(shown, ids)
    found = []
    for label in ids:
        old, cell = marks.get(label), cells[label]
        if cell is not None:
            void = old.void if old else None
            mark = Mark(cell, void, wanted, _based(auto, cell, old))
            same = not on and void is None and _is_automatic(auto, label, cell)
            found.append(Change(t, label, old, None if same else mark))
    return tuple(found)


def _is_automatic(auto: NDArray[np.unsignedinteger], label: int, cell: Shape) -> bool:
    """Whether a cell is what was found automatically, under the same number."""
    under = auto[cell.box] == label
    return np.array_equal(under, cell.mask) and (
        int(np.count_nonzero(auto == label)) == cell.area
    )


def _is(mark: Mark | None, status: str) -> bool:
    return mark is not None and mark.status == status


def shapes_of(
    labels: NDArray[np.unsignedinteger], ids: Iterable[int], y: int = 0, x: int = 0
) -> dict[int, Shape | None]:
    """Find the pixels of cells.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        A frame, or a part of it.
    ids : iterable of int
        Numbers of the cells.
    y, x : int
        Where the part begins in the frame (px).

    Returns
    -------
    dict of int to Shape or None
        None for a number that is not there.

    Examples
    --------
    >>> found = shapes_of(np.array([[0, 3, 3]]), [3, 8], y=5)
    >>> found[3].y, found[3].x, found[3].area, found[8]
    (5, 1, 2, None)
    """
    ids = list(ids)
    if len(ids) <= MANY:
        return {label: Shape.of(labels == label, y, x) for label in ids}
    from scipy.ndimage import find_objects

    place = {label: label for label in ids}
    if int(labels.max(initial=0)) > TABLE:
        labels, numbers = numbered(labels)
        place = {number: i for i, number in enumerate(numbers)}
    boxes = [None, *find_objects(labels.astype(np.int32, copy=False))]
    found: dict[int, Shape | None] = dict.fromkeys(ids)
    for label in ids:
        i = place.get(label, 0)
        box = boxes[i] if i < len(boxes) else None
        if box is not None:
            top, left = y + box[0].start, x + box[1].start
            found[label] = Shape.of(labels[box] == i, top, left)
    return found


def _mark(
    auto: NDArray[np.unsignedinteger],
    cell: Shape | None,
    lost: Shape | None,
    old: Mark | None,
) -> Mark:
    void = joined(old.void if old else None, lost)
    return Mark(cell, void, "edited", _based(auto, cell or lost, old))


def _based(
    auto: NDArray[np.unsignedinteger], shape: Shape | None, old: Mark | None
) -> bool:
    """Whether most of it lies on automatic cells, or did when it was first marked."""
    if old is not None and old.cell is not None:
        return old.based
    if shape is None:
        return False
    mask = shape.mask
    on = np.count_nonzero(auto[shape.box][mask])
    return bool(on >= MOSTLY * np.count_nonzero(mask))
