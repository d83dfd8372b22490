"""All frames follow a slider; what was before; what changed; memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellseg.postprocess.changes import changed
from napari_cellseg.session import Session
from napari_cellseg.settings import GB, Settings, load_settings
from napari_cellseg.widgets.segment import SegmentWidget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe

    Finish = Callable[[SegmentWidget], None]
    Headless = Callable[[Recipe, NDArray[Any]], NDArray[Any]]

pytestmark = pytest.mark.gui


@pytest.fixture
def whole(predicted: SegmentWidget, finish: Finish) -> SegmentWidget:
    """The dock after every frame was predicted."""
    predicted.session.change("postprocess", h=0.0)
    predicted.predict_all.click()
    finish(predicted)
    return predicted


def test_all_frames_follow_to_what_a_run_without_a_window_gives(
    headless: Headless,
    whole: SegmentWidget,
    viewer: Viewer,
    movie: NDArray[np.uint8],
    finish: Finish,
) -> None:
    before = viewer.layers["noise cells"].data.copy()
    slider = whole.adjust.form.controls["h"].slider.slider
    slider.sliderPressed.emit()
    for position in (3, 9, 14):
        slider.setValue(position)
    slider.sliderReleased.emit()
    assert whole.following.isVisibleTo(whole._adjust)
    assert whole.following.words.text() == "0 of 4 frames"
    assert not whole.adjust.apply.isEnabled()
    finish(whole)
    assert not whole.following.isVisibleTo(whole._adjust)
    expected = headless(whole.session.recipe, movie)
    np.testing.assert_array_equal(viewer.layers["noise cells"].data, expected)
    assert all(not np.array_equal(a, b) for a, b in zip(before, expected, strict=True))
    whole.session.change("postprocess", threshold=0.6, fill_holes=False)
    finish(whole)
    for name, values in (("cells", None), ("foreground", np.greater)):
        expected = headless(whole.session.recipe, movie)
        expected = values(expected, 0) if values else expected
        np.testing.assert_array_equal(viewer.layers[f"noise {name}"].data, expected)


def test_painted_frames_follow_and_keep_what_was_painted(
    whole: SegmentWidget, viewer: Viewer, finish: Finish
) -> None:
    layer = viewer.layers["noise cells"]
    viewer.dims.set_current_step(0, 2)
    layer.paint((2, 20, 20), 999)
    painted = layer.data[2].copy()
    viewer.dims.set_current_step(0, 0)
    whole.session.change("postprocess", h=2.0)
    finish(whole)
    np.testing.assert_array_equal(layer.data[2] == 999, painted == 999)
    assert not np.array_equal(layer.data[2], painted)
    assert all(whole.session.up_to_date(t) for t in range(4))
    assert "Done" in whole.advice.text()


def test_a_stop_holds_until_a_setting_changes(
    whole: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    whole.session.change("postprocess", h=2.0)
    whole.following.button.click()
    qtbot.wait(300)
    assert [whole.session.up_to_date(t) for t in range(4)] == [True, *[False] * 3]
    assert "Stopped: 1 of 4" in whole.advice.text()
    assert whole.adjust.apply.isEnabled()
    # a frame that is looked at follows all the same
    viewer.dims.set_current_step(0, 3)
    finish(whole)
    assert whole.session.up_to_date(3)
    assert not whole.session.up_to_date(1)
    whole.session.change("postprocess", h=2.5)
    finish(whole)
    assert all(whole.session.up_to_date(t) for t in range(4))


def test_a_glance_shows_what_was_before_and_comes_back(
    whole: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    layer = viewer.layers["noise cells"]
    before = layer.data.copy()
    whole.session.change("postprocess", h=2.0)
    finish(whole)
    now = layer.data.copy()
    whole.session.glance(True)
    qtbot.waitUntil(lambda: np.array_equal(layer.data[0], before[0]), timeout=5_000)
    qtbot.wait(200)
    np.testing.assert_array_equal(layer.data[1:], now[1:])
    whole.session.glance(False)
    finish(whole)
    np.testing.assert_array_equal(layer.data, now)


def test_cells_that_changed_are_outlined_while_the_slider_rests(
    whole: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    session, layer = whole.session, viewer.layers["noise cells"]
    before = layer.data[0].copy()
    session.history.hold()
    session.change("postprocess", h=2.0)
    # the slider rests, and is held still
    qtbot.waitUntil(lambda: session.changes is not None, timeout=5_000)
    expected = changed(before, layer.data[0])
    np.testing.assert_array_equal(session.changes.ids, expected.ids)
    outlines = viewer.layers["noise changes"]
    assert outlines.visible
    assert set(np.unique(layer.data[0][outlines.data[0] > 0])) == set(expected.ids)
    assert "changed" in whole.adjust.look.changes.text()
    whole.conductor.show_changes(False)
    assert not outlines.visible
    whole.conductor.show_changes(True)
    assert outlines.visible
    viewer.dims.set_current_step(0, 1)
    assert not outlines.visible
    assert not outlines.data.any()
    qtbot.waitUntil(lambda: outlines.visible, timeout=5_000)
    assert outlines.data[1].any()
    session.change("postprocess", h=1.9)
    assert not outlines.visible
    session.history.release()


def test_after_an_undo_the_changes_are_those_of_the_undo(
    whole: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    session, layer = whole.session, viewer.layers["noise cells"]
    session.change("postprocess", h=2.0)
    finish(whole)
    before = layer.data[0].copy()
    session.undo()
    finish(whole)
    qtbot.waitUntil(lambda: session.changes is not None, timeout=5_000)
    expected = changed(before, layer.data[0])
    assert expected.more > 0
    np.testing.assert_array_equal(session.changes.ids, expected.ids)
    session.glance(True)
    qtbot.waitUntil(lambda: np.array_equal(layer.data[0], before), timeout=5_000)
    session.glance(False)
    finish(whole)


def test_frames_whose_maps_are_gone_are_said_and_predicted_again(
    headless: Headless,
    whole: SegmentWidget,
    movie: NDArray[np.uint8],
    viewer: Viewer,
    finish: Finish,
) -> None:
    engine = whole.session.engine
    assert engine is not None
    one = engine.pipeline.cache.held // 4
    engine.grant(2 * one * 8 // 7 + 8)
    whole.session.change("postprocess", h=2.0)
    finish(whole)
    lost = [t for t in range(4) if not whole.session.up_to_date(t)]
    assert len(lost) == 2
    assert "no longer follow" in whole.advice.text()
    assert whole.adjust.apply.isEnabled()
    engine.grant(GB)
    whole.adjust.apply.click()
    finish(whole)
    expected = headless(whole.session.recipe, movie)
    np.testing.assert_array_equal(viewer.layers["noise cells"].data, expected)


def test_memory_is_set_at_once_and_for_the_next_time(
    whole: SegmentWidget, viewer: Viewer, settings: Path
) -> None:
    engine, box = whole.session.engine, whole.memory
    assert engine is not None
    assert box.auto.isChecked()
    assert box.number.value() == pytest.approx(whole.session.granted.limit / GB, 0.1)
    box.number.setValue(0)
    assert engine.pipeline.memory == int(0.1 * GB)
    box.auto.click()
    assert load_settings(settings) == (Settings(memory=None), "")
    assert engine.pipeline.memory > GB // 5
    box.number.setValue(0.5)
    assert engine.pipeline.memory == GB // 2
    assert box.used.text() == "0.0 of 0.5 GB"
    assert load_settings(settings) == (Settings(memory=0.5), "")
    settings.write_text("memory = 'much'")
    again = SegmentWidget(viewer, Session(whole.session.recipe, "cpu"))
    viewer.window.add_dock_widget(again, name="again")
    assert "cannot be used" in again.memory.words.text()
    again.memory.number.setValue(0.7)
    assert load_settings(settings) == (Settings(memory=0.7), "")
    assert not again.memory.words.text()
    again.close_down()
