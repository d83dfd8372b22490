"""What is seen while tuning, without a network: the figures, the unit, the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QGuiApplication, QKeyEvent
from qtpy.QtWidgets import QApplication

from napari_cellseg.io.images import Stack
from napari_cellseg.pipeline import Segmentation
from napari_cellseg.postprocess import build
from napari_cellseg.recipe import Recipe
from napari_cellseg.session import Session, advice
from napari_cellseg.widgets.parts.curve import CountCurve
from napari_cellseg.widgets.parts.dock import WIDTH
from napari_cellseg.widgets.parts.histogram import AreaHistogram
from napari_cellseg.widgets.parts.keys import BEFORE, HeldKey
from napari_cellseg.widgets.parts.unit import PX, Unit, power_of, square_pixel
from napari_cellseg.widgets.segment.adjust_box import AdjustBox
from napari_cellseg.widgets.segment.look import OUTLINE, Look
from napari_cellseg.widgets.segment.look_box import LookBox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.segment import SegmentWidget

    Finish = Callable[[SegmentWidget], None]

pytestmark = pytest.mark.gui

H = 0.5


def chain() -> NDArray[np.bool_]:
    """Three disks of falling size that touch, and one apart."""
    y, x = np.mgrid[:40, :90]
    disks = ((20, 18, 15), (20, 42, 12), (20, 60, 8), (20, 80, 6))
    return np.any([np.hypot(y - a, x - b) <= r for a, b, r in disks], axis=0)


class Known(Session):
    """A session that knows the result of its frame without a network."""

    maps = True

    def __init__(self) -> None:
        recipe = Recipe(name="known").change("scale", diameter=20.0)
        super().__init__(recipe.change("postprocess", h=H, smallest_area=20.0), "cpu")
        self.open(Stack.from_array(np.zeros((1, 40, 90), np.uint8)))
        self.engine.has_maps = lambda t, recipe: self.maps  # type: ignore[union-attr, method-assign]
        split = build(chain())
        self.found = Segmentation(split.labels(H), split.number(H), split)
        self.shown[0] = self.resolved  # type: ignore[assignment]


@pytest.fixture
def box(qtbot: Any) -> Iterator[AdjustBox]:
    box = AdjustBox(Known())
    qtbot.addWidget(box)
    box.session.recipe_changed.connect(box.show_recipe)
    box.resize(340, 500)
    box.show()
    box.show_recipe()
    box.show_found()
    box.show_count()
    yield box
    box.session.recipe_changed.disconnect(box.show_recipe)


def post(box: AdjustBox) -> Any:
    return box.session.recipe.postprocess


def test_switching_the_unit_changes_no_recipe(box: AdjustBox) -> None:
    box.set_pixel_size(0.37)
    before, told = box.session.recipe, []
    box.session.recipe_changed.connect(lambda: told.append(1), check_nargs=False)
    numbers = box.form.controls
    for _ in range(5):
        box.units.setCurrentText("µm")
        assert numbers["h"].slider.value == pytest.approx(H * 0.37, abs=0.006)
        area = numbers["smallest_area"].slider.value
        assert area == pytest.approx(20 * 0.37**2, abs=0.05)
        assert numbers["element_size"].slider.value == 0
        box.units.setCurrentText("px")
        assert numbers["h"].slider.value == H
        assert numbers["smallest_area"].slider.value == 20
    assert box.session.recipe is before
    assert not told
    assert box.session.timeline.last is None


def test_what_is_typed_in_micrometres_is_kept_in_px(box: AdjustBox) -> None:
    box.set_pixel_size(0.4)
    box.units.setCurrentText("µm")
    controls = box.form.controls
    controls["h"].slider.number.setValue(1.2)
    assert post(box).h == 3.0
    controls["smallest_area"].slider.number.setValue(8)
    assert post(box).smallest_area == 50.0
    assert "(µm)" in controls["h"].toolTip()
    assert "(µm²)" in controls["smallest_area"].slider.number.toolTip()
    assert "(px)" in controls["element_size"].toolTip()
    assert "0.4 µm" in box.units.toolTip()


def test_an_automatic_number_stays_itself_when_taken_over_in_micrometres(
    box: AdjustBox,
) -> None:
    box.session.change("postprocess", h=None)
    fitted = box.session.resolved.postprocess.h  # type: ignore[union-attr]
    box.set_pixel_size(0.3)
    box.units.setCurrentText("µm")
    box.form.controls["h"].auto.click()
    assert post(box).h == fitted


def test_without_a_pixel_size_there_are_only_px_until_there_is_one(
    box: AdjustBox,
) -> None:
    box.set_pixel_size(0.4)
    box.units.setCurrentText("µm")
    box.set_pixel_size(None)
    assert not box.units.isEnabled()
    assert "square" in box.units.toolTip()
    assert (box.unit, box.units.currentText()) == (PX, "px")
    assert box.form.controls["h"].slider.value == H
    box.set_pixel_size(0.8)
    assert box.unit == Unit("µm", 0.8)
    assert box.form.controls["h"].slider.value == H * 0.8


def test_the_fields_say_what_they_are_measured_in(box: AdjustBox) -> None:
    rows = box.form.controls.items()
    powers = {name: row.power for name, row in rows if hasattr(row, "power")}
    lengths = {name: power for name, power in powers.items() if power}
    blobs = {"smallest_blob": 1, "largest_blob": 1}
    assert lengths == {"smallest_area": 2, "h": 1} | blobs
    assert power_of("a length (px), or so") == 1


@pytest.mark.parametrize(
    ("scale", "units", "size"),
    [
        ((1, 0.4, 0.4), ("pixel", "micrometer", "micrometer"), 0.4),
        ((1, 250, 250), ("pixel", "nanometer", "nanometer"), 0.25),
        ((1, 0.002, 0.002), ("pixel", "millimeter", "millimeter"), 2.0),
        ((1, 400, 0.4), ("pixel", "nanometer", "micrometer"), 0.4),
        ((1, 0.5, 0.4), ("pixel", "micrometer", "micrometer"), None),
        ((1, 0.4, 0.4), ("pixel", "second", "micrometer"), None),
        ((1, 0.4, 0.4), None, None),
    ],
)
def test_only_square_pixels_of_a_known_length_have_a_size(
    scale: Any, units: Any, size: float | None
) -> None:
    from napari.layers import Image

    layer = Image(np.zeros((2, 4, 4)), scale=scale, units=units)
    found = square_pixel(layer, "TYX")
    assert found is None if size is None else found == pytest.approx(size)


def test_fewer_and_more_step_through_every_number_of_cells(box: AdjustBox) -> None:
    split = box.session.found.split  # type: ignore[union-attr]
    box.session.change("postprocess", h=0.0)
    numbers = [split.number(post(box).h)]
    while box.fewer.isEnabled():
        assert f"{numbers[-1] - 1} cell" in box.fewer.toolTip()
        box.fewer.click()
        numbers.append(split.number(post(box).h))
    assert numbers == list(range(split.count, 1, -1))
    while box.more.isEnabled():
        box.more.click()
        assert split.number(post(box).h) == numbers.pop() + 1
    assert numbers == [split.count]


@settings(max_examples=25)
@given(arrays(np.float64, (6, 9), elements=st.floats(0, 3, width=16)), st.floats(0, 4))
def test_a_step_lands_in_the_neighbouring_plateau(
    landscape: NDArray[np.float64], h: float
) -> None:
    QApplication.instance() or QApplication([])
    curve = CountCurve()
    split = build(np.ones((6, 9), bool), landscape)
    curve.show_split(split)
    curve.mark(h, PX)
    numbers = sorted({split.number(v) for v in [0, *split.levels()]})
    at = numbers.index(split.number(h))
    for step, wanted in ((curve.fewer(), at - 1), (curve.more(), at + 1)):
        there = 0 <= wanted < len(numbers)
        assert (step is not None) == there
        if step is not None:
            assert split.number(step) == numbers[wanted]


def test_a_drag_in_the_curve_sets_h_and_is_one_undo(box: AdjustBox, qtbot: Any) -> None:
    start, curve = box.session.recipe, box.curve
    left = Qt.MouseButton.LeftButton

    def at(share: float) -> QPoint:
        inner = curve.box()
        return QPoint(round(inner.left() + share * inner.width()), 40)

    qtbot.mousePress(curve, left, pos=at(0.2))
    for share in (0.4, 0.6, 0.7):
        qtbot.mouseMove(curve, at(share))
    first = post(box).h
    qtbot.mouseRelease(curve, left, pos=at(0.7))
    assert first == pytest.approx(curve._top * 0.7**2, rel=0.05)
    assert box.form.controls["h"].slider.value == pytest.approx(first)
    number = box.session.found.split.number(first)  # type: ignore[union-attr]
    words = curve.describe(0.7)
    assert words.endswith(f": {number} cell{'s' * (number != 1)}")
    assert words.startswith("h = ")
    box.session.undo()
    assert box.session.recipe == start


def test_the_histogram_counts_every_cell_where_it_says(qtbot: Any) -> None:
    plot, unit = AreaHistogram(), Unit("µm", 0.5)
    qtbot.addWidget(plot)
    areas = np.array([1, 2, 95, 100, 104, 400, 6000])
    plot.show_areas(areas)
    plot.mark(16.0, unit)
    assert plot.title() == "Area: median 25 µm²"
    bins = plot.counts.size
    said = [plot.describe((i + 0.5) / bins) for i in range(bins)]
    assert all("smallest area, 4 µm²" in words for words in said)
    told = [re.match(r"(\d+) cells? of (\S+) to (\S+) µm²", words) for words in said]
    counts, lows, highs = np.array([t.groups() for t in told], float).T  # type: ignore[union-attr]
    assert counts.sum() == areas.size
    for low, high, count in zip(lows, highs, counts, strict=True):
        inside = (areas * 0.25 >= low * 0.99) & (areas * 0.25 < high * 1.01)
        assert count <= inside.sum()
    plot.show_areas(np.zeros(0, np.int64))
    assert "no cells" in plot.title()
    assert plot.counts.sum() == 0


def test_nothing_found_shows_no_cells_and_steps_nowhere(box: AdjustBox) -> None:
    split = build(np.zeros((40, 90), bool))
    box.session.found = Segmentation(split.labels(H), 0, split)
    box.show_found()
    for plot in (box.curve, box.histogram):
        assert "no cells" in plot.title()
        assert "No cells" in plot.describe(0.5)
    assert not box.fewer.isEnabled()
    assert "fewer cells" in box.fewer.toolTip()
    box.grab()


@pytest.mark.parametrize(
    ("shown", "pinned", "maps", "why"),
    [
        (True, True, True, "put back by Undo"),
        (True, False, False, "predict it again"),
        (False, False, False, "not predicted"),
        (True, False, True, "one moment"),
    ],
)
def test_what_is_not_known_is_not_told_as_no_cells(
    box: AdjustBox, shown: bool, pinned: bool, maps: bool, why: str
) -> None:
    session = box.session
    session.counts[0] = 55
    session.pinned |= {0} if pinned else set()
    session.found = None
    session.maps = maps  # type: ignore[attr-defined]
    if not shown:
        session.forget()
    box.show_count()
    for plot in (box.curve, box.histogram):
        assert plot.why == why
        assert "not known" in plot.title()
        assert f"Not known for this frame: {why}." in plot.describe(0.5)
    for button in (box.fewer, box.more):
        assert not button.isEnabled()
        assert f"Not known for this frame: {why}." in button.toolTip()
    box.grab()


def test_the_button_shows_what_was_before_while_it_is_down(
    box: AdjustBox, qtbot: Any
) -> None:
    button, session = box.look.before, box.session
    assert not button.isEnabled()
    assert "nothing to go back to" in button.toolTip()
    session.change("postprocess", h=1.0)
    box.show_count()
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    assert session.glancing
    assert button.isDown()
    assert "before" in box.look.changes.text()
    box.hide()
    assert not session.glancing
    assert not button.isDown()


def test_the_button_is_up_when_nothing_of_before_is_seen(box: AdjustBox) -> None:
    look, session = box.look, box.session
    session.change("postprocess", h=1.0)
    box.show_count()
    look.hold(True)
    assert look.before.isDown()
    # a slider that moves while the key is held shows what it gives
    session.change("postprocess", h=2.0)
    assert not look.before.isDown()
    look.hold(False)
    session.pinned.add(0)
    box.show_count()
    look.hold(True)
    assert not session.glancing
    assert not look.before.isDown()
    assert "put back by Undo" in look.before.toolTip()
    session.pinned.clear()
    session.maps = False  # type: ignore[attr-defined]
    box.show_count()
    assert "not at hand" in look.before.toolTip()


def test_a_frame_that_was_never_predicted_here_is_not_said_to_have_changed(
    box: AdjustBox,
) -> None:
    session = box.session
    session.maps = False  # type: ignore[attr-defined]
    session.change("scale", diameter=25.0)
    assert "Diameter changed" in advice(session)
    session.change("scale", diameter=None)
    assert session.resolved is None
    words = "The diameter is estimated anew: press Predict frame to see it."
    assert advice(session) == words


def test_undo_says_when_there_is_nothing_to_undo(box: AdjustBox) -> None:
    assert "Nothing to undo." in box.undo.toolTip()
    assert "Nothing to redo." in box.redo.toolTip()
    box.session.change("postprocess", h=1.0)
    assert "Undo: Split depth h 0.5 → 1.0" in box.undo.toolTip()
    box.session.undo()
    assert "Redo: Split depth h 0.5 → 1.0" in box.redo.toolTip()
    assert not box.undo.isEnabled()


def test_a_number_says_what_it_may_be_in_its_unit(box: AdjustBox) -> None:
    tips = {name: row.toolTip() for name, row in box.form.controls.items()}
    assert "May be 0 to 10000." in tips["h"]
    assert "May be 0 or more." in tips["smallest_area"]
    box.set_pixel_size(0.5)
    box.units.setCurrentText("µm")
    assert "May be 0 to 5000." in box.form.controls["h"].toolTip()


def test_the_dock_is_as_wide_as_it_says(predicted: SegmentWidget) -> None:
    # the fonts of this machine may be a little wider
    assert predicted.column.minimumWidth() <= WIDTH + 8
    assert predicted.adjust.form.controls["h"].slider.slider.width() >= 80
    bar = predicted.following
    bar.show_progress(9, 92)
    first = bar.bar.width()
    assert bar.words.minimumWidth() >= bar.words.sizeHint().width()
    bar.show_progress(92, 92)
    QApplication.processEvents()
    assert bar.bar.width() == first
    bar.hide()


@pytest.mark.parametrize("value", [0.05, 19.0, 999.0])
def test_a_number_is_seen_whole(predicted: SegmentWidget, value: float) -> None:
    number = predicted.adjust.form.controls["h"].slider.number
    number.setValue(value)
    room = number.lineEdit().contentsRect().width()
    assert number.fontMetrics().horizontalAdvance(number.text()) <= room


@pytest.fixture
def place(predicted: SegmentWidget, qtbot: Any) -> Callable[[], tuple[int, ...]]:
    """Where the slider of h is in the dock."""

    def place() -> tuple[int, ...]:
        qtbot.wait(20)
        slider = predicted.adjust.form.controls["h"]
        at = slider.mapTo(predicted.column.content, QPoint(0, 0))
        return at.x(), at.y(), slider.width()

    return place


def test_nothing_moves_when_work_begins_and_ends(
    predicted: SegmentWidget, place: Callable[[], tuple[int, ...]]
) -> None:
    before, progress = place(), predicted.progress
    assert progress.isHidden()
    for words in ("Starting…", "Predicting: " + "many words " * 30):
        progress.begin("")
        progress.step(words, 3, 92)
        assert place() == before
    progress.end()
    assert place() == before


def test_nothing_moves_as_the_advice_changes(
    predicted: SegmentWidget,
    viewer: Viewer,
    finish: Finish,
    place: Callable[[], tuple[int, ...]],
) -> None:
    session, before, words = predicted.session, place(), set()

    def look() -> None:
        finish(predicted)
        words.add(predicted.advice.text())
        assert place() == before, predicted.advice.text()

    look()
    viewer.dims.set_current_step(0, 1)
    look()
    viewer.dims.set_current_step(0, 0)
    session.change("preprocess", high=90.0)
    look()
    session.undo()
    session.change("postprocess", threshold=1.0)
    predicted.adjust.apply.click()
    look()
    session.undo()
    look()
    assert len(words) == 5


def test_the_key_is_heard_while_a_labels_layer_is_active(
    viewer: Viewer, qtbot: Any
) -> None:
    heard: list[bool] = []
    cells = viewer.add_labels(np.zeros((4, 4), np.uint8))
    key = HeldKey(viewer, BEFORE, heard.append)
    key.bind(cells)
    canvas = viewer.window._qt_viewer

    def send(kind: QEvent.Type, repeated: bool) -> None:
        none = Qt.KeyboardModifier.NoModifier
        event = QKeyEvent(kind, Qt.Key.Key_Q, none, "q", repeated)
        QApplication.sendEvent(canvas, event)

    for active in (cells, None):
        viewer.layers.selection.active = active
        heard.clear()
        send(QEvent.Type.KeyPress, False)
        for _ in range(3):
            send(QEvent.Type.KeyRelease, True)
            send(QEvent.Type.KeyPress, True)
        assert heard == [True]
        send(QEvent.Type.KeyRelease, False)
        assert heard == [True, False]
    send(QEvent.Type.KeyPress, False)
    QGuiApplication.instance().focusWindowChanged.emit(None)
    assert heard[2:] == [True, False]
    key.close()
    # what a dock that was closed is told of still
    key.bind(cells)
    key.close()
    send(QEvent.Type.KeyPress, False)
    assert len(heard) == 4
    assert not [k for k in (*viewer.keymap, *cells.keymap) if str(k) == BEFORE]


def test_outlines_are_chosen_in_the_dock_or_in_napari_s_controls(
    viewer: Viewer,
) -> None:
    box = LookBox()
    viewer.window.add_dock_widget(box)
    look = Look(viewer, box)
    first, second = (viewer.add_labels(np.eye(4, dtype=np.uint8)) for _ in range(2))
    look.show(first)
    box.outlines.click()
    assert first.contour == OUTLINE
    look.show(second)
    assert second.contour == OUTLINE
    second.contour = 0
    assert not box.outlines.isChecked()
    assert first.contour == OUTLINE
    look.close()
    second.contour = 1
    assert not box.outlines.isChecked()


def test_the_dock_outlines_cells_and_shows_what_was_before(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    look, session = predicted.adjust.look, predicted.session
    cells = viewer.layers["noise cells"]
    viewer.layers.selection.active = cells
    look.outlines.click()
    assert cells.contour == 2
    look.outlines.click()
    assert cells.contour == 0
    # a key that the user gave to something else that labels do
    type(cells).bind_key(BEFORE, lambda layer: None)
    first = cells.data[0].copy()
    session.change("postprocess", h=5.0)
    finish(predicted)
    qtbot.waitUntil(lambda: "changed" in look.changes.text(), timeout=10_000)
    second = cells.data[0].copy()
    assert first.max() > second.max()
    assert predicted.adjust.curve.split is session.found.split  # type: ignore[union-attr]
    assert predicted.adjust.histogram.areas.size == second.max()
    height = predicted.adjust.sizeHint().height()
    slider = predicted.adjust.form.controls["h"].slider.slider
    qtbot.keyPress(slider, BEFORE)
    qtbot.waitUntil(lambda: np.array_equal(cells.data[0], first), timeout=10_000)
    assert look.before.isDown()
    assert "before" in look.changes.text()
    # or the button would move away from under the mouse
    assert predicted.adjust.sizeHint().height() == height
    qtbot.keyRelease(slider, BEFORE)
    qtbot.waitUntil(lambda: np.array_equal(cells.data[0], second), timeout=10_000)
    type(cells).bind_key(BEFORE, None)


def test_napari_does_not_use_the_key() -> None:
    from napari.components import ViewerModel
    from napari.layers import Image, Labels
    from napari.settings import get_settings

    keys = {
        str(key) for keys in get_settings().shortcuts.shortcuts.values() for key in keys
    }
    for kind in (ViewerModel, Labels, Image):
        keys |= {str(key) for key in kind.class_keymap}
    assert len(keys) > 20
    assert BEFORE not in keys
