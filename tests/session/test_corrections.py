"""Corrections of a movie: edits, painting, locks, numbers, what is written down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_cellseg.correction.edits import delete, merge, split_line
from napari_cellseg.correction.history import Timeline
from napari_cellseg.correction.journal import EditRecord, RecipeRecord, VerdictRecord
from napari_cellseg.correction.patch import Patch
from napari_cellseg.errors import EditError
from napari_cellseg.session.corrections import Corrections


class Movie:
    """Labels (T, Y, X) in memory."""

    limit = 65535

    def __init__(self, labels: Any) -> None:
        self.labels = labels
        self.shape = labels.shape

    def read(self, t: int) -> Any:
        return self.labels[t]

    def write(self, t: int, labels: Any) -> None:
        self.labels[t] = labels

    def top(self) -> int:
        return int(self.labels.max())

    def used(self) -> Any:
        return np.unique(self.labels)[1:]


@pytest.fixture
def movie() -> Movie:
    labels = np.zeros((2, 3, 8), np.uint16)
    labels[:, :, :3], labels[:, :, 3:6] = 1, 2
    labels[1, :, 7] = 9
    return Movie(labels)


@pytest.fixture
def corrections(movie: Movie) -> Corrections:
    return Corrections(movie)


class Log(list[Any]):
    """What was written down."""


def merged(corrections: Corrections, t: int = 0) -> None:
    patch = merge(corrections.frames.read(t), [1, 2])
    corrections.edit("Merge 1 and 2", {t: patch})


def test_an_edit_is_shown_and_undone(corrections: Corrections, movie: Movie) -> None:
    before = movie.labels.copy()
    merged(corrections)
    assert np.unique(movie.labels[0]).tolist() == [0, 1]
    assert corrections.status(0, 1) == "edited"
    assert corrections.undo()
    assert np.array_equal(movie.labels, before)
    assert corrections.status(0, 1) == "auto"
    assert corrections.redo()
    assert np.unique(movie.labels[0]).tolist() == [0, 1]
    assert not corrections.redo()


def test_an_edit_survives_other_automatic_labels(
    corrections: Corrections, movie: Movie
) -> None:
    merged(corrections)
    auto = np.zeros((3, 8), np.uint16)
    auto[:, :2], auto[:, 2:5], auto[:, 7] = 1, 2, 3
    shown = corrections.take(0, auto)
    assert shown[0].tolist() == [1, 1, 1, 1, 1, 1, 0, 3]
    movie.write(0, shown)
    assert corrections.undo()
    assert np.array_equal(movie.labels[0], auto)


def test_a_step_over_many_frames_is_one(corrections: Corrections, movie: Movie) -> None:
    before = movie.labels.copy()
    patches = {t: delete(movie.labels[t], [2]) for t in (0, 1)}
    edit = corrections.edit("Delete 2 in all frames", patches)
    assert edit is not None
    assert edit.frames == [0, 1]
    assert not (movie.labels == 2).any()
    corrections.undo()
    assert np.array_equal(movie.labels, before)


def test_a_locked_cell_refuses_tools_and_nothing_is_changed(
    corrections: Corrections, movie: Movie
) -> None:
    corrections.lock({1: [2]})
    before = movie.labels.copy()
    patches = {t: delete(movie.labels[t], [2]) for t in (0, 1)}
    with pytest.raises(EditError, match="Cell 2 is locked"):
        corrections.edit("Delete 2 in all frames", patches)
    assert np.array_equal(movie.labels, before)
    assert corrections.timeline.last is not None
    assert corrections.timeline.last.words == "Lock 2 in frame 1"


def test_painting_over_a_locked_cell_is_put_back(
    corrections: Corrections, movie: Movie
) -> None:
    corrections.lock({0: [2]})
    before = movie.labels[0].copy()
    movie.labels[0, 0, 1:5] = 7
    corrections.stroke(0, before)
    assert movie.labels[0, 0].tolist() == [1, 7, 7, 2, 2, 2, 0, 0]
    assert corrections.status(0, 7) == corrections.status(0, 1) == "edited"
    assert corrections.status(0, 2) == "locked"


def test_painting_only_on_a_locked_cell_is_no_step(
    corrections: Corrections, movie: Movie
) -> None:
    corrections.lock({0: [2]})
    before = movie.labels[0].copy()
    movie.labels[0, 0, 4] = 0
    assert corrections.stroke(0, before) is None
    assert np.array_equal(movie.labels[0], before)


def test_unlocking_and_releasing(corrections: Corrections, movie: Movie) -> None:
    before = movie.labels.copy()
    assert corrections.lock({0: [1]}, on=False) is None
    assert corrections.lock({0: [1]}) is not None
    assert corrections.lock({0: [1]}) is None
    with pytest.raises(EditError, match="locked"):
        corrections.release(0, [1])
    corrections.lock({0: [1]}, on=False)
    assert corrections.marks == {}
    merged(corrections)
    assert corrections.status(0, 1) == "edited"
    corrections.release(0, [1, 2])
    assert corrections.marks == {}
    assert np.array_equal(movie.labels, before)
    assert corrections.release(0, [1]) is None


def test_what_was_erased_stays_background(
    corrections: Corrections, movie: Movie
) -> None:
    before = movie.labels[0].copy()
    movie.labels[0, 0, :2] = 0
    corrections.stroke(0, before, "Erase")
    again = corrections.take(0, before.copy())
    assert np.array_equal(again, movie.labels[0])


def test_new_numbers_are_free_in_the_frame_or_in_all(movie: Movie) -> None:
    assert Corrections(movie).new_label(0) == 3
    assert Corrections(movie, by_number=True).new_label(0) == 10


def test_new_numbers_where_the_greatest_is_taken(movie: Movie) -> None:
    movie.limit = 9
    corrections = Corrections(movie, by_number=True)
    assert corrections.new_label(0) == 3
    merged(corrections)
    assert corrections.new_label(0) == 3
    movie.labels[1, 0] = range(1, 9)
    assert Corrections(movie).new_label(0) == 2
    with pytest.raises(EditError, match=r"All numbers .* are taken"):
        Corrections(movie, by_number=True).new_label(0)


def test_the_number_of_a_cell_that_was_merged_away_is_not_given_again(
    corrections: Corrections,
) -> None:
    merged(corrections)
    assert corrections.new_label(0) == 3


def test_a_split_takes_numbers_that_are_free(
    corrections: Corrections, movie: Movie
) -> None:
    line = np.array([[1.0, -1.0], [1.0, 3.0]])
    patch = split_line(movie.labels[0], line, label=1, new=corrections.new_label(0))
    corrections.edit("Split 1", {0: patch})
    assert np.unique(movie.labels[0]).tolist() == [0, 1, 2, 3]
    assert {corrections.status(0, i) for i in (1, 3)} == {"edited"}


def test_an_edit_that_changes_nothing_is_no_step(corrections: Corrections) -> None:
    none = np.zeros((0, 0), np.uint16)
    assert corrections.edit("Nothing", {0: Patch(0, 0, none, none)}) is None
    assert corrections.timeline.last is None
    assert corrections.marks == {}


def test_a_frame_of_another_size_is_refused(
    corrections: Corrections, movie: Movie
) -> None:
    movie.labels = movie.labels[:, :2, :5]
    with pytest.raises(EditError, match="is 2x5 now, and its corrections are for 3x8"):
        corrections.lock({0: [1]})


def test_a_result_of_another_size_is_refused_where_there_are_corrections(
    corrections: Corrections,
) -> None:
    larger = np.zeros((4, 9), np.uint16)
    assert corrections.take(0, larger) is larger
    merged(corrections)
    with pytest.raises(EditError, match="is 4x9 now, and its corrections are for 3x8"):
        corrections.take(0, larger)


def test_a_step_that_cannot_be_done_again_leaves_no_trace(
    corrections: Corrections, movie: Movie
) -> None:
    corrections.edit("Both", {t: merge(movie.labels[t], [1, 2]) for t in (0, 1)})
    corrections.undo()
    whole, first = movie.labels, movie.labels[0].copy()
    movie.read = lambda t: whole[t] if t == 0 else whole[t, :2]  # type: ignore[method-assign]
    with pytest.raises(EditError, match="Frame 1 is 2x8"):
        corrections.redo()
    assert corrections.marks == {}
    assert np.array_equal(movie.labels[0], first)
    # other automatic labels, and an edit upon them
    other = np.full((3, 8), 4, np.uint16)
    movie.write(0, corrections.take(0, other))
    corrections.edit("Delete 4", {0: delete(movie.labels[0], [4])})
    corrections.undo()
    assert np.array_equal(movie.labels[0], other)


def test_everything_is_written_down_as_it_is_done(corrections: Corrections) -> None:
    log = corrections.log = Log()
    merged(corrections)
    corrections.undo()
    corrections.redo()
    corrections.check(1)
    corrections.check(1)
    corrections.judge("a", "accepted")
    corrections.judge("a", "")
    corrections.use_recipe("name = 'x'")
    corrections.use_recipe("name = 'x'")
    kinds = [record.kind for record in log if isinstance(record, EditRecord)]
    assert kinds == ["edit", "undo", "redo"]
    assert len(log) == 7
    assert isinstance(log[-1], RecipeRecord)
    assert isinstance(log[-2], VerdictRecord)
    assert corrections.verdicts == {}


def test_what_was_written_down_comes_back_and_can_be_undone(movie: Movie) -> None:
    before = movie.labels.copy()
    first = Corrections(Movie(movie.labels.copy()))
    log = first.log = Log()
    merged(first)
    merged(first, 1)
    first.undo()
    first.check(1)
    first.judge("a", "skipped")
    second = Corrections(movie)
    second.restore(log)
    assert np.array_equal(movie.labels, first.frames.labels)  # type: ignore[attr-defined]
    assert (second.checked, second.verdicts) == ({1}, {"a": "skipped"})
    second.redo()
    assert np.unique(movie.labels[1]).tolist() == [0, 1, 9]
    second.undo()
    second.undo()
    assert np.array_equal(movie.labels, before)


def test_corrections_of_two_layers_share_one_order(movie: Movie) -> None:
    timeline = Timeline()
    nuclei = Movie(movie.labels.copy())
    both = [Corrections(frames, timeline) for frames in (movie, nuclei)]
    merged(both[0])
    merged(both[1])
    both[0].undo()
    assert (nuclei.labels == 2).any()
    assert not (movie.labels[0] == 2).any()


def test_what_was_undone_before_the_journal_began_undoes_nothing_else(
    movie: Movie,
) -> None:
    first = Corrections(Movie(movie.labels.copy()))
    log = first.log = Log()
    merged(first)
    first.undo()
    timeline = Timeline()
    other = Corrections(Movie(movie.labels.copy()), timeline)
    merged(other)
    Corrections(movie, timeline).restore(log[1:])
    assert timeline.last is not None
    assert timeline.next is None


def test_it_tells_which_frame_changed(corrections: Corrections) -> None:
    heard: list[int] = []
    corrections.changed.connect(heard.append)
    merged(corrections, 1)
    corrections.undo()
    assert heard == [1, 1]


def test_labels_of_another_width(corrections: Corrections, movie: Movie) -> None:
    movie.labels = movie.labels.astype(np.uint8)
    patch = Patch(0, 7, movie.labels[0, :1, 7:], np.array([[300]], np.uint16))
    written: list[Any] = []
    movie.write = lambda t, labels: written.append(labels)  # type: ignore[method-assign]
    corrections.edit("Draw 300", {0: patch})
    assert written[0].dtype == np.uint16
    assert written[0][0, 7] == 300
