"""What the session knows while a slider moves: what was before, what changed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg.postprocess.changes import changed
from napari_cellseg.session import (
    Answer,
    Session,
    advice,
    change_words,
    tally,
)
from napari_cellseg.settings import Settings

if TYPE_CHECKING:
    from napari_cellseg.io.images import Stack


@pytest.fixture
def session(session: Session) -> Session:
    """A session whose frames 0 and 1 are predicted, with a threshold in their midst."""
    assert session.engine is not None
    found = list(session.engine.segment([0], session.request))
    (first,) = (a for a in found if isinstance(a, Answer))
    maps = session.engine.pipeline.maps(0, first.recipe)
    middle = float(np.median(maps["foreground"]))
    session.change("postprocess", threshold=middle, smallest_area=2.0, h=0.0)
    for answer in session.engine.segment([0, 1], session.request):
        if isinstance(answer, Answer):
            session.accept(answer)
    return session


def live(session: Session) -> Answer:
    """What the live thread does."""
    assert session.engine is not None
    answer = session.engine.respond(session.request())
    session.accept(answer)
    return answer


def test_found_is_that_of_the_frame_on_screen(session: Session) -> None:
    answer = live(session)
    assert session.found is answer.segmentation
    assert not session.late()
    session.go(1)
    assert session.found is None
    # up to date, but its figures are not known
    assert session.late()
    live(session)
    assert not session.late()
    session.put({1: None})
    assert session.found is None
    assert not session.late()


def test_a_glance_shows_what_was_before_and_comes_back(session: Session) -> None:
    before = live(session).segmentation
    session.change("postprocess", h=2.0)
    now = live(session).segmentation
    assert before is not None
    assert now is not None
    assert not np.array_equal(before.labels, now.labels)
    session.glance(True)
    assert session.glancing
    assert session.late()
    seen = live(session).segmentation
    assert seen is not None
    np.testing.assert_array_equal(seen.labels, before.labels)
    assert not session.up_to_date(0)
    assert not session.late()
    session.glance(False)
    assert session.late()
    assert live(session).segmentation is not None
    assert session.up_to_date(0)


def test_there_is_no_glance_at_what_cannot_be_had(session: Session) -> None:
    fresh = Session(session.recipe, "cpu")
    fresh.open(session.stack)
    fresh.glance(True)
    assert not fresh.glancing
    session.change("preprocess", method="equalize")
    session.change("postprocess", h=2.0)
    session.glance(True)
    assert not session.glancing


def test_a_change_ends_a_glance(session: Session) -> None:
    session.change("postprocess", h=2.0)
    session.glance(True)
    session.change("postprocess", h=2.5)
    assert not session.glancing
    assert session.request().recipe is session.recipe


def test_changes_are_those_since_the_recipe_before(session: Session) -> None:
    before = live(session).segmentation
    session.change("postprocess", h=2.0)
    # the frame on screen comes first
    assert session.ask_for_changes() is None
    after = live(session).segmentation
    request = session.ask_for_changes()
    assert request is not None
    assert session.engine is not None
    answer = session.engine.respond(request)
    told: list[bool] = []
    session.changes_changed.connect(lambda: told.append(session.changes is not None))
    assert session.accept(answer)
    assert before is not None
    assert after is not None
    expected = changed(before.labels, after.labels)
    assert session.changes is not None
    np.testing.assert_array_equal(session.changes.ids, expected.ids)
    assert session.changes.more == after.count - before.count < 0
    assert f"({before.count - after.count} fewer)" in change_words(session)
    session.change("postprocess", h=2.5)
    assert session.changes is None
    assert change_words(session) == ""
    assert told == [True, False]
    # it comes too late
    assert not session.accept(answer)


def test_frames_are_counted(session: Session) -> None:
    assert tally(session).fresh == 2
    session.change("postprocess", h=2.0)
    frames = tally(session)
    assert (frames.total, frames.fresh, frames.late, frames.lost) == (4, 0, (0, 1), 0)
    assert not frames.all_follow
    session.put({1: (session.recipe, 5)})
    assert (tally(session).fresh, tally(session).late) == (0, (0,))
    assert not tally(session).all_follow


def test_frames_that_cannot_follow_any_more_are_said(session: Session) -> None:
    assert session.engine is not None
    one = session.engine.pipeline.cache.held // 2
    session.change("postprocess", h=2.0)
    session.engine.grant(one * 8 // 7 + 8)
    assert tally(session).lost == 1
    session.go(1)
    assert "1 of 4 frames can no longer follow" in advice(session)
    session.go(0)
    assert "This frame can no longer follow" in advice(session)


def test_words_for_frames_that_all_follow(session: Session) -> None:
    assert session.engine is not None
    for answer in session.engine.segment([2, 3], session.request):
        if isinstance(answer, Answer):
            session.accept(answer)
    session.change("postprocess", h=2.0)
    assert tally(session).all_follow
    assert "all frames follow" in advice(session)
    session.stopped = True
    assert "Stopped: 0 of 4" in advice(session)
    session.change("postprocess", h=2.5)
    assert not session.stopped


def test_less_memory_lets_go_at_once(session: Session, stack: Stack) -> None:
    assert session.engine is not None
    assert session.engine.held > 0
    session.configure(Settings(memory=0.1))
    assert session.granted.limit == session.engine.pipeline.memory
    session.open(stack)
    assert session.engine.memory == session.granted.limit


KERNELS = """
import sys
import numpy as np
from napari_cellseg.session.kernels import prepare

words = {step.words for step in prepare()}

def compiled():
    modules = [m for n, m in sys.modules.items() if n.startswith("napari_cellseg")]
    kernels = [k for m in modules for k in vars(m).values()]
    return sum(len(getattr(k, "nopython_signatures", ())) for k in kernels)

before = compiled()
from napari_cellseg.postprocess import Foreground, build, foreground
from napari_cellseg.postprocess.changes import changed, outlines

noise = np.random.default_rng(0).random((60, 70)).astype(np.float32)
for element in (0, 5):
    mask = foreground(noise, Foreground(smallest_area=3, element_size=element))
    for landscape in (None, noise):
        split = build(mask, landscape)
        labels = split.labels(0.5)
        split.areas(0.5), split.curve(), split.levels(), split.number(0.5)
        outlines(labels, changed(split.labels(0), labels).ids)
print(before, compiled())
"""


def test_no_kernel_is_left_to_compile_in_the_window() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KERNELS], capture_output=True, text=True, check=True
    )
    before, after = map(int, done.stdout.split())
    assert before == after > 10
