"""What a review looks at, and how its verdicts follow what is done to the cells."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cellseg.correction.patch import patch_of
from napari_cellseg.session import Answer, Session, Step
from napari_cellseg.session.conflicts import all_unsettled, in_the_way, keep
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.frames import ArrayFrames
from napari_cellseg.session.review import Review
from napari_cellseg.session.reviewing import Evidence, Found, find_suspects


@pytest.fixture
def corrections() -> Corrections:
    """Three cells in five frames: 1 is wide in frame 2, 3 is not there in frame 3."""
    movie = np.zeros((5, 60, 80), np.uint16)
    movie[:, 10:20, 10:20] = 1
    movie[2, 10:20, 10:30] = 1
    movie[:, 40:50, 10:20] = 2
    movie[:, 40:50, 50:60] = 3
    movie[3, 40:50, 50:60] = 0
    return Corrections(ArrayFrames(movie), by_number=True)


def find(corrections: Corrections, evidence: Evidence | None = None) -> Found:
    *steps, found = find_suspects(corrections, evidence or Evidence())
    assert all(isinstance(step, Step) for step in steps)
    assert isinstance(found, Found)
    return found


def paint(corrections: Corrections, t: int, box: tuple[slice, ...], label: int) -> None:
    before = corrections.frames.read(t).copy()
    after = before.copy()
    after[box] = label
    corrections.edit("Paint", {t: patch_of(before, after)})


@pytest.fixture
def review(corrections: Corrections) -> Review:
    review = Review(corrections)
    review.take(find(corrections))
    return review


def test_the_queue_is_gone_through_and_written_down(
    review: Review, corrections: Corrections
) -> None:
    assert review.position == 0
    first = review.next()
    assert first is not None
    assert (first.t, first.label) == (2, 1)
    second = review.judge("accepted")
    assert second is not None
    assert (second.t, second.label) == (2, 3)
    assert review.progress == (1, 2)
    review.judge("skipped")
    assert review.progress == (2, 2)
    assert set(corrections.verdicts.values()) == {"accepted", "skipped"}
    # a new review of the same cells, elsewhere, knows them
    again = Review(corrections)
    again.take(find(corrections))
    assert again.progress == (2, 2)
    assert again.previous() == second


def test_a_suspect_that_is_edited_counts_as_corrected_until_that_is_undone(
    review: Review, corrections: Corrections
) -> None:
    suspect = review.next()
    assert suspect is not None
    paint(corrections, 2, np.s_[10:20, 20:30], 0)
    assert corrections.verdicts == {suspect.key: "corrected"}
    corrections.undo()
    assert corrections.verdicts == {}
    corrections.lock({2: [1]})
    assert review.queue.verdict(suspect) is None
    # another cell of the frame
    paint(corrections, 2, np.s_[40:42, 10:12], 0)
    assert review.progress == (0, 2)


def test_what_was_said_stands_when_the_cell_is_edited(
    review: Review, corrections: Corrections
) -> None:
    review.next()
    review.judge("skipped")
    paint(corrections, 2, np.s_[10:20, 20:30], 0)
    corrections.undo()
    assert list(corrections.verdicts.values()) == ["skipped"]


def test_kinds_are_listed_or_not(review: Review) -> None:
    assert [review.count(kind) for kind in ("area", "ends", "border")] == [1, 1, 0]
    review.next()
    review.choose({"ends"})
    assert [(s.t, s.label) for s in review.queue.suspects] == [(2, 3)]
    assert review.current is None
    review.choose({"area", "ends"})
    assert len(review.queue.suspects) == 2


def test_suspects_of_other_kinds_are_hidden_and_counted(review: Review) -> None:
    assert review.hidden == 0
    review.choose({"ends"})
    assert review.hidden == 1
    review.choose(())
    assert review.hidden == 2


def test_a_suspect_found_in_other_automatic_labels_is_outdated(
    corrections: Corrections,
) -> None:
    # one frame is corrected: what is automatic there is not what is shown
    paint(corrections, 2, np.s_[40:42, 30:40], 2)
    review = Review(corrections)
    review.take(find(corrections))
    suspect = review.next()
    assert suspect is not None
    assert not review.outdated(suspect)
    paint(corrections, 2, np.s_[42:44, 30:40], 2)
    assert not review.outdated(suspect)
    assert review.number(suspect) == suspect.label == 1
    labels = corrections.automatic(2).copy()
    labels[labels == 1] = 9
    corrections.frames.write(2, corrections.take(2, labels))
    assert review.outdated(suspect)
    assert review.number(suspect) == 9
    labels = np.where(labels == 9, 0, labels)
    corrections.frames.write(2, corrections.take(2, labels))
    assert review.number(suspect) == 0
    review.take(find(corrections))
    assert not any(review.outdated(s) for s in review.queue.suspects)


def disagree(corrections: Corrections) -> None:
    """A cell that was painted on, in a frame where no cell is found any more."""
    paint(corrections, 1, np.s_[8:10, 10:20], 1)
    labels = corrections.automatic(1).copy()
    labels[labels == 1] = 0
    corrections.frames.write(1, corrections.take(1, labels))


def test_a_conflict_is_listed_until_it_is_settled(corrections: Corrections) -> None:
    disagree(corrections)
    ((t, conflict),) = all_unsettled(corrections)
    assert (t, conflict.kind, conflict.label) == (1, "on nothing", 1)
    keep(corrections, t, conflict)
    assert not list(all_unsettled(corrections))
    assert all("conflict" not in s.key for s in find(corrections).suspects)
    # that is no verdict on a suspect
    assert Review(corrections).queue.verdicts == {}


def test_what_covers_half_a_cell_is_given_up(corrections: Corrections) -> None:
    # cell 1 is drawn over half of cell 2, and some of it was erased
    paint(corrections, 0, np.s_[40:45, 10:18], 1)
    paint(corrections, 0, np.s_[45:46, 10:18], 0)
    paint(corrections, 0, np.s_[48:50, 50:60], 0)
    before = corrections.automatic(0).copy()
    corrections.release(0, [2])
    ((t, conflict),) = all_unsettled(corrections)
    assert (t, conflict.kind, conflict.label) == (0, "half covered", 2)
    assert in_the_way(corrections, t, conflict) == [1]
    corrections.release(t, in_the_way(corrections, t, conflict))
    assert not list(all_unsettled(corrections))
    shown = corrections.frames.read(0)
    np.testing.assert_array_equal(shown[:48], before[:48])
    # another correction stands
    assert not (shown[48:50, 50:60]).any()


def test_a_suspect_that_is_accepted_is_a_conflict_no_more(
    corrections: Corrections,
) -> None:
    disagree(corrections)
    review = Review(corrections)
    review.take(find(corrections))
    review.choose({"conflict"})
    review.next()
    review.judge("accepted")
    assert not list(all_unsettled(corrections))


def test_the_evidence_is_what_is_at_hand(session: Session) -> None:
    engine = session.engine
    assert engine is not None
    nothing = Evidence(session.stack, engine, {0: session.recipe})
    assert nothing.probability(0) is None
    (answer,) = _answers(session, 0)
    maps = engine.pipeline.maps(0, answer.recipe)
    middle = float(np.median(maps["foreground"]))
    session.change("postprocess", threshold=middle, smallest_area=2.0, h=0.5)
    (answer,) = _answers(session, 0)
    recipe, found = answer.recipe, answer.segmentation
    assert found is not None
    evidence = Evidence(session.stack, engine, {0: recipe, 1: recipe})
    view = evidence.view(0, found.labels)
    assert session.stack is not None
    np.testing.assert_array_equal(view.image, session.stack.frame(0))
    np.testing.assert_array_equal(view.probability, maps["foreground"])
    assert recipe.postprocess.landscape == "distance map"
    np.testing.assert_array_equal(evidence.landscape(0), maps["distance"])
    by_mask = recipe.change("postprocess", landscape="distance transform")
    assert Evidence(session.stack, engine, {0: by_mask}).landscape(0) is None
    assert (view.threshold, view.h) == (middle, 0.5)
    assert view.saddles == found.split.doubtful(0.5)
    assert view.saddles
    # a frame that was not predicted is not predicted for a review
    bare = evidence.view(1, found.labels)
    assert bare.probability is None
    assert (bare.saddles, bare.h) == ([], 0.0)
    assert not engine.has_maps(1, recipe)


def _answers(session: Session, *frames: int) -> list[Answer]:
    assert session.engine is not None
    found = session.engine.segment(frames, session.request)
    return [answer for answer in found if isinstance(answer, Answer)]


def test_labels_are_read_as_they_are_when_their_turn_comes(
    corrections: Corrections,
) -> None:
    steps = find_suspects(corrections, Evidence())
    next(steps)
    paint(corrections, 2, np.s_[10:20, 20:30], 0)
    *_, found = steps
    assert isinstance(found, Found)
    # it was edited before it was looked at: it is no suspect, nor corrected since
    assert [s.label for s in found.suspects] == [3]
    review = Review(corrections)
    review.take(found)
    paint(corrections, 2, np.s_[41:42, 50:60], 0)
    assert list(corrections.verdicts.values()) == ["corrected"]
