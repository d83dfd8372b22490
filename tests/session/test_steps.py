"""Runs as steps that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.packed import pack
from napari_cellseg.recipe import Recipe
from napari_cellseg.session.steps import Run, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST, SECOND = Recipe(name="first"), Recipe(name="second")


def shot(label: int, recipe: Recipe = FIRST) -> Snapshot:
    labels = np.full((2, 3), label, np.uint16)
    return Snapshot(recipe, pack(labels), pack((labels > 0).view(np.uint8)))


class Shown:
    """A board of snapshots."""

    def __init__(self, frames: dict[int, Snapshot | None]) -> None:
        self.frames = frames
        self.pinned: set[int] = set()

    def snapshot(self, t: int) -> Snapshot | None:
        return self.frames.get(t)

    def made_by(self, t: int) -> Recipe | None:
        found = self.frames.get(t)
        return found.recipe if found else None

    def put(self, frames: Mapping[int, Snapshot | None], pin: bool) -> None:
        self.frames.update(frames)
        (self.pinned.update if pin else self.pinned.difference_update)(frames)


def ran(run: Run, board: Shown, found: dict[int, Snapshot]) -> None:
    for t, each in found.items():
        run.begins(t)
        board.frames[t] = each
        run.shown(t)


def test_a_run_is_one_step_of_the_frames_that_it_changed() -> None:
    board = Shown({0: shot(1), 1: shot(1)})
    run = Run("Predict all", board)
    ran(run, board, {0: shot(2), 1: shot(1, SECOND), 2: shot(0)})
    step = run.step()
    assert step is not None
    assert step.frames == [0, 2]
    assert step.nbytes > 0
    step.undo()
    assert board.frames == {0: shot(1), 1: shot(1, SECOND), 2: None}
    assert board.pinned == {0, 2}
    step.redo()
    assert board.frames[0] == shot(2)
    assert not board.pinned


def test_a_run_that_changed_nothing_is_no_step() -> None:
    board = Shown({0: shot(1)})
    run = Run("Predict frame", board)
    assert run.step() is None
    ran(run, board, {0: shot(1)})
    assert run.step() is None


def test_a_frame_that_followed_meanwhile_comes_back_as_it_was_at_the_end() -> None:
    board = Shown({})
    run = Run("Predict all", board)
    ran(run, board, {0: shot(1)})
    ran(run, board, {0: shot(2)})
    board.frames[0] = shot(3, SECOND)
    step = run.step()
    assert step is not None
    step.undo()
    assert board.frames == {0: None}
    step.redo()
    assert board.frames == {0: shot(3, SECOND)}
