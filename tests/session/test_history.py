from __future__ import annotations

from typing import Any

import pytest

from napari_cellseg.correction.history import Timeline
from napari_cellseg.session import History
from napari_cellseg.session.steps import Course


def undo(history: History[Any]) -> Any:
    history.course.timeline.undo()
    return history.value


def redo(history: History[Any]) -> Any:
    history.course.timeline.redo()
    return history.value


def test_each_change_is_a_step() -> None:
    history = History("a")
    history.change("b")
    history.change("c")
    assert [undo(history), undo(history), undo(history)] == ["b", "a", "a"]
    assert [redo(history), redo(history), redo(history)] == ["b", "c", "c"]


def test_a_drag_is_one_step() -> None:
    history = History(0)
    history.change(1)
    history.hold()
    for value in (2, 3, 4):
        history.change(value)
    history.release()
    last = history.course.timeline.last
    assert last is not None
    assert last.words == "1 → 4"
    assert undo(history) == 1
    assert redo(history) == 4


def test_a_drag_that_comes_back_is_no_step() -> None:
    history = History(0)
    history.change(1)
    history.hold()
    history.change(2)
    history.change(1)
    history.release()
    assert undo(history) == 0


class Other:
    """A step of somebody else."""

    words, nbytes = "other", 1

    def undo(self) -> None: ...

    def redo(self) -> None: ...


@pytest.mark.parametrize("last", [0, 3])
def test_a_step_within_a_drag_stays_where_it_is(last: int) -> None:
    history = History(0)
    timeline = history.course.timeline
    history.hold()
    history.change(1)
    timeline.push(Other())
    history.change(2)
    history.change(last)
    history.release()
    assert undo(history) == 1
    assert undo(history) == 1
    assert undo(history) == 0


def test_a_drag_whose_step_was_forgotten_still_ends() -> None:
    history = History(0)
    history.attach(Course(Timeline(limit=1)))
    history.hold()
    history.change(1)
    history.change(0)
    history.release()
    assert (history.course.timeline.last, history.value) == (None, 0)


def test_before_is_what_it_was_before_it_changed_last() -> None:
    history = History(0)
    assert history.before is None
    history.change(1)
    assert history.before == 0
    undo(history)
    assert history.before == 1
    undo(history)
    assert history.before == 1
    redo(history)
    assert history.before == 0
    history.hold()
    history.change(2)
    history.change(3)
    assert history.before == 1
    history.change(1)
    history.release()
    assert history.before == 0


def test_a_value_that_is_taken_up_has_nothing_before_it() -> None:
    history = History(0)
    history.take_up(5, step=False)
    assert (history.value, history.before) == (5, None)
    assert history.course.timeline.last is None
    history.change(6)
    history.take_up(7)
    assert (history.value, history.before, undo(history)) == (7, None, 6)


def test_a_change_forgets_what_was_undone() -> None:
    history = History(0)
    history.change(1)
    undo(history)
    history.change(2)
    assert history.course.timeline.next is None
    assert redo(history) == 2


def test_a_course_that_nobody_follows_remembers_what_is_chosen() -> None:
    history, course = History(0), Course[int]()
    history.attach(course)
    history.change(1)
    history.attach(Course())
    assert course.value == 1
    course.timeline.undo()
    assert (course.value, history.value) == (0, 1)
    later = History(8)
    later.attach(course)
    course.timeline.redo()
    assert later.value == 1
