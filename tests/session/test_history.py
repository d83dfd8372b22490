from __future__ import annotations

from napari_cellseg.session import History


def test_each_change_is_a_step() -> None:
    history = History("a")
    history.change("b")
    history.change("c")
    assert [history.undo(), history.undo(), history.undo()] == ["b", "a", "a"]
    assert [history.redo(), history.redo(), history.redo()] == ["b", "c", "c"]


def test_a_drag_is_one_step() -> None:
    history = History(0)
    history.change(1)
    history.hold()
    for value in (2, 3, 4):
        history.change(value)
    history.release()
    assert history.undo() == 1
    assert history.redo() == 4


def test_a_drag_that_comes_back_is_no_step() -> None:
    history = History(0)
    history.change(1)
    history.hold()
    history.change(2)
    history.change(1)
    history.release()
    assert history.undo() == 0


def test_before_is_what_it_was_before_it_changed_last() -> None:
    history = History(0)
    assert history.before is None
    history.change(1)
    assert history.before == 0
    history.undo()
    assert history.before == 1
    history.undo()
    assert history.before == 1
    history.redo()
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
    history.take_up(5)
    assert (history.value, history.before, history.previous) == (5, None, None)
    history.change(6)
    history.take_up(7)
    assert (history.value, history.before, history.undo()) == (7, None, 6)


def test_a_change_forgets_what_was_undone() -> None:
    history = History(0)
    history.change(1)
    history.undo()
    history.change(2)
    assert history.next is None
    assert history.redo() == 2
