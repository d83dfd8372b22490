"""Corrections carried over frames, on rows of pixels that can be read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cellseg.correction.edits import (
    copy_cell,
    propagate,
    propagate_deletion,
    same_cell,
)
from napari_cellseg.correction.shape import Shape
from napari_cellseg.errors import EditError


def row(text, dtype=np.uint16):
    """Labels three pixels high; a dot is background, letters are 10 and more."""
    line = [0 if c == "." else int(c, 36) for c in text]
    return np.repeat(np.array(line, dtype)[None], 3, axis=0)


def text(labels):
    assert (labels == labels[:1]).all()
    return "".join("." if i == 0 else np.base_repr(int(i), 36) for i in labels[0])


def carried(auto, shown, label, there, **options):
    """What another frame becomes, and where the correction goes on; None as it is."""
    found = propagate(row(auto), row(shown), label, row(there), new=35, **options)
    if found is None:
        return None
    assert found.patch.inverse.applied(found.patch.applied(row(there))).tolist() == (
        row(there).tolist()
    )
    return text(found.patch.applied(row(there))), found.label


@pytest.mark.parametrize(
    ("there", "by_number", "found"),
    [
        (".1111.....", True, 1),
        (".....1111.", True, 1),
        (".....1111.", False, 0),
        ("..2222.11.", False, 2),
        ("..2222.11.", True, 1),
        ("....22....", False, 0),
        (".2244.....", False, 2),
        ("..........", True, 0),
    ],
)
def test_the_same_cell(there, by_number, found):
    assert same_cell(row(".1111....."), 1, row(there), by_number) == found


@pytest.mark.parametrize(
    ("there", "becomes"),
    [
        ("..........", ".1111....."),
        ("......1...", ".ZZZZ.1..."),
        ("...22.....", ".1122....."),
    ],
)
def test_copied_where_nothing_lies(there, becomes):
    patch = copy_cell(row(".1111....."), 1, row(there), new=35)
    assert text(patch.applied(row(there))) == becomes


def test_not_copied_into_a_crowd_nor_from_nothing():
    with pytest.raises(EditError, match="More than half of cell 1"):
        copy_cell(row(".1111."), 1, row("..2222"), new=9)
    with pytest.raises(EditError, match="no cell 7"):
        copy_cell(row(".1111."), 7, row("......"), new=9)


def test_a_number_beyond_the_type_widens_it():
    there = row("...1", np.uint8)
    patch = copy_cell(row("11..", np.uint8), 1, there, new=70_000)
    assert patch.applied(there).max() == 70_000


MERGE = (".111122..", ".111111..", 1)
SPLIT = (".111111..", ".111222..", 1)
REDRAWN = (".111.....", ".11111...", 1)
DRAWN = (".......44", ".1111..44", 1)


@pytest.mark.parametrize(
    ("correction", "there", "becomes"),
    [
        # numbers that stay the same
        (MERGE, "..111122.", ("..111111.", 1)),
        # other numbers: one that is taken by a stranger is not given twice
        (MERGE, "1.333344.", ("1.333333.", 3)),
        (MERGE, "5.333344.", ("5.111111.", 1)),
        # the larger part alone is like the whole
        (MERGE, ".333344..", (".111111..", 1)),
        # the frame has it already
        (MERGE, ".777777..", (".777777..", 7)),
        # one of the two is not there
        (MERGE, ".....44..", None),
        (MERGE, ".........", None),
        (SPLIT, "..555555.", ("..111222.", 1)),
        (SPLIT, "1.555555.", ("1.555222.", 5)),
        (SPLIT, "12555555.", ("12555ZZZ.", 5)),
        (SPLIT, ".777888..", (".777888..", 7)),
        (SPLIT, "......333", None),
        # of the frame's own outline
        (SPLIT, ".5555555.", (".1112222.", 1)),
        (REDRAWN, "..333....", ("..11111..", 1)),
        (REDRAWN, "..333.6..", ("..11116..", 1)),
        (REDRAWN, ".33333...", (".33333...", 3)),
        (REDRAWN, "......333", None),
        (DRAWN, ".......44", (".1111..44", 1)),
        (DRAWN, "......11.", (".ZZZZ.11.", 35)),
        (DRAWN, "....44...", (".11144...", 1)),
        (DRAWN, "..444444.", None),
        (DRAWN, ".333.....", (".333.....", 3)),
    ],
)
def test_a_correction_is_made_again_where_it_fits(correction, there, becomes):
    assert carried(*correction, there) == becomes


def test_what_was_filled_between_merged_cells_is_filled_again():
    merge = (".111.222..", ".1111111..", 1)
    assert carried(*merge, "..333.444.") == ("..1111111.", 1)


def test_neighbours_do_not_belong_to_the_correction():
    merge = ("9111122888", "9111111888", 1)
    assert carried(*merge, "9333344888") == ("9111111888", 1)


def test_stricter_fits_less():
    assert carried(*SPLIT, "...555555", fits=0.6) is None


def test_a_merge_goes_through_a_movie_until_the_cells_part(case):
    labels, _ = case["touching_pair"]
    auto = [*labels, np.where(labels[0] == 2, 0, labels[0])]
    shown, label, done = np.where(labels[0] == 2, 1, labels[0]), 1, []
    for before, there in pairwise(auto):
        found = propagate(before, shown, label, there, new=9)
        if found is None:
            break
        shown, label = found.patch.applied(there), found.label
        done.append(np.unique(shown).tolist())
    assert done == [[0, 1], [0, 1]]


def test_a_deletion_goes_where_its_like_is():
    shape = Shape.of(row(".1111...") == 1)
    found = propagate_deletion(shape, row("..3333.4"))
    assert text(found.patch.applied(row("..3333.4"))) == ".......4"
    assert found.label == 3
    gone = Shape.of(found.patch.before == found.label, found.patch.y, found.patch.x)
    assert gone == Shape.of(row("..3333.4") == 3)
    assert propagate_deletion(shape, row(".....333")) is None


SMALL = arrays(np.uint16, (5, 6), elements=st.integers(0, 3))


@given(SMALL, SMALL, SMALL, st.data())
def test_no_more_cells_change_than_there_were_before(auto, shown, there, data):
    ids = np.unique(shown[shown > 0]).tolist()
    if not ids:
        return
    label = data.draw(st.sampled_from(ids))
    found = propagate(auto, shown, label, there, new=4)
    if found is None:
        return
    after = found.patch.applied(there)
    assert (after == found.label).any()
    old = set(there[there > 0].tolist())
    replaced = {one for one in old if ((after == one) != (there == one)).any()}
    assert len(replaced) <= np.unique(auto[auto > 0]).size


@given(SMALL)
def test_a_frame_that_is_right_already_stays(shown):
    for label in np.unique(shown[shown > 0]).tolist():
        found = propagate(np.zeros_like(shown), shown, label, shown, new=4)
        assert found is not None
        assert found.patch.empty
        assert found.label == label


def test_no_number_is_beyond_the_highest():
    with pytest.raises(EditError, match="must be from 1 to 4294967295"):
        copy_cell(row("11.."), 1, row("...1"), new=2**32)
    auto, shown, there = row("1111.."), row("1122.."), row("1111.2")
    with pytest.raises(EditError, match="must be from 1 to 4294967295"):
        propagate(auto, shown, 2, there, new=2**32)
