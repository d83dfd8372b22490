"""From pixels before and after to the changes of marks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_cellseg.correction.compose import TABLE, compose
from napari_cellseg.correction.derive import MANY, changes, lock, shapes_of
from napari_cellseg.correction.marks import Mark
from napari_cellseg.correction.patch import Patch, patch_of
from napari_cellseg.correction.shape import Shape
from napari_cellseg.errors import EditError


def row(*labels: int, dtype: Any = np.uint16) -> Any:
    return np.array([labels], dtype)


def marks_after(auto: Any, shown: Any, after: Any, marks: Any = None) -> dict[int, Any]:
    marks = marks or {}
    made = changes(0, auto, shown, patch_of(shown, after), marks)
    return {**marks, **{change.label: change.after for change in made}}


def test_every_cell_whose_pixels_change_is_marked() -> None:
    auto = row(1, 1, 2, 2, 3)
    marks = marks_after(auto, auto, row(1, 1, 1, 2, 3))
    assert sorted(marks) == [1, 2]
    assert all(mark.void is None for mark in marks.values())


def test_what_becomes_background_is_remembered() -> None:
    auto = row(1, 1, 1, 0)
    marks = marks_after(auto, auto, row(1, 0, 0, 0))
    assert (marks[1].void.x, marks[1].void.width) == (1, 2)
    again = marks_after(auto, row(1, 0, 0, 0), row(0, 0, 0, 0), marks)
    assert (again[1].cell, again[1].void.width) == (None, 3)


def test_whether_a_cell_lay_on_automatic_ones_is_kept() -> None:
    auto = row(1, 1, 0, 0)
    marks = marks_after(auto, auto, row(1, 1, 5, 5))
    assert not marks[5].based
    # moved onto an automatic cell later: it was drawn on nothing all the same
    moved = marks_after(auto, row(1, 1, 5, 5), row(5, 5, 0, 0), marks)
    assert not moved[5].based
    assert marks_after(auto, auto, row(6, 6, 0, 0))[6].based


def test_many_cells_are_as_they_are_one_by_one() -> None:
    labels = np.kron(np.arange(12).reshape(3, 4), np.ones((2, 3))).astype(np.uint32)
    labels[0, 0] = 11
    for numbers in (labels, np.where(labels == 7, TABLE + 3, labels)):
        ids = [i for i in np.unique(numbers).tolist() if i] + [99]
        assert len(ids) > MANY
        alone = {i: shapes_of(numbers, [i], 4, 5)[i] for i in ids}
        assert shapes_of(numbers, ids, 4, 5) == alone
        assert alone[99] is None


def test_a_locked_cell_refuses() -> None:
    auto = row(1, 1, 2)
    locked = {1: Mark(Shape.of(auto == 1), status="locked")}
    with pytest.raises(EditError, match="Cell 1 is locked: unlock first"):
        marks_after(auto, auto, row(1, 2, 2), locked)


def test_unlocking_gives_back_a_cell_that_is_as_it_was_found() -> None:
    auto = row(1, 1, 2)
    (locked,) = lock(0, auto, auto, [1], {})
    (unlocked,) = lock(0, auto, auto, [1], {1: locked.after}, on=False)
    assert unlocked.after is None


@pytest.mark.parametrize(
    "found",
    [row(1, 2, 2), row(3, 3, 2), row(1, 1, 1)],
    ids=["smaller", "another number", "larger"],
)
def test_unlocking_keeps_a_cell_that_is_found_otherwise_by_now(found: Any) -> None:
    auto = row(1, 1, 2)
    (locked,) = lock(0, auto, auto, [1], {})
    marks = {1: locked.after}
    shown = compose(found, marks).labels
    (unlocked,) = lock(0, found, shown, [1], marks, on=False)
    assert unlocked.after is not None
    assert unlocked.after.status == "edited"


def test_nothing_changes() -> None:
    none = np.zeros((0, 0), np.uint16)
    assert changes(0, row(1), row(1), Patch(0, 0, none, none), {}) == ()
