"""Passes over frames: without Qt, with real threads."""

from __future__ import annotations

import random
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.recipe import Recipe
from napari_cellseg.session import Answer, Request, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

RECIPE = Recipe(name="any")


def asker(number: int) -> Callable[[int], Request]:
    """Requests that bear the number of their pass."""
    return lambda t: Request(number, t, RECIPE)


def taken(schedule: Schedule, count: int) -> list[int]:
    """Take tasks and leave them unanswered."""
    found = [schedule.take() for _ in range(count)]
    return [task.request.frame for task in found if task is not None]


def test_the_nearest_frames_come_first() -> None:
    schedule = Schedule(room=99)
    schedule.begin(range(7), 3, asker(1))
    assert taken(schedule, 3) == [3, 4, 2]
    schedule.look(0)
    assert taken(schedule, 4) == [0, 1, 5, 6]
    assert not schedule.idle


@given(st.sets(st.integers(0, 50), max_size=20), st.integers(0, 50))
def test_by_distance_from_the_screen(frames: set[int], near: int) -> None:
    schedule = Schedule(room=99)
    schedule.begin(frames, near, asker(1))
    order = taken(schedule, len(frames))
    assert set(order) == frames
    distances = [abs(t - near) for t in order]
    assert distances == sorted(distances)


def answer_next(schedule: Schedule) -> bool:
    task = schedule.take()
    assert task is not None
    return schedule.put(task, Answer(task.request, RECIPE))


def test_the_window_is_told_once_until_it_has_collected() -> None:
    schedule = Schedule()
    schedule.begin(range(4), 0, asker(1))
    assert [answer_next(schedule) for _ in range(3)] == [True, False, False]
    found = [schedule.collect() for _ in range(4)]
    assert [a.request.frame for a in found if a] == [0, 1, 2]
    assert answer_next(schedule)
    assert schedule.collect() is not None
    assert schedule.idle


def test_answers_of_a_former_pass_are_dropped() -> None:
    schedule = Schedule()
    schedule.begin(range(4), 0, asker(1))
    old = schedule.take()
    assert old is not None
    answer_next(schedule)
    schedule.begin([7], 0, asker(2))
    assert not schedule.put(old, Answer(old.request, RECIPE))
    # it was told of before, and finds what is there now
    assert schedule.collect() is None
    assert answer_next(schedule)
    found = schedule.collect()
    assert found is not None
    assert (found.request.number, found.request.frame) == (2, 7)


def test_a_stop_hands_nothing_over_and_lets_a_new_pass_begin() -> None:
    schedule = Schedule()
    schedule.begin(range(4), 0, asker(1))
    task = schedule.take()
    assert task is not None
    schedule.stop()
    assert schedule.idle
    assert not schedule.put(task, Answer(task.request, RECIPE))
    assert schedule.collect() is None
    schedule.begin([2], 0, asker(2))
    assert taken(schedule, 1) == [2]


def blocked(schedule: Schedule, action: Callable[[], object]) -> bool:
    """Whether a worker waits until something is done."""
    worker = Thread(target=schedule.take, daemon=True)
    worker.start()
    worker.join(0.05)
    waited = worker.is_alive()
    action()
    worker.join(5)
    return waited and not worker.is_alive()


def test_workers_wait_for_room_and_for_rest_to_end() -> None:
    schedule = Schedule(room=2)
    schedule.begin(range(9), 0, asker(1))
    answer_next(schedule)
    answer_next(schedule)
    assert blocked(schedule, schedule.collect)
    schedule.collect()
    schedule.rest(True)
    assert blocked(schedule, lambda: schedule.rest(False))
    assert blocked(schedule, schedule.close)


@given(st.integers(0, 2**32 - 1))
def test_every_frame_ends_by_the_newest_pass(seed: int) -> None:
    """A window that changes its mind, and workers that take their time."""
    chance = random.Random(seed)
    schedule, shown = Schedule(room=3), dict.fromkeys(range(12), 0)

    def work() -> None:
        while (task := schedule.take()) is not None:
            sleep(chance.random() / 5000)
            schedule.put(task, Answer(task.request, RECIPE))

    workers = [Thread(target=work, daemon=True) for _ in range(3)]
    for worker in workers:
        worker.start()

    def collect() -> None:
        while (answer := schedule.collect()) is not None:
            assert answer.request.number >= shown[answer.request.frame]
            shown[answer.request.frame] = answer.request.number

    number = 0
    for number in range(1, 8):
        late = [t for t, n in shown.items() if n < number]
        schedule.begin(late, chance.randrange(12), asker(number))
        for _ in range(chance.randrange(4)):
            schedule.look(chance.randrange(12))
            sleep(chance.random() / 2000)
            collect()
    end = monotonic() + 10
    while not schedule.idle and monotonic() < end:
        collect()
    schedule.close()
    for worker in workers:
        worker.join(10)
    assert set(shown.values()) == {number}
    assert not any(worker.is_alive() for worker in workers)
