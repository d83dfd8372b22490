from __future__ import annotations

import subprocess
import sys
import time
from importlib import import_module
from threading import enumerate as enumerate_threads
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy import API_NAME
from qtpy.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QSlider

from napari_cellseg.pipeline import Pipeline
from napari_cellseg.recipe import load_recipe
from napari_cellseg.widgets.layers.changes import ChangesLayer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe
    from napari_cellseg.widgets.segment import SegmentWidget

    Finish = Callable[[SegmentWidget], None]
    Headless = Callable[[Recipe, NDArray[Any]], NDArray[Any]]

pytestmark = pytest.mark.gui


def test_an_empty_viewer_is_told_what_to_do(dock: SegmentWidget) -> None:
    assert "Open a stack" in dock.advice.text()
    assert not dock._buttons.isVisibleTo(dock)
    assert not dock._adjust.isVisibleTo(dock)


def test_the_first_prediction_makes_both_layers(
    predicted: SegmentWidget, viewer: Viewer, movie: NDArray[np.uint8]
) -> None:
    for name, dtype in (("noise foreground", np.uint8), ("noise cells", np.uint16)):
        layer = viewer.layers[name]
        assert layer.data.shape == movie.shape
        assert layer.data.dtype == dtype
        assert layer.axis_labels == ("t", "y", "x")
    count = viewer.layers["noise cells"].data[0].max()
    assert count > 1
    assert predicted.adjust.count.text() == f"{count} cells in frame 0"
    assert "Apply to all frames" in predicted.advice.text()


def test_the_window_equals_the_saved_recipe_without_a_window(
    headless: Headless,
    predicted: SegmentWidget,
    viewer: Viewer,
    movie: NDArray[np.uint8],
    finish: Finish,
    tmp_path: Path,
) -> None:
    predicted.adjust.form.controls["h"].slider.slider.setValue(4)
    predicted.adjust.form.controls["fill_holes"].box.setChecked(False)
    finish(predicted)
    predicted.adjust.apply.click()
    finish(predicted)
    predicted.recipe.store(tmp_path / "tuned")
    expected = headless(load_recipe(tmp_path / "tuned.toml"), movie)
    np.testing.assert_array_equal(viewer.layers["noise cells"].data, expected)
    assert "Export" in predicted.advice.text()


def test_a_drag_writes_in_place_and_is_one_undo(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish
) -> None:
    layer = viewer.layers["noise cells"]
    data, before = layer.data, layer.data[0].copy()
    start = predicted.session.recipe
    slider = predicted.adjust.form.controls["threshold"].slider.slider
    slider.sliderPressed.emit()
    for position in (40, 45, 55):
        slider.setValue(position)
    slider.sliderReleased.emit()
    finish(predicted)
    assert layer.data is data
    assert not np.array_equal(data[0], before)
    predicted.adjust.undo.click()
    finish(predicted)
    assert predicted.session.recipe == start
    np.testing.assert_array_equal(data[0], before)


def test_the_form_shows_what_the_session_holds(predicted: SegmentWidget) -> None:
    session, controls = predicted.session, predicted.adjust.form.controls
    session.change("postprocess", threshold=0.42, element_size=5, h=None)
    assert controls["threshold"].slider.value == 0.42
    assert controls["element_size"].slider.value == 5
    assert controls["element"].isVisibleTo(predicted)
    assert controls["h"].auto.isChecked()
    assert controls["h"].slider.value == 1.2
    assert session.recipe.postprocess.h is None


def test_the_element_s_shape_is_shown_below_its_size_and_rests_at_0(
    predicted: SegmentWidget,
) -> None:
    session, form = predicted.session, predicted.adjust.form
    names = list(form.controls)
    assert names.index("element") == names.index("element_size") + 1
    element = form.controls["element"]
    assert element.isVisibleTo(predicted)
    assert not element.isEnabled()
    assert "no effect" in element.box.toolTip()
    session.change("postprocess", element_size=5)
    assert element.isEnabled()
    assert "no effect" not in element.box.toolTip()


def test_typing_reaches_the_session_and_even_widths_become_odd(
    predicted: SegmentWidget,
) -> None:
    controls = predicted.adjust.form.controls
    controls["element_size"].slider.number.setValue(8)
    assert predicted.session.recipe.postprocess.element_size == 9
    controls["h"].slider.number.setValue(500)
    assert predicted.session.recipe.postprocess.h == 500
    controls["h"].auto.click()
    assert predicted.session.recipe.postprocess.h is None


def test_a_deleted_layer_is_made_anew(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish
) -> None:
    viewer.layers.remove("noise cells")
    viewer.layers["noise foreground"].data = np.zeros((4, 40, 48), np.uint8)
    predicted.session.change("postprocess", threshold=0.3)
    finish(predicted)
    assert "noise cells" in viewer.layers
    assert viewer.layers["noise foreground"].data.max() == 0
    assert viewer.layers["noise foreground [1]"].data.max() == 1


def test_cancel_ends_the_work_and_keeps_what_is_done(
    predicted: SegmentWidget, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(self: Pipeline, t: int, recipe: Any) -> Any:
        while True:
            time.sleep(0.001)
            yield None

    monkeypatch.setattr(Pipeline, "predict", endless)
    predicted.predict_all.click()
    qtbot.waitUntil(lambda: "Predicting" in predicted.progress.words.text())
    predicted.progress.button.click()
    qtbot.waitUntil(lambda: not predicted.conductor.job.running, timeout=10_000)
    assert not predicted.progress.isVisibleTo(predicted)
    assert "Cancelled" in predicted.message.text()
    assert 0 in predicted.session.shown


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory"), KeyError("x")])
def test_errors_end_the_progress_and_are_said(
    predicted: SegmentWidget,
    finish: Finish,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    from napari.utils.progress import progress

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Pipeline, "predict", fail)
    predicted.predict.click()
    finish(predicted)
    said = predicted.message.text()
    assert "smaller tile" in said or "Unexpected KeyError" in said
    assert not progress._all_instances
    assert predicted.predict.isEnabled()


def test_the_preview_is_a_layer_of_its_own(
    predicted: SegmentWidget, viewer: Viewer, qtbot: Any
) -> None:
    predicted.preview.setChecked(True)
    qtbot.waitUntil(lambda: "noise contrast" in viewer.layers, timeout=10_000)
    assert predicted.image.layer is viewer.layers["noise"]
    names = [layer.name for layer in viewer.layers]
    assert names == ["noise", "noise contrast", "noise foreground", "noise cells"]
    predicted.preview.setChecked(False)
    assert "noise contrast" not in viewer.layers


def test_results_lie_on_every_channel_of_a_movie_of_many(
    headless: Headless,
    dock: SegmentWidget,
    viewer: Viewer,
    movie: NDArray[np.uint8],
    finish: Finish,
) -> None:
    both = np.stack([movie // 2, movie], axis=1)
    viewer.add_image(both, name="two", axis_labels=("t", "c", "y", "x"))
    dock.image.channel.setValue(1)
    viewer.dims.set_current_step(0, 1)
    dock.predict.click()
    finish(dock)
    layer = viewer.layers["two cells"]
    assert layer.data.shape == (4, 2, 40, 48)
    expected = headless(dock.session.recipe, movie)[1]
    for channel in (0, 1):
        np.testing.assert_array_equal(layer.data[1, channel], expected)
    assert not layer.data[0].any()


def test_the_circle_has_the_expected_diameter(
    predicted: SegmentWidget, viewer: Viewer
) -> None:
    predicted.recipe.circle.setChecked(True)
    predicted.session.change("scale", diameter=20.0)
    assert viewer.layers["Expected diameter"].size.tolist() == [20]
    predicted.recipe.circle.setChecked(False)
    assert "Expected diameter" not in viewer.layers


def test_removing_the_image_ends_the_work(
    predicted: SegmentWidget, viewer: Viewer
) -> None:
    viewer.layers.remove("noise")
    assert predicted.session.stack is None
    assert "Open a stack" in predicted.advice.text()


def test_every_control_has_a_tooltip(
    predicted: SegmentWidget,
) -> None:
    kinds = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox)
    for kind in kinds:
        for control in predicted.findChildren(kind):
            named = control.toolTip() or control.parent().toolTip()
            assert named, f"{kind.__name__} {control.objectName()}"


def test_the_dock_is_narrow_in_every_state_and_is_not_cut_off(
    predicted: SegmentWidget, viewer: Viewer, qtbot: Any
) -> None:
    # nothing is laid out in a window that is hidden
    viewer.window._qt_window.show()
    column = predicted.column
    predicted._contrast.body.show()
    predicted.session.counts[0] = 12345
    predicted._show_state()
    assert "12345 cells" in predicted.adjust.count.text()
    assert column.content.minimumSizeHint().width() <= 340
    qtbot.waitUntil(
        lambda: column.minimumWidth() > column.content.minimumSizeHint().width()
    )


def test_a_part_that_is_shown_later_widens_the_dock(
    predicted: SegmentWidget, viewer: Viewer, qtbot: Any
) -> None:
    viewer.window._qt_window.show()
    predicted.progress.setMinimumWidth(500)
    predicted.progress.show()
    assert predicted.column.minimumWidth() < 500
    qtbot.waitUntil(lambda: predicted.column.minimumWidth() > 500)
    assert predicted.column.content.minimumSizeHint().width() >= 500


def napari_s_dock(widget: SegmentWidget) -> Any:
    """What napari put around the widget."""
    return widget.parent()


def ours() -> list[str]:
    """Threads of the window's work."""
    return [t.name for t in enumerate_threads() if t.name.startswith("cellseg")]


def test_the_cross_ends_the_work_and_what_only_the_dock_shows(
    predicted: SegmentWidget, viewer: Viewer, movie: NDArray[np.uint8], qtbot: Any
) -> None:
    predicted.predict_all.click()
    predicted.recipe.circle.setChecked(True)
    predicted.session.change("postprocess", h=2.0)
    changes = ChangesLayer(viewer, viewer.layers["noise"], "TYX", movie.shape)
    changes.show(0, np.ones((40, 48), bool))
    predicted.conductor.marking.layer = changes
    assert "noise changes" in viewer.layers
    assert "Q" in map(str, viewer.keymap)
    napari_s_dock(predicted).destroyOnClose()
    qtbot.waitUntil(lambda: not ours(), timeout=5_000)
    names = [layer.name for layer in viewer.layers]
    assert names == ["noise", "noise foreground", "noise cells"]
    assert "Q" not in map(str, viewer.keymap)
    qtbot.waitUntil(lambda: not predicted.conductor.job.running, timeout=10_000)
    viewer.add_image(movie, name="later")
    viewer.dims.set_current_step(0, 2)
    assert predicted.session.frame == 0


def test_a_dock_that_floats_or_is_hidden_works_on(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    viewer.window._qt_window.show()
    around = napari_s_dock(predicted)
    for change in (
        lambda: around.setFloating(True),
        around.hide,
        around.show,
        lambda: around.setFloating(False),
        around.close,
        around.show,
    ):
        change()
        qtbot.wait(20)
    before = viewer.layers["noise cells"].data[0].copy()
    predicted.session.change("postprocess", h=2.0)
    finish(predicted)
    assert not np.array_equal(viewer.layers["noise cells"].data[0], before)


def test_what_qt_deleted_already_needs_no_end(predicted: SegmentWidget) -> None:
    binding = "PyQt6.sip" if API_NAME == "PyQt6" else "shiboken6"
    delete = import_module(binding).delete
    conductor, pursuit = predicted.conductor, predicted.conductor.pursuit
    for gone in (pursuit._calm, pursuit._live, pursuit._follower):
        delete(gone)
    conductor.close()
    assert not pursuit._live


QUIT = """
import napari, numpy as np, time
from napari_cellseg.widgets.workers.job import Job
from qtpy.QtWidgets import QApplication

def work():
    while True:
        time.sleep(0.05)
        yield None

app = QApplication([])
job = Job()
job.start("endless", work)
time.sleep(0.3)
"""


def test_a_program_that_ends_waits_for_a_step() -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUIT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_saved_recipe_is_named_after_its_file(
    predicted: SegmentWidget, tmp_path: Path
) -> None:
    box = predicted.recipe
    box.store(tmp_path / "my recipe.toml")
    assert "Saved to" in predicted.message.text()
    assert box.names.currentText() == "my-recipe"
    assert load_recipe(tmp_path / "my recipe.toml").name == "my-recipe"
    predicted.session.change("postprocess", threshold=0.9)
    assert not predicted.message.text()
    box.store(tmp_path / "nuclei.toml")
    box.load("nuclei")
    assert predicted.session.recipe == load_recipe("nuclei")


def test_messages_are_in_the_words_of_the_window_and_go(
    predicted: SegmentWidget,
) -> None:
    predicted.contrast.changed.emit("low", 50.0)
    predicted.contrast.changed.emit("high", 50.0)
    assert predicted.message.text().startswith("low (50.0 %) must")
    predicted.contrast.changed.emit("high", 90.0)
    assert not predicted.message.text()
    predicted._say("or set preprocess.nan to 'background'")
    assert "Missing pixels" in predicted.message.text()


def test_an_unknown_diameter_is_a_dash(predicted: SegmentWidget) -> None:
    diameter = predicted.recipe.form.controls["diameter"]
    predicted.session.change("scale", diameter=None)
    assert diameter.slider.number.text() == "—"
    diameter.auto.click()
    assert predicted.session.recipe.scale.diameter == 30


def test_the_advice_says_why_an_image_cannot_be_read(predicted: SegmentWidget) -> None:
    predicted.image.set_axes("YYX")
    assert "same letter" in predicted.advice.text()
