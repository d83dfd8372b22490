"""The table of cells, the review and the conflicts, on masks from elsewhere."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cellseg.correction.edits import split_seeds
from napari_cellseg.correction.patch import patch_of
from napari_cellseg.widgets.correct.camera import on_screen
from napari_cellseg.widgets.correct.cells_box import CellsBox
from napari_cellseg.widgets.correct.conflicts_box import ConflictsBox
from napari_cellseg.widgets.correct.desk import Desk
from napari_cellseg.widgets.correct.evidence import evidence_of
from napari_cellseg.widgets.correct.review_box import ReviewBox
from napari_cellseg.widgets.correct.tools.split import Split
from napari_cellseg.widgets.layers.registry import adopt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari.viewer import Viewer

    from napari_cellseg.widgets.layers.corrected import Corrected
    from napari_cellseg.widgets.segment import SegmentWidget

pytestmark = pytest.mark.gui
MICROMETRES = {
    "axis_labels": ("t", "y", "x"),
    "scale": (1, 0.5, 0.5),
    "units": ("pixel", "micrometer", "micrometer"),
}


@pytest.fixture
def corrected(viewer: Viewer) -> Corrected:
    """Cell 1 is twice as wide in frame 2, cell 7 is missing in frame 3."""
    labels = np.zeros((5, 200, 240), np.uint16)
    labels[:, 20:30, 20:30] = 1
    labels[2, 20:30, 20:40] = 1
    labels[:, 150:160, 200:208] = 7
    labels[3, 150:160, 200:208] = 0
    labels[:, 90:105, 90:105] = 4
    image = np.where(labels > 0, 900, 100).astype(np.uint16)
    viewer.add_image(image, name="images", **MICROMETRES)
    layer = viewer.add_labels(labels, name="masks", **MICROMETRES)
    viewer.dims.set_current_step(0, 0)
    return adopt(viewer, layer)


def shown(viewer: Viewer, box: QWidget) -> None:
    dock = QWidget()
    column = QVBoxLayout(dock)
    column.addWidget(box)
    column.addStretch(1)
    viewer.window.add_dock_widget(dock, name="Part", area="right")
    viewer.window._qt_window.show()


@pytest.fixture
def cells(viewer: Viewer, corrected: Corrected) -> Iterator[CellsBox]:
    box = CellsBox()
    shown(viewer, box)
    box.show(corrected)
    yield box
    box.show(None)


@pytest.fixture
def review(viewer: Viewer, corrected: Corrected, qtbot: Any) -> Iterator[ReviewBox]:
    box = ReviewBox()
    shown(viewer, box)
    box.show(corrected)
    yield box
    box.close_down()
    qtbot.waitUntil(lambda: not box.job.running, timeout=30_000)


@pytest.fixture
def conflicts(viewer: Viewer, corrected: Corrected) -> Iterator[ConflictsBox]:
    box = ConflictsBox()
    shown(viewer, box)
    box.show(corrected)
    yield box
    box.show(None)


def paint(corrected: Corrected, t: int, box: tuple[slice, ...], label: int) -> None:
    before = corrected.corrections.frames.read(t).copy()
    after = before.copy()
    after[box] = label
    corrected.corrections.edit("Paint", {t: patch_of(before, after)})


def column(cells: CellsBox, number: int) -> list[str]:
    model = cells.model
    return [model.data(model.index(row, number)) for row in range(model.rowCount())]


def test_the_table_follows_the_frame_its_cells_and_their_status(
    cells: CellsBox, corrected: Corrected, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: column(cells, 0) == ["1", "4", "7"])
    assert column(cells, 2) == ["100", "225", "80"]
    assert column(cells, 3) == ["25.0", "56.2", "20.0"]
    # the network said nothing of these
    assert cells.table.isColumnHidden(4)
    assert not cells.table.isColumnHidden(3)
    cells.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert column(cells, 0) == ["4", "1", "7"]
    paint(corrected, 0, np.s_[20:22, 20:30], 0)
    corrected.corrections.lock({0: [4]})
    qtbot.waitUntil(lambda: column(cells, 1) == ["locked", "edited", "auto"])
    # of the same area now, in the order of their numbers
    assert column(cells, 2) == ["225", "80", "80"]
    corrected.go(3)
    qtbot.waitUntil(lambda: column(cells, 0) == ["4", "1"])
    assert column(cells, 1) == ["auto", "auto"]


def test_a_row_and_the_selected_cell_are_one(
    cells: CellsBox, corrected: Corrected, viewer: Viewer, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: cells.model.rowCount() == 3)
    corrected.layer.selected_label = 4
    assert [i.row() for i in cells.table.selectionModel().selectedRows()] == [1]
    camera = getattr(viewer, "scene", viewer).camera
    camera.zoom = 20.0
    camera.center = (0.0, 12.0, 12.0)
    cells.table.clicked.emit(cells.model.index(0, 2))
    assert corrected.layer.selected_label == 1
    # it is seen already: nothing moves
    assert camera.center[-2:] == (12.0, 12.0)
    assert not on_screen(corrected, (155.0, 204.0))
    cells.table.clicked.emit(cells.model.index(2, 0))
    assert corrected.layer.selected_label == 7
    assert camera.center[-2:] == pytest.approx((77.25, 101.75))
    assert camera.zoom == 20.0
    corrected.layer.selected_label = 5
    assert not cells.table.selectionModel().hasSelection()


def test_nothing_is_measured_while_the_table_is_hidden(
    cells: CellsBox, corrected: Corrected, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: cells.model.rowCount() == 3)
    cells.hide()
    corrected.go(3)
    qtbot.wait(250)
    assert cells.model.rowCount() == 3
    cells.setVisible(True)
    qtbot.waitUntil(lambda: cells.model.rowCount() == 2)


def test_suspects_are_found_and_gone_through(
    review: ReviewBox, corrected: Corrected, qtbot: Any, tmp_path: Path
) -> None:
    assert not review.queue.isVisible()
    review.search.click()
    assert not review.search.isEnabled()
    qtbot.waitUntil(lambda: not review.job.running, timeout=60_000)
    qtbot.waitUntil(lambda: "1 of 2</b> · 2 to go" in review.queue.progress.text())
    # the first is brought on screen
    assert (corrected.t, corrected.layer.selected_label) == (2, 1)
    assert "Frame 2, cell 1" in review.queue.words.text()
    qtbot.waitUntil(lambda: review.marker.corners[:3:2] == [(17, 17), (32, 42)])
    assert on_screen(corrected, (20.0, 20.0))
    assert on_screen(corrected, (30.0, 40.0))
    assert not on_screen(corrected, (155.0, 204.0))
    review.accept()
    assert (corrected.t, corrected.layer.selected_label) == (2, 7)
    assert on_screen(corrected, (155.0, 204.0))
    paint(corrected, 2, np.s_[150:160, 208:212], 7)
    qtbot.waitUntil(lambda: "corrected" in review.queue.words.text())
    assert "all done" in review.queue.progress.text()
    assert not review.marker.corners
    assert not review.queue.next.isEnabled()
    corrected.undo()
    qtbot.waitUntil(lambda: "1 to go" in review.queue.progress.text())
    assert review.marker.corners[0] == (147, 197)
    corrected.go(0)
    qtbot.waitUntil(lambda: not review.marker.corners)
    review.previous()
    qtbot.waitUntil(lambda: "(accepted)" in review.queue.words.text())
    assert corrected.layer.selected_label == 1
    review.next()
    review.skip()
    review.toggle_checked()
    assert corrected.corrections.checked == {2}
    assert "1 of 5 frames checked" in review.checked.words.text()
    corrected.go(0)
    qtbot.waitUntil(lambda: not review.checked.box.isChecked())
    review.export(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == ["accepted", "skipped"]
    assert [row["checked"] for row in rows] == ["True", "True"]
    with qtbot.waitSignal(review.failed) as told:
        review.export(tmp_path / "missing" / "table.csv")
    assert "cannot be written" in told.args[0]


def test_the_words_of_a_suspect_are_of_the_kinds_chosen_and_of_these_masks(
    review: ReviewBox, corrected: Corrected, qtbot: Any
) -> None:
    paint(corrected, 2, np.s_[150:160, 200:216], 7)
    said: list[str] = []
    review.said.connect(said.append)
    with qtbot.waitSignal(review.job.ended, timeout=60_000):
        review.search.click()
    assert "Frame 2, cell 7" in said[-1]
    assert "; " in said[-1]
    assert "find again" not in said[-1]
    for kind in ("ends", "intensity"):
        review.queue.kinds.boxes[kind].setChecked(False)
    qtbot.waitUntil(lambda: "; " not in review.queue.words.text())
    assert "times" in review.queue.words.text()
    review.queue.kinds.boxes["area"].setChecked(False)
    qtbot.waitUntil(lambda: "0 suspects · 2 hidden" in review.queue.progress.text())
    review.queue.kinds.boxes["area"].setChecked(True)
    review.next()
    corrections = corrected.corrections
    labels = np.where(corrections.automatic(2) == 1, 0, corrections.automatic(2))
    corrections.frames.write(2, corrections.take(2, labels))
    review.next()
    assert "Frame 2, cell 1" in said[-1]
    qtbot.waitUntil(lambda: "not there any more" in review.queue.words.text())
    assert "find again" in review.queue.words.text()


def test_the_dock_says_why_a_cell_is_doubted_and_unmarks_it_when_it_goes(
    viewer: Viewer, corrected: Corrected, qtbot: Any
) -> None:
    _, dock = viewer.window.add_plugin_dock_widget("napari-cellseg", "Correct masks")
    with qtbot.waitSignal(dock.review.job.ended, timeout=60_000):
        dock.review.start()
    assert "Frame 2, cell 1: area" in dock.advice.text()
    marker = dock.review.marker
    qtbot.waitUntil(lambda: len(marker.corners) == 5)
    viewer.layers.remove(corrected.layer)
    qtbot.waitUntil(lambda: not marker.corners)
    dock.close_down()


def test_a_review_that_is_cancelled_leaves_the_queue(
    review: ReviewBox, corrected: Corrected, qtbot: Any
) -> None:
    said: list[str] = []
    review.failed.connect(said.append)
    review.search.click()
    review.progress.button.click()
    qtbot.waitUntil(lambda: not review.job.running, timeout=60_000)
    assert "Cancelled" in said[-1]
    assert review.review is not None
    assert review.review.found is None
    assert review.search.isEnabled()
    # the queue of a layer is there again when the layer is
    review.search.click()
    qtbot.waitUntil(lambda: not review.job.running, timeout=60_000)
    review.show(None)
    assert not review.search.isEnabled()
    assert not review.queue.isVisible()
    review.show(corrected)
    assert "<b>1 of 2</b>" in review.queue.progress.text()


def test_boxes_that_went_with_their_window_hear_nothing(
    corrected: Corrected, qtbot: Any
) -> None:
    boxes = CellsBox(), ReviewBox(), ConflictsBox()
    dock = QWidget()
    column = QVBoxLayout(dock)
    for box in boxes:
        column.addWidget(box)
        box.show(corrected)
    with qtbot.waitSignal(dock.destroyed):
        dock.deleteLater()
    corrected.corrections.check(0)
    corrected.changed.emit()
    corrected.layer.selected_label = 4


def test_what_segment_knows_of_its_cells_is_at_hand(
    predicted: SegmentWidget, viewer: Viewer
) -> None:
    layer = viewer.layers["noise cells"]
    evidence = evidence_of(adopt(viewer, layer))
    engine, recipe = predicted.session.engine, predicted.session.resolved
    assert engine is not None
    assert recipe is not None
    assert evidence.engine is engine
    maps = engine.pipeline.maps(0, recipe)
    np.testing.assert_array_equal(evidence.probability(0), maps["foreground"])
    np.testing.assert_array_equal(evidence.image(1), viewer.layers["noise"].data[1])
    assert evidence.probability(1) is None


def test_seeds_split_a_cell_on_the_landscape_that_it_was_found_on(
    predicted: SegmentWidget, viewer: Viewer
) -> None:
    desk, session = Desk(), predicted.session
    desk.corrected = adopt(viewer, viewer.layers["noise cells"])
    labels = desk.frame(0).copy()
    areas = np.bincount(labels.ravel())
    cell = np.argwhere(labels == areas[1:].argmax() + 1)
    seeds = [tuple(map(float, cell[i])) for i in (0, -1)]
    new = desk.corrections.new_label(0)
    assert session.engine is not None
    assert session.resolved is not None
    distance = session.engine.pipeline.maps(0, session.resolved)["distance"]
    expected = split_seeds(labels, seeds, new, distance).applied(labels)
    assert (expected != split_seeds(labels, seeds, new).applied(labels)).any()
    tool = Split(desk)
    for seed in seeds:
        tool.click((0, *seed))
    tool.finish()
    np.testing.assert_array_equal(desk.frame(0), expected)


def test_conflicts_are_listed_and_settled(
    conflicts: ConflictsBox, corrected: Corrected, qtbot: Any
) -> None:
    assert not conflicts.isVisible()
    corrections = corrected.corrections
    corrected.go(4)
    for t in (1, 3):
        paint(corrected, t, np.s_[105:107, 90:105], 4)
    # these frames follow out of sight, and later
    qtbot.wait(100)
    for t in (1, 3):
        labels = corrections.automatic(t).copy()
        labels[labels == 4] = 0
        corrections.frames.write(t, corrections.take(t, labels))
    qtbot.waitUntil(conflicts.isVisible)
    assert conflicts.list.count() == 2
    conflicts.list.itemClicked.emit(conflicts.list.item(0))
    assert (corrected.t, corrected.layer.selected_label) == (1, 4)
    conflicts.keep.click()
    qtbot.waitUntil(lambda: conflicts.list.count() == 1)
    assert (corrected.corrections.frames.read(1) == 4).any()
    corrections.lock({3: [4]})
    with qtbot.waitSignal(conflicts.failed) as told:
        conflicts.take.click()
    assert "locked" in told.args[0]
    corrections.lock({3: [4]}, on=False)
    conflicts.take.click()
    qtbot.waitUntil(lambda: not conflicts.isVisible())
    assert not (corrected.corrections.frames.read(3) == 4).any()
