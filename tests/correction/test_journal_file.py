"""Records to bytes and back; files that are cut, damaged, newer or something else."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cellseg.correction.journal import (
    BaseRecord,
    CheckedRecord,
    EditRecord,
    Fingerprint,
    Header,
    RecipeRecord,
    StateRecord,
    VerdictRecord,
    fingerprint,
    place,
    read,
    replay,
)
from napari_cellseg.correction.journal.encoding import decode, encode
from napari_cellseg.correction.journal.file import framed, opening
from napari_cellseg.correction.marks import Change, Edit, Mark
from napari_cellseg.correction.packed import pack
from napari_cellseg.correction.shape import Shape
from napari_cellseg.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

PRINT = Fingerprint((4, 20, 20), "uint16", (1, 2, 3))
HEADER = Header(PRINT, "movie.tif", "1.0")
HEAD = len(opening(HEADER))

numbers = st.integers(0, 2**32 - 1)
moments = st.integers(0, 2**42).map(lambda ms: ms / 1000)
masks = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))
shapes = st.builds(Shape.of, masks, st.integers(0, 5000), st.integers(0, 5000))
marks = st.builds(
    Mark, shapes, shapes, st.sampled_from(["edited", "locked"]), st.booleans()
)
changes = st.builds(
    Change, st.integers(0, 9), st.integers(1, 9), st.none() | marks, st.none() | marks
)
edits = st.builds(Edit, st.text(), st.lists(changes, max_size=4).map(tuple))
packed = arrays(np.uint16, (3, 4), elements=st.integers(0, 9)).map(pack)
edit_records = st.builds(
    EditRecord, st.sampled_from(["edit", "undo", "redo"]), edits, moments
)
states = st.builds(
    StateRecord,
    st.dictionaries(numbers, st.dictionaries(numbers, marks, max_size=3), max_size=3),
    st.frozensets(numbers),
    st.dictionaries(st.text(), st.text()),
    st.text(),
    numbers,
    st.dictionaries(numbers, packed, max_size=2),
    moments,
)
records = st.one_of(
    edit_records,
    st.builds(RecipeRecord, st.text(), numbers),
    st.builds(CheckedRecord, numbers, st.booleans(), numbers),
    st.builds(VerdictRecord, st.text(), st.text(), numbers),
    st.builds(BaseRecord, numbers, packed, moments),
    states,
)


def cell(x: int) -> Mark:
    """Mark a square cell at (0, x)."""
    return Mark(Shape.of(np.ones((3, 3), bool), 0, x))


def some() -> list[EditRecord | CheckedRecord | VerdictRecord]:
    """Make a few records of several kinds."""
    drawn = Edit("Draw 1", (Change(0, 1, None, cell(0)),))
    moved = Edit("Draw 1", (Change(0, 1, cell(0), cell(4)),))
    return [
        EditRecord("edit", drawn, 1.0),
        EditRecord("edit", moved, 1.5),
        CheckedRecord(2, True, 2.0),
        EditRecord("undo", moved.inverse, 3.25),
        VerdictRecord("0/1", "accepted", 4.0),
    ]


@given(records)
def test_a_record_is_read_as_it_was_written(record):
    assert decode(encode(record)) == record


def test_numbers_of_numpy_are_written_as_any():
    mark = Mark(Shape.of(np.ones((2, 2), bool), np.int64(3), np.int64(4)))
    change = Change(np.int64(1), np.uint16(7), None, mark)
    record = EditRecord("edit", Edit("Draw 7", (change,)))
    assert decode(encode(record)) == record


@given(st.lists(edit_records, max_size=8))
def test_replay_sets_marks_as_a_plain_model_does(found):
    expected = {}
    for record in found:
        for change in record.edit.changes:
            expected[change.t, change.label] = change.after
    state = replay(found)
    assert all(state.marks.values())
    got = {(t, label): m for t, of in state.marks.items() for label, m in of.items()}
    assert got == {key: mark for key, mark in expected.items() if mark is not None}


@given(st.lists(records, max_size=8), st.data())
def test_a_state_stands_for_the_records_before_it(found, data):
    n = data.draw(st.integers(0, len(found)))
    assert replay([replay(found[:n]), *found[n:]]) == replay(found)


def test_undone_edits_do_not_count():
    state = replay(some())
    assert state.edits == 1
    assert state.marks == {0: {1: cell(0)}}
    assert state.checked == {2}
    assert state.verdicts == {"0/1": "accepted"}
    assert replay([*some(), VerdictRecord("0/1", "")]).verdicts == {}


def written(path: Path) -> list[int]:
    """Write a journal; return where its records end."""
    data, ends = opening(HEADER), []
    for record in some():
        data += framed(record)
        ends.append(len(data))
    path.write_bytes(data)
    return ends


def test_cut_anywhere_all_before_survives(tmp_path):
    path = tmp_path / "a.corrections"
    ends = written(path)
    data, whole = path.read_bytes(), some()
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        content = read(path)
        n = sum(end <= cut for end in ends)
        assert list(content.records) == whole[:n]
        good = ends[n - 1] if n else HEAD * (cut >= HEAD)
        assert content.good_bytes == good
        assert content.torn == (cut > good)


def test_whatever_byte_is_damaged_all_before_survives(tmp_path):
    path = tmp_path / "a.corrections"
    ends = written(path)
    data, whole = path.read_bytes(), some()
    draw = random.Random(1)
    for at in range(HEAD, len(data)):
        bad = bytearray(data)
        bad[at] ^= draw.randrange(1, 256)
        path.write_bytes(bad)
        content = read(path)
        n = sum(end <= at for end in ends)
        assert list(content.records) == whole[:n]
        assert content.torn


def test_a_damaged_beginning_gives_no_records_or_an_error(tmp_path):
    path = tmp_path / "a.corrections"
    written(path)
    data = path.read_bytes()
    for at in range(HEAD):
        bad = bytearray(data)
        bad[at] ^= 1
        path.write_bytes(bad)
        try:
            content = read(path)
        except JournalError:
            continue
        # the name of the version that wrote it is for the user alone
        assert content.records in ((), tuple(some()))


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\xff" * 5, b"\x08\0\0\0\0\0\0\0abc"])
def test_what_follows_the_last_record_is_left_out(tmp_path, tail):
    path = tmp_path / "a.corrections"
    ends = written(path)
    path.write_bytes(path.read_bytes() + tail)
    content = read(path)
    assert list(content.records) == some()
    assert content.good_bytes == ends[-1]
    assert content.torn


def test_a_second_header_is_no_record(tmp_path):
    path = tmp_path / "a.corrections"
    ends = written(path)
    path.write_bytes(path.read_bytes() + framed(HEADER))
    assert read(path).good_bytes == ends[-1]


def test_a_newer_format_is_refused_with_both_versions(tmp_path):
    path = tmp_path / "a.corrections"
    path.write_bytes(b"napari-cellseg corrections, format 2, by version 99.1\n\x07")
    with pytest.raises(JournalError, match=r"99\.1 \(format 2\).* \(format 1\)"):
        read(path)


@pytest.mark.parametrize("data", [b"II*\0" + b"\0" * 400, b"hello", b"\n"])
def test_another_file_is_refused(tmp_path, data):
    path = tmp_path / "a.corrections"
    path.write_bytes(data)
    with pytest.raises(JournalError, match="not a journal"):
        read(path)


def test_fingerprints_tell_images_apart():
    stack = np.random.default_rng(0).integers(0, 99, (5, 16, 16), np.uint16)

    def of(frames, dtype=None):
        dtype = dtype or frames.dtype
        return fingerprint(frames.shape, dtype, frames.__getitem__)

    same = of(stack)
    assert of(stack.astype(">u2")) == same
    assert of(np.asfortranarray(stack)) == same
    assert decode(encode(Header(same, "a", "1"))).fingerprint == same
    other = stack.copy()
    other[2] += 1
    assert len({same, of(other), of(stack[:4]), of(stack.astype("i4"))}) == 4
    assert of(stack[:1]).frames == same.frames[:1]
    assert of(stack[:0]).frames == ()


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("NAPARI_CELLSEG_CORRECTIONS", str(folder))
    return folder


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("movie.tif", "", "movie.tif.corrections"),
        ("01", "", "01.corrections"),
        ("cells.ome.zarr", "nuclei", "cells.ome.zarr.nuclei.corrections"),
    ],
)
def test_a_journal_lies_beside_its_image(tmp_path, data_folder, source, kind, expected):
    found = place(tmp_path / source, "movie", PRINT, kind)
    assert found == tmp_path / expected
    assert list(tmp_path.iterdir()) == []


def test_images_of_one_name_from_memory_do_not_meet(data_folder):
    other = Fingerprint(PRINT.shape, PRINT.dtype, (1, 2, 4))
    names = {place(None, "a/b: c", print_) for print_ in (PRINT, other)}
    assert len(names) == 2
    assert {name.parent for name in names} == {data_folder}


def test_a_folder_that_may_only_be_read(tmp_path, data_folder, monkeypatch):
    module = sys.modules[place.__module__]
    monkeypatch.setattr(module, "writable", lambda folder: False)
    image, beside = tmp_path / "m.tif", tmp_path / "m.tif.corrections"
    aside = place(image, "m.tif", PRINT)
    assert aside.parent == data_folder
    beside.touch()
    assert place(image, "m.tif", PRINT) == beside


def test_a_name_too_long_for_a_suffix_goes_to_the_data_folder(tmp_path, data_folder):
    name = "m" * 250 + ".tif"
    found = place(tmp_path / name, name, PRINT)
    assert found.parent == data_folder
    assert len(found.name) < 100
