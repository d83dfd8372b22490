from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError

from napari_cellseg.correction.patch import Patch
from napari_cellseg.pipeline import Pipeline, resolve, segment_stack
from napari_cellseg.recipe import Recipe, parse_recipe
from napari_cellseg.session import (
    Answer,
    Course,
    Session,
    Step,
    advice,
    change_words,
    count_words,
)
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.words import lacking_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack


class Frames:
    """Labels in memory."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape, self.labels = shape, np.zeros(shape, np.uint16)

    def read(self, t: int) -> NDArray[np.uint16]:
        return self.labels[t]

    def write(self, t: int, labels: NDArray[np.unsignedinteger]) -> None:
        self.labels[t] = labels

    def top(self) -> int:
        return int(self.labels.max())


def answers(steps: Iterable[Step | Answer]) -> list[Answer]:
    return [s for s in steps if isinstance(s, Answer)]


def predict(session: Session, *frames: int) -> list[Answer]:
    assert session.engine is not None
    found = answers(session.engine.segment(frames, session.request))
    for answer in found:
        session.accept(answer)
    return found


def test_importing_the_session_imports_no_torch_and_no_qt() -> None:
    code = (
        "import sys, napari_cellseg.session; "
        "print([m for m in ('torch', 'qtpy', 'napari', 'numba') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert out.stdout.strip() == b"[]"


def test_frames_equal_those_without_a_window(session: Session) -> None:
    (first,) = predict(session, 0)
    assert session.engine is not None
    maps = session.engine.pipeline.maps(0, first.recipe)
    middle = float(np.median(maps["foreground"]))
    session.change("postprocess", h=0.3, threshold=middle, smallest_area=2.0)
    found = predict(session, 0, 1, 2, 3)
    assert session.stack is not None
    pipeline = Pipeline(session.stack, "cpu")
    ready = resolve(session.recipe, pipeline)
    expected = [s for _, s in segment_stack(pipeline, ready) if s is not None]
    assert len(found) == len(expected) == 4
    assert any(s.count > 1 for s in expected)
    for answer, segmentation in zip(found, expected, strict=True):
        assert answer.segmentation is not None
        np.testing.assert_array_equal(answer.segmentation.labels, segmentation.labels)
        np.testing.assert_array_equal(answer.segmentation.mask, segmentation.mask)


def test_a_predicted_frame_follows_and_another_does_not(session: Session) -> None:
    assert not session.can_follow(0)
    predict(session, 0)
    assert session.up_to_date(0)
    session.change("postprocess", threshold=0.3)
    assert not session.up_to_date(0)
    assert session.can_follow(0)
    assert session.engine is not None
    answer = session.engine.respond(session.request())
    assert session.accept(answer)
    assert session.up_to_date(0)
    session.go(1)
    assert session.engine.respond(session.request()).segmentation is None


def test_new_contrast_needs_a_new_prediction(session: Session) -> None:
    predict(session, 0)
    session.change("preprocess", method="equalize")
    assert not session.can_follow(0)
    session.undo()
    assert session.can_follow(0)
    assert session.up_to_date(0)


def test_an_older_answer_is_dropped(session: Session) -> None:
    predict(session, 0)
    assert session.engine is not None
    older = session.engine.respond(session.request())
    session.change("postprocess", threshold=0.3)
    newer = session.engine.respond(session.request())
    seen: list[Answer] = []
    session.answered.connect(seen.append)
    assert session.accept(newer)
    assert not session.accept(older)
    assert seen == [newer]
    assert session.up_to_date(0)


def test_an_empty_answer_does_not_outdate_a_prediction(session: Session) -> None:
    assert session.engine is not None
    steps = session.engine.segment([0], session.request)
    (found,) = answers(steps)
    session.accept(session.engine.respond(session.request(1)))
    assert session.accept(found)


def test_answers_for_a_former_stack_are_dropped(session: Session, stack: Stack) -> None:
    assert session.engine is not None
    (found,) = answers(session.engine.segment([0], session.request))
    session.open(stack)
    assert not session.accept(found)
    assert not session.shown


def test_another_stack_has_no_recipe_before(session: Session, stack: Stack) -> None:
    session.change("postprocess", h=2.0)
    assert session.before is not None
    session.open(stack)
    assert session.before is None
    # nor is it undone what was done on another stack
    session.undo()
    assert session.recipe.postprocess.h == 2.0


def test_a_pass_ends_with_the_newest_parameters(session: Session) -> None:
    assert session.engine is not None
    used = []
    for step in session.engine.segment([0, 1, 2], session.request):
        if isinstance(step, Answer):
            used.append((step.request.frame, step.recipe.postprocess.threshold))
            if len(used) == 2:
                session.change("postprocess", threshold=0.25)
    assert dict(used) == {0: 0.25, 1: 0.25, 2: 0.25}


def test_a_pass_leaves_frames_that_are_up_to_date(session: Session) -> None:
    predict(session, 1)
    assert session.engine is not None
    steps = session.engine.segment([1, 0, 2], session.request, session.shown)
    assert [a.request.frame for a in answers(steps)] == [0, 2]


def test_a_bad_model_comes_back_in_words(session: Session) -> None:
    session.change("network", model="absent")
    (answer,) = predict(session, 0, 1)
    assert "There is no model 'absent'" in answer.error
    assert answer.segmentation is None


def test_memory_running_out_says_what_to_do(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(Pipeline, "predict", full)
    (answer,) = predict(session, 0)
    assert "smaller tile" in answer.error


def test_missing_pixels_come_back_in_words(recipe: Recipe) -> None:
    from napari_cellseg.io.images import Stack

    session = Session(recipe, "cpu")
    session.open(Stack.from_array(np.full((9, 9), np.nan, np.float32), "bad"))
    session.preview = True
    assert session.engine is not None
    assert "frame 0 of bad" in session.engine.respond(session.request()).error
    (answer,) = predict(session, 0)
    assert "NaN" in answer.error


def test_a_value_that_is_not_allowed_changes_nothing(session: Session) -> None:
    before = session.recipe
    with pytest.raises(ValidationError):
        session.change("postprocess", threshold=2.0)
    assert session.recipe is before


def test_undo_says_what_is_shown(session: Session) -> None:
    changes: list[float] = []
    session.recipe_changed.connect(
        lambda: changes.append(session.recipe.postprocess.threshold)
    )
    session.change("postprocess", threshold=0.3)
    session.undo()
    session.redo()
    assert changes == [0.3, 0.5, 0.3]


def test_the_preview_needs_no_model(session: Session) -> None:
    session.preview = True
    assert session.engine is not None
    answer = session.engine.respond(session.request(2))
    assert answer.contrast is not None
    assert answer.contrast.shape == (40, 48)
    assert answer.segmentation is None


def test_words_say_what_to_do_next(session: Session) -> None:
    assert "Open a stack" in advice(Session(session.recipe))
    assert "Press Predict frame" in advice(session)
    predict(session, 0)
    assert "it predicts 3 of 4" in advice(session)
    assert count_words(session).endswith("in frame 0")
    session.change("preprocess", method="clahe")
    assert "earlier parameters" in change_words(session)
    assert advice(session).startswith("Contrast changed")
    session.undo()
    assert not change_words(session)
    session.change("postprocess", threshold=0.2)
    session.counts[0] = 0
    session.shown[0] = session.resolved
    assert "No cells in frame 0: change the threshold, the diam" in advice(session)
    session.go(3)
    assert "Frame 3 has no result yet" in advice(session)
    predict(session, 0, 1, 2, 3)
    assert "Export masks" in advice(session)


def test_frames_beyond_the_stack_are_its_last(session: Session) -> None:
    session.go(99)
    assert session.frame == 3
    session.go(-1)
    assert session.frame == 0


def test_what_was_shown_is_forgotten_but_not_what_was_predicted(
    session: Session,
) -> None:
    (found,) = predict(session, 0)
    shown, counts = dict(session.shown), dict(session.counts)
    session.forget()
    assert not session.shown
    assert not session.counts
    assert session.can_follow(0)
    session.restore(shown, counts, set())
    assert session.up_to_date(0)
    assert found.segmentation is not None
    assert session.counts == {0: found.segmentation.count}


def test_a_model_that_is_not_here_is_said_before_anything_is_predicted(
    session: Session,
) -> None:
    session.change("network", model="not-there")
    assert "not-there" in lacking_words(session)
    assert "model" in advice(session)


def test_a_model_that_does_not_fit_the_recipe_is_said_at_once(session: Session) -> None:
    session.change("postprocess", map="nucleus")
    assert "needs the map 'nucleus'" in lacking_words(session)
    assert "does not fit" in advice(session)


def test_lengths_in_micrometres_wait_for_the_pixel_size(
    session: Session, stack: Stack
) -> None:
    session.change("postprocess", h="0.5 µm", smallest_area=4.0)
    assert "Split depth h in µm" in lacking_words(session)
    assert "size of a pixel" in advice(session)
    assert session.resolved is None
    session.calibrate(replace(stack, pixel_size=0.25))
    assert not lacking_words(session)
    predict(session, 0)
    assert session.shown[0].postprocess.h == 2.0
    session.calibrate(replace(stack, pixel_size=0.5))
    assert not session.up_to_date(0)
    assert session.late()
    session.calibrate(replace(stack, pixel_size=1e-6))
    assert "Check the pixel size" in lacking_words(session)


def test_another_pixel_size_is_named(session: Session, stack: Stack) -> None:
    session.change("scale", to="pixel size", pixel_size=0.5)
    assert "gives Resampled to in µm" in lacking_words(session)
    session.calibrate(replace(stack, pixel_size=0.5))
    predict(session, 0)
    session.calibrate(replace(stack, pixel_size=0.4))
    assert advice(session).startswith("Pixel size changed")


def test_a_frame_that_was_put_back_takes_no_answer_that_was_under_way(
    session: Session,
) -> None:
    predict(session, 0)
    assert session.engine is not None
    before = session.shown[0], session.counts[0]
    session.change("postprocess", threshold=0.3)
    under_way = session.engine.respond(session.request())
    session.put({0: before, 1: None})
    assert not session.accept(under_way)
    assert (session.shown[0], session.counts[0]) == before
    assert session.pinned == {0, 1}
    assert not session.late()
    assert "Put back by Undo" in advice(session)
    assert session.accept(session.engine.respond(session.request()))
    assert session.pinned == {1}
    # the same once more is no change
    session.use(session.recipe)
    assert session.pinned == {1}
    session.undo()
    assert not session.pinned


def test_recipes_are_noted_and_of_a_drag_the_last(
    session: Session, stack: Stack
) -> None:
    corrections = Corrections(Frames(stack.shape))
    noted: list[str] = []
    corrections.use_recipe = noted.append  # type: ignore[method-assign]
    course = Course[Recipe](corrections.timeline)
    session.open(stack, None, course, corrections)
    session.history.hold()
    for h in (1.0, 2.0, 3.0):
        session.change("postprocess", h=h)
    session.history.release()
    found = [parse_recipe(text, "noted").postprocess.h for text in noted]
    assert found == [None, 3.0]
    session.undo()
    assert parse_recipe(noted[-1], "noted") == session.recipe
    session.leave()
    session.change("postprocess", h=5.0)
    assert len(noted) == 3


def test_another_recipe_is_a_step_where_one_was_worked_with(
    session: Session, recipe: Recipe, stack: Stack
) -> None:
    other = recipe.change("postprocess", h=4.0)
    fresh = Session(recipe, "cpu")
    fresh.open(stack)
    fresh.take_up(other)
    assert (fresh.recipe, fresh.timeline.last) == (other, None)
    session.open(stack)
    session.take_up(other)
    session.undo()
    assert session.recipe == recipe


def test_what_is_corrected_has_not_changed(session: Session, stack: Stack) -> None:
    corrections = Corrections(Frames(stack.shape))
    session.open(stack, None, Course(corrections.timeline), corrections)
    (answer,) = predict(session, 0)
    assert session.engine is not None
    maps = session.engine.pipeline.maps(0, answer.recipe)
    middle = float(np.median(maps["foreground"]))
    session.change("postprocess", h=0.2, threshold=middle, smallest_area=2.0)
    answer = session.engine.respond(session.request())
    session.accept(answer)
    assert answer.segmentation is not None
    labels = corrections.frames.labels[0]  # type: ignore[attr-defined]
    labels[:] = answer.segmentation.labels
    ids = np.unique(labels)[1:].tolist()
    corrections.lock({0: ids})
    session.change("postprocess", h=9.0)
    session.accept(session.engine.respond(session.request()))
    request = session.ask_for_changes()
    assert request is not None
    uncorrected = session.engine.respond(replace(request, marks={}))
    assert uncorrected.comparison is not None
    assert uncorrected.comparison.changes
    session.accept(session.engine.respond(request))
    assert session.changes is not None
    assert not session.changes
    assert change_words(session) == "No cell changed."
    corrections.lock({0: ids[:1]}, on=False)
    assert session.changes is None


def test_words_for_corrections_without_results(session: Session, stack: Stack) -> None:
    corrections = Corrections(Frames(stack.shape))
    session.open(stack, None, Course(corrections.timeline), corrections)
    assert "first result" in advice(session)
    box = Patch(2, 3, np.zeros((2, 2), np.uint16), np.ones((2, 2), np.uint16))
    corrections.edit("Draw", {1: box, 2: box})
    assert "Corrections of 2 frames are kept" in advice(session)
    session.restored = True
    assert "Corrections of 2 frames are back; Predict all finds" in advice(session)
