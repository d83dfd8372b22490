"""Automatic labels and marks, laid together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_cellseg.correction.compose import TABLE, compose, numbered
from napari_cellseg.correction.marks import Mark
from napari_cellseg.correction.shape import Shape


def row(*labels: int, dtype: Any = np.uint16) -> Any:
    return np.array([labels], dtype)


def cell(start: int, length: int) -> Shape:
    shape = Shape.of(np.ones((1, length), np.bool_), x=start)
    assert shape is not None
    return shape


def test_without_marks_it_is_what_is_automatic() -> None:
    auto = row(1, 1, 0, 2)
    composed = compose(auto, {})
    assert np.array_equal(composed.labels, auto)
    assert composed.labels is not auto
    assert composed.conflicts == ()


def test_a_marked_cell_stands_and_what_lies_mostly_under_it_gives_way() -> None:
    composed = compose(row(1, 1, 1, 0, 2), {7: Mark(cell(0, 2))})
    assert composed.labels.tolist() == [[7, 7, 0, 0, 2]]


def test_exactly_half_covered_stays_and_is_cut() -> None:
    composed = compose(row(1, 1, 1, 1), {7: Mark(cell(0, 2))})
    assert composed.labels.tolist() == [[7, 7, 1, 1]]
    (conflict,) = composed.conflicts
    assert (conflict.kind, conflict.label, conflict.share) == ("half covered", 1, 0.5)


def test_removed_pixels_stay_background() -> None:
    composed = compose(row(3, 3, 3, 3, 3), {9: Mark(None, cell(0, 1))})
    assert composed.labels.tolist() == [[0, 3, 3, 3, 3]]
    assert composed.conflicts == ()


def test_a_deleted_cell_does_not_come_back_under_another_number() -> None:
    deleted = {4: Mark(None, cell(0, 3))}
    assert not compose(row(8, 8, 8, 8), deleted).labels.any()


def test_what_two_marks_cover_together_counts_together() -> None:
    marks = {7: Mark(cell(0, 2)), 8: Mark(None, cell(2, 1))}
    assert compose(row(1, 1, 1, 1, 1), marks).labels.tolist() == [[7, 7, 0, 0, 0]]


def test_a_pixel_under_a_cell_and_removed_counts_once() -> None:
    marks = {7: Mark(cell(0, 2), cell(0, 2))}
    assert compose(row(1, 1, 1, 1, 1), marks).labels.tolist() == [[7, 7, 1, 1, 1]]


def test_a_number_that_is_taken_becomes_the_lowest_free_one() -> None:
    marks = {1: Mark(cell(5, 1)), 4: Mark(None)}
    composed = compose(row(1, 1, 0, 2, 0, 0, 3), marks)
    assert composed.labels.tolist() == [[5, 5, 0, 2, 0, 1, 3]]


def test_a_number_that_was_merged_away_is_not_given_again() -> None:
    assert compose(row(1, 1), {1: Mark(None)}).labels.tolist() == [[2, 2]]


@pytest.mark.parametrize(
    ("based", "kinds"), [(True, ["on nothing"]), (False, [])], ids=["based", "drawn"]
)
def test_a_cell_on_nothing_is_a_conflict_if_it_lay_on_cells(
    based: bool, kinds: list[str]
) -> None:
    composed = compose(row(0, 0, 0, 0), {2: Mark(cell(1, 2), based=based)})
    assert [conflict.kind for conflict in composed.conflicts] == kinds


def test_the_type_widens_where_a_number_needs_it() -> None:
    auto = row(1, 0, dtype=np.uint8)
    assert compose(auto, {200: Mark(cell(1, 1))}).labels.dtype == np.uint8
    assert compose(auto, {300: Mark(cell(1, 1))}).labels.dtype == np.uint16
    assert compose(auto, {70_000: Mark(cell(1, 1))}).labels.dtype == np.uint32


def test_great_numbers_are_composed_as_small_ones() -> None:
    small = compose(row(1, 1, 2, 2, 2, 0, 3), {3: Mark(cell(1, 3))})
    great = {1: TABLE + 5, 2: TABLE + 9, 3: 2**32 - 1}
    auto = row(*(great.get(i, 0) for i in (1, 1, 2, 2, 2, 0, 3)), dtype=np.uint32)
    composed = compose(auto, {great[3]: Mark(cell(1, 3))})
    assert small.labels.tolist() == [[1, 3, 3, 3, 0, 0, 4]]
    back = {0: 0, 1: great[1], 3: great[3], 4: 1}
    assert composed.labels.tolist() == [[back[i] for i in small.labels[0].tolist()]]


def test_an_empty_frame() -> None:
    empty = np.zeros((0, 0), np.uint16)
    assert compose(empty, {1: Mark(None)}).labels.shape == (0, 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_numbers_without_gaps(dtype: Any) -> None:
    labels = np.array([[200, 200, 0], [3, 200, 3]], dtype)
    small, numbers = numbered(labels)
    assert numbers == [0, 3, 200]
    assert np.array_equal(np.array(numbers)[small], labels)
    assert numbered(np.zeros((0, 4), dtype))[1] == [0]
