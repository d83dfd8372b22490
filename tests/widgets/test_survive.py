"""Corrections and what the Segment dock does: neither undoes the other."""

from __future__ import annotations

import errno
import gc
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np
import pytest
import tifffile

from napari_cellseg.correction.edits import delete
from napari_cellseg.correction.journal import read
from napari_cellseg.correction.journal.target import Target
from napari_cellseg.session import Session
from napari_cellseg.widgets.layers.registry import find
from napari_cellseg.widgets.segment import SegmentWidget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.layers import Labels
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe

    Finish = Callable[[SegmentWidget], None]

pytestmark = pytest.mark.gui
NEW = 999


def cells_of(viewer: Viewer, name: str = "noise") -> Labels:
    layer: Labels = viewer.layers[f"{name} cells"]
    return layer


def paint(layer: Labels, t: int = 0) -> NDArray[np.bool_]:
    """Paint a cell of the frame on screen; return where it is."""
    layer.paint((t, 20, 20), NEW)
    bound = find(layer)
    assert bound is not None
    bound.capture()
    where = np.asarray(layer.data[t] == NEW)
    assert where.any()
    return where


def remove(layer: Labels, label: int, t: int = 0) -> None:
    bound = find(layer)
    assert bound is not None
    patch = delete(bound.corrections.frames.read(t), [label])
    bound.corrections.edit(f"Delete {label} in frame {t}", {t: patch})


def test_a_painted_cell_survives_all_that_the_dock_does(
    predicted: SegmentWidget, viewer: Viewer, recipe: Recipe, finish: Finish
) -> None:
    session, layer = predicted.session, cells_of(viewer)
    where = paint(layer)
    seen = [layer.data[0].copy()]

    def still_there() -> None:
        finish(predicted)
        np.testing.assert_array_equal(layer.data[0] == NEW, where)
        assert session.up_to_date(0)
        assert session.counts[0] == np.count_nonzero(np.unique(layer.data[0]))
        seen.append(layer.data[0].copy())

    session.change("postprocess", h=2.0)
    still_there()
    middle = session.recipe.postprocess.threshold
    session.change("postprocess", threshold=middle * 0.9)
    still_there()
    # the rest follows, and is not what it was
    assert not np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[1], seen[2])
    predicted.predict.click()
    still_there()
    session.use(recipe.change("preprocess", method="equalize"))
    predicted.predict_all.click()
    still_there()
    predicted.preview.setChecked(True)
    still_there()


def test_undo_takes_back_edits_parameters_and_runs_in_order(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish
) -> None:
    session, layer, box = predicted.session, cells_of(viewer), predicted.adjust
    first = layer.data.copy()
    paint(layer)
    painted = layer.data.copy()
    session.change("postprocess", h=2.0)
    finish(predicted)
    changed = layer.data.copy()
    predicted.predict_all.click()
    finish(predicted)
    whole = layer.data.copy()
    assert "Undo: Predict all frames" in box.undo.toolTip()
    assert whole[1:].any()
    box.undo.click()
    np.testing.assert_array_equal(layer.data, changed)
    assert set(session.shown) == {0}
    # a frame that it changed is on screen
    assert session.frame == 1
    viewer.dims.set_current_step(0, 0)
    assert "Undo: Split depth h" in box.undo.toolTip()
    box.undo.click()
    finish(predicted)
    np.testing.assert_array_equal(layer.data, painted)
    assert "Undo: Paint in frame 0" in box.undo.toolTip()
    box.undo.click()
    finish(predicted)
    np.testing.assert_array_equal(layer.data, first)
    assert "Undo: Predict frame 0" in box.undo.toolTip()
    box.undo.click()
    assert not layer.data.any()
    assert "Nothing to undo." in box.undo.toolTip()
    for expected in (first, painted, changed, whole):
        viewer.dims.set_current_step(0, 0)
        assert box.redo.isVisibleTo(predicted)
        box.redo.click()
        finish(predicted)
        np.testing.assert_array_equal(layer.data, expected)
    assert not box.redo.isEnabled()
    assert session.counts[0] == np.count_nonzero(np.unique(layer.data[0]))


def test_frames_that_were_put_back_stay_until_a_parameter_changes(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    session, layer = predicted.session, cells_of(viewer)
    predicted.predict_all.click()
    finish(predicted)
    predicted.adjust.undo.click()
    qtbot.wait(300)
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(300)
    # what was predicted is at hand still
    assert session.can_follow(2)
    assert not layer.data[2].any()
    assert session.pinned == {1, 2, 3}
    assert "Put back by Undo" in predicted.advice.text()
    assert predicted.adjust.apply.isEnabled()
    session.change("postprocess", h=2.0)
    finish(predicted)
    assert not session.pinned
    assert layer.data[2].any()
    predicted.adjust.undo.click()
    predicted.adjust.redo.click()
    predicted.adjust.apply.click()
    finish(predicted)
    assert all(session.up_to_date(t) for t in range(4))


def test_a_run_that_was_cancelled_is_a_step(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    layer = cells_of(viewer)
    before = layer.data.copy()
    predicted.session.change("postprocess", h=2.0)
    finish(predicted)
    tuned = layer.data.copy()

    def cancel(answer: Any) -> None:
        if answer.request.frame == 1:
            predicted.conductor.job.cancel()

    predicted.conductor.job.answered.connect(cancel)
    predicted.predict_all.click()
    finish(predicted)
    assert layer.data[1].any()
    predicted.adjust.undo.click()
    np.testing.assert_array_equal(layer.data, tuned)
    viewer.dims.set_current_step(0, 0)
    predicted.adjust.undo.click()
    finish(predicted)
    np.testing.assert_array_equal(layer.data, before)


def test_corrections_survive_their_layer(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish
) -> None:
    where = paint(cells_of(viewer))
    viewer.layers.remove("noise cells")
    assert "Corrections of 1 frame are kept" in predicted.advice.text()
    predicted.predict.click()
    finish(predicted)
    np.testing.assert_array_equal(cells_of(viewer).data[0] == NEW, where)
    bound = find(cells_of(viewer))
    assert bound is not None
    assert not bound.lacking
    predicted.adjust.undo.click()
    predicted.adjust.undo.click()
    assert not (cells_of(viewer).data[0] == NEW).any()


def test_corrections_survive_the_dock_and_another_image(
    predicted: SegmentWidget,
    viewer: Viewer,
    recipe: Recipe,
    finish: Finish,
) -> None:
    layer = cells_of(viewer)
    where = paint(layer)
    viewer.add_image(np.zeros((20, 30), np.uint8), name="other")
    predicted.image.layers.choose(viewer.layers["other"])
    assert predicted.session.timeline.last is None
    # the layer is corrected on meanwhile
    other = int(layer.data[0][~where].max())
    remove(layer, other)
    predicted.image.layers.choose(viewer.layers["noise"])
    assert predicted.session.timeline.last is not None
    predicted.close_down()
    again = SegmentWidget(viewer, Session(recipe, "cpu"))
    viewer.window.add_dock_widget(again, name="again")
    again.image.layers.choose(viewer.layers["noise"])
    assert again.question is None
    again.predict.click()
    finish(again)
    again.session.change("postprocess", h=0.0)
    finish(again)
    np.testing.assert_array_equal(cells_of(viewer).data[0] == NEW, where)
    for _ in range(2):
        again.adjust.undo.click()
    assert again.adjust.undo.toolTip() == "<p>Undo: Paint in frame 0</p>"
    assert other in layer.data[0]
    again.close_down()


def test_nothing_is_undone_by_a_dock_that_is_gone(
    predicted: SegmentWidget, viewer: Viewer, recipe: Recipe, finish: Finish
) -> None:
    predicted.session.change("postprocess", h=2.0)
    finish(predicted)
    bound = find(cells_of(viewer))
    assert bound is not None
    predicted.close_down()
    bound.undo()
    again = SegmentWidget(viewer, Session(recipe.change("postprocess", h=9.0), "cpu"))
    viewer.window.add_dock_widget(again, name="again")
    # the undo is that of the dock that comes next
    assert again.session.recipe == recipe
    again.close_down()


def test_cells_that_were_corrected_do_not_count_as_changed(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    session, layer = predicted.session, cells_of(viewer)
    where = paint(layer)
    h = session.recipe.postprocess.h
    for value in (2.0, h):
        session.change("postprocess", h=value)
        finish(predicted)
    qtbot.waitUntil(lambda: session.changes is not None, timeout=5_000)
    assert session.changes is not None
    assert session.changes.ids.size
    assert NEW not in session.changes.ids
    assert session.comparison is not None
    assert not (session.comparison.outlines & where).any()
    remove(layer, int(session.changes.ids[0]))
    # outlines of what is not there any more are gone
    assert session.changes is None


@pytest.fixture
def folder(tmp_path: Path, movie: NDArray[np.uint8]) -> Path:
    path = tmp_path / "data" / "movie"
    path.mkdir(parents=True)
    for t, image in enumerate(movie):
        tifffile.imwrite(path / f"t{t:03d}.tif", image)
    return path


def end(dock: SegmentWidget) -> None:
    """End a window as the end of its program does."""
    results = dock.conductor.results
    assert results is not None
    dock.close_down()
    results.close()


def test_corrections_come_back_in_another_window(
    dock: SegmentWidget,
    viewer: Viewer,
    recipe: Recipe,
    folder: Path,
    make_napari_viewer: Callable[..., Viewer],
    finish: Finish,
) -> None:
    viewer.open(str(folder), plugin="napari-cellseg")
    viewer.dims.set_current_step(0, 0)
    dock.predict.click()
    finish(dock)
    dock.session.change("postprocess", h=2.0)
    finish(dock)
    assert [path.name for path in folder.parent.iterdir()] == ["movie"]
    where = paint(cells_of(viewer, "movie"))
    dock.session.change("postprocess", h=3.0)
    finish(dock)
    end(dock)
    journal = folder.parent / "movie.corrections"
    assert len(read(journal).records) == 3

    second = make_napari_viewer(strict_qt=True)
    again = SegmentWidget(second, Session(recipe, "cpu"))
    second.window.add_dock_widget(again, name="again")
    second.open(str(folder), plugin="napari-cellseg")
    assert again.question is not None
    assert "movie was corrected before: 1 correction" in again.question.text()
    again.question.again.click()
    assert again.session.recipe.postprocess.h == 3.0
    assert "Corrections of 1 frame are back" in again.advice.text()
    layer = cells_of(second, "movie")
    corrections = again.session.corrections
    assert corrections is not None
    np.testing.assert_array_equal(layer.data[0] == NEW, where)
    assert set(np.unique(layer.data)) == {0, *corrections.marks[0]}
    second.dims.set_current_step(0, 0)
    again.predict_all.click()
    finish(again)
    np.testing.assert_array_equal(layer.data[0] == NEW, where)
    assert layer.data[0][~where].any()
    again.adjust.undo.click()
    assert set(np.unique(layer.data)) == {0, *corrections.marks[0]}
    again.adjust.undo.click()
    assert not layer.data.any()
    end(again)


def test_beginning_anew_keeps_what_there_was(
    dock: SegmentWidget,
    viewer: Viewer,
    recipe: Recipe,
    folder: Path,
    make_napari_viewer: Callable[..., Viewer],
    finish: Finish,
) -> None:
    viewer.open(str(folder), plugin="napari-cellseg")
    viewer.dims.set_current_step(0, 0)
    dock.predict.click()
    finish(dock)
    paint(cells_of(viewer, "movie"))
    end(dock)
    second = make_napari_viewer(strict_qt=True)
    again = SegmentWidget(second, Session(recipe, "cpu"))
    second.window.add_dock_widget(again, name="again")
    second.open(str(folder), plugin="napari-cellseg")
    assert again.question is not None
    again.question.anew.click()
    second.dims.set_current_step(0, 0)
    again.predict.click()
    finish(again)
    assert not (cells_of(second, "movie").data == NEW).any()
    remove(cells_of(second, "movie"), 1)
    end(again)
    assert (folder.parent / "movie.corrections.1").exists()
    assert len(read(folder.parent / "movie.corrections").records) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"napari-cellseg corrections, format 99, by version 9.9\n", "9.9"),
        (b"something else\n", "is not a journal"),
    ],
)
def test_a_journal_that_cannot_be_used_is_said_and_left_as_it_is(
    dock: SegmentWidget, viewer: Viewer, folder: Path, content: bytes, words: str
) -> None:
    journal = folder.parent / "movie.corrections"
    journal.write_bytes(content)
    viewer.open(str(folder), plugin="napari-cellseg")
    assert dock.kept.isVisibleTo(dock)
    assert words in dock.kept.text()
    assert dock.question is None
    assert journal.read_bytes() == content
    # it is of that image alone
    viewer.add_image(np.zeros((20, 30), np.uint8), name="other")
    dock.image.layers.choose(viewer.layers["other"])
    assert not dock.kept.isVisibleTo(dock)


def test_trouble_with_the_journal_is_said_until_it_is_mended(
    predicted: SegmentWidget,
    viewer: Viewer,
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Target.write

    def full(self: Target, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Target, "write", full)
    paint(cells_of(viewer))
    shown = predicted.kept
    qtbot.waitUntil(lambda: shown.isVisibleTo(predicted), timeout=5_000)
    assert "The disk is full" in shown.text()
    qtbot.wait(100)
    assert not predicted.message.text()
    monkeypatch.setattr(Target, "write", write)
    qtbot.waitUntil(lambda: not shown.isVisibleTo(predicted), timeout=5_000)


def test_whoever_shows_the_cells_hears_that_they_followed(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    bound = find(cells_of(viewer))
    assert bound is not None
    qtbot.wait(50)
    told: list[int] = []
    bound.changed.connect(lambda: told.append(int(bound.frame.max())))
    predicted.session.change("postprocess", h=2.0)
    finish(predicted)
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    assert told[-1] == cells_of(viewer).data[0].max()


def test_results_go_with_their_image(
    predicted: SegmentWidget, viewer: Viewer, qtbot: Any
) -> None:
    image, results = viewer.layers["noise"], predicted.conductor.results
    paint(cells_of(viewer))
    lives = ref(image), ref(results)
    viewer.layers.clear()
    del image, results
    qtbot.wait(100)
    for _ in range(3):
        gc.collect()
    assert [life() for life in lives] == [None, None]
