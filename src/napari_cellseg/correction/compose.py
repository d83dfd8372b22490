"""What the user sees of a frame: automatic labels and marks, laid together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cellseg.postprocess.hierarchy import smallest_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Mark, Marks

MOSTLY = 0.5
"""An automatic cell gives way if more than this share of it is covered."""
HALF = (0.25, 0.75)
"""A share between these is a conflict: it is about half of the cell."""
TABLE = 2**22
"""Numbers are looked up in a table of at most so many entries."""


@dataclass(frozen=True)
class Conflict:
    """A place where the automatic labels and the corrections do not agree.

    Attributes
    ----------
    kind : {"on nothing", "half covered"}
        A marked cell that lay on automatic cells, and lies on none now; an automatic
        cell that is about half under marked cells or removed pixels.
    label : int
        Number that the cell is shown under; the automatic number where it gave way.
    place : tuple of int
        A pixel of the cell, or of what covers it (y, x).
    share : float
        Of the cell, that lies on automatic cells, or is covered.
    words : str
        For the user.
    """

    kind: Literal["on nothing", "half covered"]
    label: int
    place: tuple[int, int]
    share: float
    words: str


@dataclass(frozen=True, eq=False)
class Composed:
    """A frame as it is shown.

    Attributes
    ----------
    labels : unsigned array of shape (Y, X)
        Of the automatic labels' type, or a wider one where a number needs it.
    conflicts : tuple of Conflict
        By rising label.
    """

    labels: NDArray[np.unsignedinteger]
    conflicts: tuple[Conflict, ...] = ()


def compose(auto: NDArray[np.unsignedinteger], marks: Marks) -> Composed:
    """Lay the cells that the user marked over the automatic ones.

    Marked cells stand as they are. Of the automatic ones, those of which more than
    half lies under marked cells or removed pixels give way; the others lose what lies
    there. An automatic cell whose number is a mark's gets the lowest free number, in
    the order of their numbers.

    Parameters
    ----------
    auto : unsigned array of shape (Y, X)
        Labels, 0 is background.
    marks : mapping of int to Mark
        Of this frame.

    Examples
    --------
    >>> from napari_cellseg.correction.marks import Mark
    >>> from napari_cellseg.correction.shape import Shape
    >>> auto = np.array([[1, 1, 1, 0, 2, 2, 2, 2]], np.uint16)
    >>> edited = Mark(Shape.of(np.array([[1, 1]], bool), x=1))
    >>> compose(auto, {5: edited}).labels
    array([[0, 5, 5, 0, 2, 2, 2, 2]], dtype=uint16)
    >>> erased = Mark(None, Shape.of(np.array([[1]], bool), x=4))
    >>> compose(auto, {2: erased}).labels
    array([[1, 1, 1, 0, 0, 3, 3, 3]], dtype=uint16)
    """
    if not marks:
        return Composed(auto.copy())
    if int(auto.max(initial=0)) > TABLE:
        return _compose_sparse(auto, marks)
    covered = _covered(auto, marks)
    areas = _areas(auto)
    gone = {label for label, under in covered.items() if under > MOSTLY * areas[label]}
    renamed = _renamed(np.flatnonzero(areas[1:]) + 1, gone, marks)
    labels = _lay(auto, marks, gone, renamed, areas.size - 1)
    shares = {label: under / areas[label] for label, under in covered.items()}
    found = [*_half_covered(auto, marks, shares, gone, renamed), *_loose(auto, marks)]
    return Composed(labels, tuple(sorted(found, key=lambda conflict: conflict.label)))


def _lay(
    auto: NDArray[np.unsignedinteger],
    marks: Marks,
    gone: Iterable[int],
    renamed: dict[int, int],
    top: int,
) -> NDArray[np.unsignedinteger]:
    from napari_cellseg.postprocess._lookup import relabel

    highest = max(top, *renamed.values(), *_shown(marks), 0)
    dtype = np.promote_types(auto.dtype, smallest_type(highest))
    if highest <= np.iinfo(auto.dtype).max:
        dtype = auto.dtype
    labels = np.empty(auto.shape, dtype)
    table = np.arange(top + 1, dtype=dtype)
    for label in gone:
        table[label] = 0
    for label, number in renamed.items():
        table[label] = number
    relabel(np.ascontiguousarray(auto), table, labels)
    for mark in marks.values():
        if mark.void is not None:
            mark.void.paint(labels, 0)
    for label, mark in marks.items():
        if mark.cell is not None:
            mark.cell.paint(labels, label)
    return labels


def _compose_sparse(auto: NDArray[np.unsignedinteger], marks: Marks) -> Composed:
    """Compose labels with numbers too great for a table, under small ones."""
    small, numbers = numbered(auto)
    known = {number: i for i, number in enumerate(numbers)}
    for label in marks:
        known.setdefault(label, len(known))
    found = compose(small, {known[label]: mark for label, mark in marks.items()})
    back = {i: label for label, i in known.items()}
    free = (n for n in count(1) if n not in known)
    for i in range(len(back), int(found.labels.max(initial=0)) + 1):
        back[i] = next(free)
    table = np.array([back[i] for i in range(len(back))], np.uint32)
    conflicts = [replace(c, label=back[c.label]) for c in found.conflicts]
    return Composed(table[found.labels], tuple(conflicts))


def numbered(
    labels: NDArray[np.unsignedinteger],
) -> tuple[NDArray[np.unsignedinteger], list[int]]:
    """Give the labels of a frame numbers without gaps.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        Labels of any size.

    Returns
    -------
    small : unsigned array of shape (Y, X)
        0 for 0, and so on in the order of the labels.
    numbers : list of int
        The labels by their small number; the first is 0.

    Examples
    --------
    >>> numbered(np.array([[9, 9, 0, 4]], np.uint32))
    (array([[2, 2, 0, 1]], dtype=uint16), [0, 4, 9])
    """
    flat = labels.reshape(-1)
    # runs of equal pixels are much fewer than pixels
    starts = np.append(0, np.flatnonzero(flat[1:] != flat[:-1]) + 1)[: flat.size]
    runs = flat[starts]
    numbers = np.union1d(runs, [0])
    small = np.searchsorted(numbers, runs).astype(smallest_type(numbers.size))
    lengths = np.diff(np.append(starts, flat.size))
    return np.repeat(small, lengths).reshape(labels.shape), numbers.tolist()


def _shown(marks: Marks) -> Iterator[int]:
    return (label for label, mark in marks.items() if mark.cell is not None)


def _shapes(mark: Mark) -> Iterator[Any]:
    return (shape for shape in (mark.cell, mark.void) if shape is not None)


def _covered(auto: NDArray[np.unsignedinteger], marks: Marks) -> dict[int, int]:
    """Count the pixels of automatic cells that marks cover, each pixel once."""
    seen = np.zeros(auto.shape, np.bool_)
    under = []
    for mark in marks.values():
        for shape in _shapes(mark):
            mask, there = shape.mask, seen[shape.box]
            under.append(auto[shape.box][mask & ~there])
            there |= mask
    if not under:
        return {}
    numbers, counts = np.unique(np.concatenate(under), return_counts=True)
    covered = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    covered.pop(0, None)
    return covered


def _areas(auto: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
    """Pixels of each label; at least that of the background."""
    from napari_cellseg.postprocess._lookup import areas

    return areas(np.ascontiguousarray(auto).reshape(-1), int(auto.max(initial=0)))


def _renamed(labels: NDArray[np.int64], gone: set[int], marks: Marks) -> dict[int, int]:
    """Numbers of those that stay and whose own is a mark's."""
    there = set(labels.tolist())
    free = (n for n in count(1) if n not in there and n not in marks)
    taken = sorted((there - gone) & set(marks))
    return dict(zip(taken, free, strict=False))


def _half_covered(
    auto: NDArray[np.unsignedinteger],
    marks: Marks,
    shares: dict[int, float],
    gone: set[int],
    renamed: dict[int, int],
) -> Iterator[Conflict]:
    low, high = HALF
    half = {label for label, share in shares.items() if low < share < high}
    if not half:
        return
    for label, (y, x) in _first_pixels(auto, marks, half).items():
        percent = round(100 * shares[label])
        done = "gave way" if label in gone else "was cut"
        yield Conflict(
            "half covered",
            renamed.get(label, label),
            (y, x),
            shares[label],
            f"An automatic cell of which {percent} % lies under corrections {done}.",
        )


def _first_pixels(
    auto: NDArray[np.unsignedinteger], marks: Marks, wanted: set[int]
) -> dict[int, tuple[int, int]]:
    """By automatic cell, the first pixel of it that a mark covers."""
    found: dict[int, tuple[int, int]] = {}
    for mark in marks.values():
        for shape in _shapes(mark):
            rows, columns = np.nonzero(shape.mask)
            under = auto[shape.box][rows, columns]
            numbers, first = np.unique(under, return_index=True)
            for label, i in zip(numbers.tolist(), first.tolist(), strict=True):
                if label in wanted and label not in found:
                    found[label] = shape.y + int(rows[i]), shape.x + int(columns[i])
    return found


def _loose(auto: NDArray[np.unsignedinteger], marks: Marks) -> Iterator[Conflict]:
    """Find marked cells that lay on automatic ones, and lie on none any more."""
    for label, mark in marks.items():
        cell = mark.cell
        if cell is None or not mark.based:
            continue
        mask = cell.mask
        on = int(np.count_nonzero(auto[cell.box][mask]))
        area = int(np.count_nonzero(mask))
        if on < (1 - HALF[1]) * area:
            rows, columns = np.nonzero(mask)
            middle = rows.size // 2
            place = cell.y + int(rows[middle]), cell.x + int(columns[middle])
            share = on / area
            words = f"Corrected cell {label} lies where no cell is found any more."
            yield Conflict("on nothing", label, place, share, words)
