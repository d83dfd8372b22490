"""One order for all that can be undone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from napari_cellseg.correction.history import Timeline


@dataclass
class Add:
    """Adds a number to a list, or takes it away."""

    log: list[int]
    number: int
    nbytes: int = 10
    words: str = "add"

    def undo(self) -> None:
        assert self.log.pop() == self.number

    def redo(self) -> None:
        self.log.append(self.number)


@pytest.fixture
def log() -> list[int]:
    return []


def done(timeline: Timeline, log: list[int], *numbers: int, nbytes: int = 10) -> None:
    for number in numbers:
        step = Add(log, number, nbytes)
        step.redo()
        timeline.push(step)


def test_steps_are_undone_and_done_again_in_order(log: list[int]) -> None:
    timeline = Timeline()
    done(timeline, log, 1, 2, 3)
    timeline.undo()
    timeline.undo()
    assert log == [1]
    timeline.redo()
    assert log == [1, 2]
    timeline.redo()
    assert timeline.redo() is None
    assert log == [1, 2, 3]


def test_nothing_to_undo(log: list[int]) -> None:
    timeline = Timeline()
    assert timeline.undo() is None
    assert timeline.redo() is None


def test_a_new_step_ends_what_could_be_done_again(log: list[int]) -> None:
    timeline = Timeline()
    done(timeline, log, 1, 2)
    timeline.undo()
    done(timeline, log, 3)
    assert timeline.redo() is None
    assert log == [1, 3]
    assert timeline.held == 20


def test_the_oldest_steps_go_first_and_it_says_so(log: list[int]) -> None:
    timeline = Timeline(limit=25)
    done(timeline, log, 1, 2, 3)
    assert (timeline.held, timeline.forgotten) == (20, 1)
    timeline.undo()
    timeline.undo()
    assert timeline.undo() is None
    assert log == [1]


def test_with_less_memory_the_oldest_steps_go_at_once(log: list[int]) -> None:
    timeline = Timeline(limit=100)
    told: list[int] = []
    done(timeline, log, 1, 2, 3, 4)
    timeline.changed.connect(lambda: told.append(timeline.forgotten))
    timeline.limit = timeline.held // 2
    assert (len(timeline.past), told) == (2, [2])


def test_a_step_beyond_the_limit_cannot_be_undone(log: list[int]) -> None:
    timeline = Timeline(limit=25)
    done(timeline, log, 1)
    done(timeline, log, 2, nbytes=30)
    assert (timeline.held, timeline.forgotten, timeline.last) == (0, 2, None)


def test_the_moves_of_a_drag_are_one_step(log: list[int]) -> None:
    timeline = Timeline()
    done(timeline, log, 1, 2)
    timeline.amend(Add(log, 2, 15))
    assert timeline.held == 25
    timeline.amend(None)
    assert timeline.held == 10
    assert isinstance(timeline.last, Add)
    assert timeline.last.number == 1


def test_a_step_that_fails_stays_where_it_is(log: list[int]) -> None:
    timeline = Timeline()
    done(timeline, log, 1)
    log.clear()
    with pytest.raises(IndexError):
        timeline.undo()
    assert timeline.last is not None
    assert timeline.next is None


def test_steps_of_elsewhere_take_the_place_of_all(log: list[int]) -> None:
    timeline = Timeline(limit=35)
    done(timeline, log, 7)
    past, future = [Add(log, n) for n in (1, 2, 3)], [Add(log, 4)]
    timeline.take(past, future)
    assert (timeline.past, timeline.future) == (tuple(past[1:]), tuple(future))
    assert (timeline.held, timeline.forgotten) == (30, 1)
    assert log == [7]


def test_it_tells_of_every_change(log: list[int]) -> None:
    timeline, heard = Timeline(), []
    timeline.changed.connect(lambda: heard.append(timeline.held))
    done(timeline, log, 1)
    timeline.undo()
    timeline.redo()
    assert heard == [10, 10, 10]
