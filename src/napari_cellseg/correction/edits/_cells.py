"""Find cells in a frame, and work in their box."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellseg.correction.measure import boxes_of_runs
from napari_cellseg.correction.patch import Patch, patch_of
from napari_cellseg.correction.shape import box_at
from napari_cellseg.errors import EditError
from napari_cellseg.metrics.runs import common_runs, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Labels: TypeAlias = "NDArray[np.unsignedinteger]"
HIGHEST = 2**32 - 1
"""The highest number of a cell."""
FEW = 8


@dataclass(frozen=True, eq=False)
class Crop:
    """A box of a frame.

    Attributes
    ----------
    y, x : int
        Where it begins (px).
    before : unsigned array of shape (height, width)
        Its labels, a view.
    """

    y: int
    x: int
    before: Labels

    @property
    def box(self) -> tuple[slice, slice]:
        """Where it lies in the frame."""
        return box_at(self.y, self.x, self.before.shape)

    def copy(self, number: int = 0) -> Labels:
        """Labels to change, of a type that also holds a number."""
        return copy_for(self.before, number)

    def patch(self, after: Labels) -> Patch:
        """Return the smallest patch of the frame that changes the box."""
        found = patch_of(self.before, after)
        return Patch(self.y + found.y, self.x + found.x, found.before, found.after)


def copy_for(labels: Labels, number: int) -> Labels:
    """Copy labels into a type that also holds a number.

    Raises
    ------
    EditError
        If the number is higher than that of any cell can be.

    Examples
    --------
    >>> copy_for(np.array([7], np.uint8), 300)
    array([7], dtype=uint16)
    """
    if number > HIGHEST:
        raise EditError(_invalid(number))
    return labels.astype(np.result_type(labels.dtype, np.min_scalar_type(number)))


def frame(labels: Labels) -> Labels:
    """Check that labels are a frame (Y, X) of whole numbers.

    Raises
    ------
    TypeError
        If they are not whole numbers.
    ValueError
        If they are not two-dimensional.
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be whole numbers, but they are {labels.dtype}")
    if labels.ndim != 2:
        raise ValueError(f"labels must be (Y, X), but their shape is {labels.shape}")
    return labels


def number(value: int) -> int:
    """Check the number of a cell.

    Raises
    ------
    EditError
        If it is not one of 1 ... 4294967295.

    Examples
    --------
    >>> number(np.uint8(7))
    7
    """
    value = index(value)
    if not 1 <= value <= HIGHEST:
        raise EditError(_invalid(value))
    return value


def numbers(ids: Iterable[int]) -> list[int]:
    """Check numbers of cells; each of them once, in their order.

    Raises
    ------
    EditError
        If there is none, or one is not valid.

    Examples
    --------
    >>> numbers([4, 2, 4])
    [4, 2]
    """
    found = list(dict.fromkeys(number(value) for value in ids))
    if not found:
        raise EditError("no cell is chosen: choose at least one")
    return found


def among(labels: Labels, ids: Sequence[int]) -> NDArray[np.bool_]:
    """Pixels of some cells, bool of the shape of the labels."""
    # a pass a cell is the fastest for a few of them
    if len(ids) > FEW:
        return np.isin(labels, ids)
    found = np.zeros(labels.shape, np.bool_)
    for label in ids:
        found |= labels == label
    return found


def find(labels: Labels, ids: Sequence[int], margin: int = 0) -> Crop:
    """Return the box of some cells, wider by a margin (px) as far as the frame goes.

    Raises
    ------
    EditError
        If one of them is not in the frame.

    Examples
    --------
    >>> crop = find(np.array([[0, 0, 0, 0], [0, 3, 3, 0]], np.uint8), [3])
    >>> crop.y, crop.x, crop.before
    (1, 1, array([[3, 3]], dtype=uint8))
    """
    chosen = among(labels, ids)
    rows = np.flatnonzero(chosen.any(axis=1))
    if not rows.size:
        raise _absent(ids)
    band = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(chosen[band].any(axis=0))
    box = band, slice(int(columns[0]), int(columns[-1]) + 1)
    if len(ids) > 1:
        there = np.isin(ids, labels[box][chosen[box]])
        if not there.all():
            raise _absent(np.asarray(ids)[~there].tolist())
    return cut_out(labels, box, margin)


def boxes(labels: Labels, ids: Iterable[int]) -> dict[int, tuple[slice, slice]]:
    """Return the box of each of some cells, in a single pass.

    Raises
    ------
    KeyError
        If one of them is not in the frame.

    Examples
    --------
    >>> boxes(np.array([[0, 3, 9, 3]], np.uint8), [3])
    {3: (slice(0, 1, None), slice(1, 4, None))}
    """
    starts, lengths, (values,) = common_runs(labels)
    found, _, index = tally(values, lengths)
    kept = index >= 0
    y, left = np.divmod(starts[kept], labels.shape[1])
    sides = boxes_of_runs(index[kept], y, left, left + lengths[kept], found.size)
    row = dict(zip(found.tolist(), sides.tolist(), strict=True))
    corners = ((label, row[label]) for label in ids)
    return {
        label: (slice(top, bottom), slice(left, right))
        for label, (top, left, bottom, right) in corners
    }


def cut_out(labels: Labels, box: tuple[slice, slice], margin: int = 0) -> Crop:
    """Return a box of the frame, wider by a margin (px) as far as the frame goes."""
    begins = [max(side.start - margin, 0) for side in box]
    ends = [max(side.stop + margin, 0) for side in box]
    rows, columns = map(slice, begins, ends)
    return Crop(rows.start, columns.start, labels[rows, columns])


def free(labels: Labels, first: int, count: int) -> None:
    """Check that the numbers first, first + 1, ... can be given to new cells.

    Raises
    ------
    EditError
        If one of them is in the frame, or not valid.
    """
    number(first)
    number(first + max(count, 1) - 1)
    if not labels.size or labels.max() < first:
        return
    taken = labels[(labels >= first) & (labels < first + count)]
    if taken.size:
        raise EditError(
            f"the number {taken.min()} is taken in this frame: choose a free one"
        )


def _invalid(value: int) -> str:
    return f"{value} is not the number of a cell: it must be from 1 to {HIGHEST}"


def _absent(ids: Sequence[int]) -> EditError:
    """Say that cells are not there."""
    names = ", ".join(str(label) for label in ids)
    words = "cell {} is" if len(ids) == 1 else "cells {} are"
    return EditError(f"{words.format(names)} not in this frame: nothing was changed")
