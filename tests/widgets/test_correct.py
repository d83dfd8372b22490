"""The Correct dock: gestures, scope, what it takes and gives back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from napari.utils._proxies import ReadOnlyWrapper
from napari.utils.interactions import (
    mouse_double_click_callbacks,
    mouse_move_callbacks,
    mouse_press_callbacks,
    mouse_release_callbacks,
)
from qtpy.QtCore import QCoreApplication, QEvent, Qt

from napari_cellseg.widgets.correct.tools.table import TOOLS
from napari_cellseg.widgets.layers.aside import aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.layers import Labels
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.correct import CorrectWidget

pytestmark = pytest.mark.gui

ONE, TWO, THREE = (20, 15), (20, 35), (45, 30)
"""Middles of cells 1, 2 (which touch) and 3."""
T = 6


def cells() -> NDArray[np.uint16]:
    """Three cells that stay, T frames; the third is missing in frames 2 and 3."""
    frame = np.zeros((60, 60), np.uint16)
    frame[10:30, 5:25] = 1
    frame[10:30, 25:45] = 2
    frame[38:54, 20:40] = 3
    movie = np.repeat(frame[None], T, axis=0)
    movie[2:4][movie[2:4] == 3] = 0
    return movie


@pytest.fixture
def layer(viewer: Viewer) -> Labels:
    return viewer.add_labels(cells(), name="masks", axis_labels=("t", "y", "x"))


@pytest.fixture
def correct(viewer: Viewer, layer: Labels, qtbot: Any) -> Iterator[CorrectWidget]:
    """The dock as napari's menu opens it, on frame 1."""
    viewer.dims.set_current_step(0, 1)
    _, widget = viewer.window.add_plugin_dock_widget("napari-cellseg", "Correct masks")
    yield widget
    finish(widget, qtbot)
    widget.close_down()
    if widget.parent() is None:
        widget.setParent(viewer.window._qt_window)


class Mouse:
    """Sends what the mouse does through napari's callbacks, as its canvas does."""

    def __init__(self, viewer: Viewer, layer: Labels) -> None:
        self.viewer, self.layer = viewer, layer

    def click(self, place: tuple[float, float], button: int = 1) -> bool:
        """Press and release; whether the camera is kept from it."""
        handled = self._send(mouse_press_callbacks, "mouse_press", place, button)
        self._send(mouse_release_callbacks, "mouse_release", place, button)
        return handled

    def double_click(self, place: tuple[float, float]) -> None:
        self.click(place)
        self._send(mouse_double_click_callbacks, "mouse_double_click", place, 1)

    def drag(self, *places: tuple[float, float]) -> None:
        self._send(mouse_press_callbacks, "mouse_press", places[0], 1)
        for place in places[1:]:
            self._send(mouse_move_callbacks, "mouse_move", place, 1, dragging=True)
        self._send(mouse_release_callbacks, "mouse_release", places[-1], 1)

    def point(self, place: tuple[float, float]) -> None:
        """Move the pointer there."""
        self.viewer.mouse_over_canvas = True
        self.viewer.cursor.position = self._world(place)

    def _world(self, place: tuple[float, float]) -> tuple[float, ...]:
        return (float(self.viewer.dims.point[0]), *place)

    def _send(
        self, callbacks: Any, kind: str, place: Any, button: int, dragging: bool = False
    ) -> bool:
        position = self._world(place)
        event = SimpleNamespace(
            type=kind, position=position, pos=(10 * place[1], 10 * place[0]),
            button=button, buttons=[button], modifiers=(), is_dragging=dragging,
            view_direction=None, up_direction=None, dims_displayed=[1, 2],
            dims_point=list(position), handled=False, camera_zoom=1.0,
        )  # fmt: skip
        wrapped = ReadOnlyWrapper(event, exceptions=("handled",))
        callbacks(self.viewer, wrapped)
        callbacks(self.layer, wrapped)
        return bool(event.handled)


@pytest.fixture
def mouse(viewer: Viewer, layer: Labels) -> Mouse:
    return Mouse(viewer, layer)


def press(viewer: Viewer, key: str) -> None:
    viewer.window._qt_viewer.canvas._key_map_handler.press_key(key)
    viewer.window._qt_viewer.canvas._key_map_handler.release_key(key)


def finish(correct: CorrectWidget, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: not correct.desk.turns.running, timeout=20_000)


def at(layer: Labels, t: int, place: tuple[int, int]) -> int:
    return int(layer.data[(t, *place)])


def test_cells_are_merged_by_a_drag_or_by_two_clicks(
    correct: CorrectWidget, layer: Labels, mouse: Mouse
) -> None:
    before = layer.data.copy()
    correct.tools.buttons["merge"].click()
    assert layer.mode == "pan_zoom"
    mouse.drag(ONE, (20, 25), TWO)
    assert at(layer, 1, TWO) == 1
    assert at(layer, 0, TWO) == 2
    correct.corrected.undo()
    np.testing.assert_array_equal(layer.data, before)
    mouse.click(TWO)
    mouse.click(ONE)
    assert at(layer, 1, ONE) == 2
    mouse.click((2, 2))
    assert "no cell" in correct.advice.text()


def test_a_cell_is_split_by_a_line_by_seeds_and_by_a_double_click(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse
) -> None:
    mouse.point(ONE)
    press(viewer, "S")
    assert correct.hand.armed is TOOLS["split"]
    mouse.drag((5, 15), (20, 15), (35, 15))
    assert at(layer, 1, (20, 7)) != at(layer, 1, (20, 23))
    mouse.click((20, 28))
    mouse.click((20, 42))
    press(viewer, "Enter")
    assert at(layer, 1, (20, 28)) != at(layer, 1, (20, 42))
    zoom = viewer.scene.camera.zoom
    mouse.click((45, 22))
    mouse.double_click((45, 38))
    assert at(layer, 1, (45, 22)) != at(layer, 1, (45, 38))
    assert viewer.scene.camera.zoom == zoom


@pytest.mark.parametrize(
    ("name", "place", "label"),
    [("delete", ONE, 0), ("renew", ONE, 4), ("copy_previous", ONE, 1)],
)
def test_a_key_acts_on_the_cell_under_the_pointer(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse,
    name: str, place: tuple[int, int], label: int,
) -> None:  # fmt: skip
    if name == "copy_previous":
        layer.data[1][layer.data[1] == 1] = 0
        layer.refresh()
    mouse.point(place)
    press(viewer, TOOLS[name].key)
    assert at(layer, 1, place) == label
    assert correct.hand.armed is None


def test_a_tool_that_is_armed_acts_at_each_click_until_escape(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any
) -> None:
    correct.tools.buttons["delete"].click()
    assert mouse.click(ONE)
    # what lies over the masks is drawn in a turn of its own
    qtbot.wait(50)
    viewer.dims.set_current_step(0, 2)
    qtbot.wait(50)
    viewer.dims.set_current_step(0, 1)
    assert mouse.click(TWO)
    qtbot.wait(50)
    assert not layer.data[1, :35].any()
    assert correct.hand.armed is TOOLS["delete"]
    # the other buttons stay the camera's
    assert not mouse.click(THREE, button=2)
    press(viewer, "Escape")
    assert not mouse.click(THREE)
    assert at(layer, 1, THREE) == 3
    assert not correct.tools.buttons["delete"].isChecked()


def test_a_mode_of_napari_ends_a_tool(correct: CorrectWidget, layer: Labels) -> None:
    correct.tools.buttons["delete"].click()
    layer.mode = "pick"
    assert correct.hand.armed is None
    assert layer.mode == "pick"


def test_draw_paints_under_a_free_number(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, qtbot: Any
) -> None:
    press(viewer, TOOLS["draw"].key)
    assert (layer.mode, layer.selected_label) == ("paint", 4)
    layer.paint((1, 50, 50), 4)
    qtbot.waitUntil(lambda: correct.corrected.corrections.timeline.last is not None)
    assert correct.corrected.corrections.status(1, 4) == "edited"
    press(viewer, TOOLS["erase"].key)
    assert layer.mode == "erase"
    press(viewer, "Escape")
    assert layer.mode == "pan_zoom"


def test_a_scope_over_frames_is_one_step(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any
) -> None:
    before = layer.data.copy()
    correct.scope.choice.setCurrentText("Frames")
    correct.scope.first.setValue(1)
    correct.scope.last.setValue(3)
    mouse.point(ONE)
    press(viewer, TOOLS["delete"].key)
    finish(correct, qtbot)
    assert [at(layer, t, ONE) for t in range(T)] == [1, 0, 0, 0, 1, 1]
    assert "in 3 frames" in correct.corrected.corrections.timeline.last.words
    press(viewer, "Ctrl+Z")
    np.testing.assert_array_equal(layer.data, before)
    press(viewer, TOOLS["lock"].key)
    finish(correct, qtbot)
    assert correct.corrected.corrections.timeline.last.words == "Lock 1 in 3 frames"
    marks = correct.corrected.corrections.marks
    assert [t for t in range(T) if t in marks] == [1, 2, 3]
    press(viewer, TOOLS["delete"].key)
    finish(correct, qtbot)
    assert "locked" in correct.advice.text()
    np.testing.assert_array_equal(layer.data, before)
    press(viewer, "Ctrl+Z")
    assert not marks


def test_a_number_is_asked_for(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any
) -> None:
    mouse.point(ONE)
    press(viewer, TOOLS["relabel"].key)
    assert correct.ask.isVisibleTo(correct)
    correct.ask.number.setValue(2)
    correct.ask.button.click()
    assert "number of another cell" in correct.advice.text()
    press(viewer, TOOLS["relabel"].key)
    correct.ask.number.setValue(70_000)
    correct.ask.button.click()
    assert at(layer, 1, ONE) == 70_000


def test_a_missing_cell_is_interpolated_and_a_deletion_propagated(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any
) -> None:
    correct.tools.buttons["interpolate"].click()
    mouse.click(THREE)
    finish(correct, qtbot)
    assert [at(layer, t, THREE) for t in range(T)] == [3] * T
    mouse.point(THREE)
    press(viewer, TOOLS["delete"].key)
    press(viewer, TOOLS["forward"].key)
    finish(correct, qtbot)
    assert [at(layer, t, THREE) for t in range(T)] == [3, 0, 0, 0, 0, 0]
    press(viewer, TOOLS["release"].key)
    assert at(layer, 1, THREE) == 3


def test_it_says_why_masks_cannot_be_corrected_and_gives_up_with_the_layer(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, qtbot: Any
) -> None:
    correct.tools.buttons["delete"].click()
    viewer.dims.ndisplay = 3
    qtbot.waitUntil(lambda: "2D" in correct.advice.text())
    assert not correct.tools.buttons["merge"].isEnabled()
    assert correct.hand.armed is None
    viewer.dims.ndisplay = 2
    qtbot.waitUntil(correct.tools.buttons["merge"].isEnabled)
    viewer.layers.remove(layer)
    assert "No masks yet" in correct.advice.text()
    correct.steps_tools.buttons["sheet"].click()
    assert correct.sheet.shown


def test_closing_gives_mouse_and_keys_back(
    correct: CorrectWidget, viewer: Viewer, layer: Labels
) -> None:
    correct.tools.buttons["split"].click()
    doubled = len(viewer.mouse_double_click_callbacks)
    correct.sheet.show()
    viewer.window.remove_dock_widget(correct)
    assert correct.hand.armed is None
    assert len(viewer.mouse_double_click_callbacks) > doubled
    assert "S" not in map(str, layer.keymap)
    assert "F1" not in map(str, viewer.keymap)
    assert not correct.sheet.shown


def test_work_on_many_frames_is_cancelled_or_refused_whole(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any
) -> None:
    before = layer.data.copy()
    correct.scope.choice.setCurrentText("All frames")
    mouse.point(ONE)
    press(viewer, TOOLS["delete"].key)
    assert correct.desk.turns.running
    correct.progress.button.click()
    assert "nothing was changed" in correct.advice.text()
    np.testing.assert_array_equal(layer.data, before)
    # one cell of one frame is locked: none is deleted
    correct.corrected.corrections.lock({4: [1]})
    press(viewer, TOOLS["delete"].key)
    finish(correct, qtbot)
    assert "Frame 4" in correct.advice.text()
    np.testing.assert_array_equal(layer.data, before)


def test_cells_without_numbers_are_followed_by_overlap_and_joined_by_two_clicks(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any
) -> None:
    assert correct.scope.same.currentText() == "by number"
    qtbot.keyClick(correct.scope.same, Qt.Key.Key_Down)
    assert not correct.corrected.corrections.by_number
    # other numbers in other frames, and cell 1 is lost in frame 4
    layer.data[3:][layer.data[3:] == 1] = 7
    layer.data[4][layer.data[4] == 7] = 0
    layer.data[4:][layer.data[4:] == 3] = 8
    layer.refresh()
    correct.scope.choice.setCurrentText("All frames")
    mouse.point(ONE)
    press(viewer, TOOLS["delete"].key)
    finish(correct, qtbot)
    assert [at(layer, t, ONE) for t in range(T)] == [0, 0, 0, 0, 0, 7]
    press(viewer, TOOLS["interpolate"].key)
    mouse.click(THREE)
    assert "go to the frame" in correct.advice.text()
    viewer.dims.set_current_step(0, 4)
    mouse.click(THREE)
    finish(correct, qtbot)
    assert [at(layer, t, THREE) for t in range(T)] == [3, 3, 3, 3, 8, 8]


def test_a_layer_that_comes_aside_leaves_the_selection_and_the_tool(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, qtbot: Any
) -> None:
    correct.tools.buttons["delete"].click()
    heard: list[Any] = []
    viewer.layers.selection.events.active.connect(heard.append)
    with aside(viewer):
        other = viewer.add_image(np.zeros((60, 60)))
    assert viewer.layers.selection == {layer}
    assert not heard
    # and one that napari's own way brings is looked at once it is settled
    viewer.layers.selection.active = other
    viewer.layers.selection.active = layer
    qtbot.wait(20)
    assert correct.hand.armed is TOOLS["delete"]
    viewer.layers.selection.active = other
    qtbot.waitUntil(lambda: correct.hand.armed is None)


def test_trouble_with_the_journal_is_told_for_as_long_as_it_lasts(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse, qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    keeping = correct.corrected.keeping
    keeping._trouble = "Corrections are not written down: the disk is full."
    keeping.changed.emit()
    press(viewer, "S")
    mouse.point((2, 2))
    press(viewer, "D")
    assert "no cell" in correct.advice.text()
    assert "disk is full" in correct.kept.text()
    assert correct.kept.isVisibleTo(correct)
    keeping._trouble = ""
    keeping.changed.emit()
    qtbot.waitUntil(lambda: not correct.kept.isVisibleTo(correct))
    # nor is what the file of the masks does not take
    frames = type(correct.corrected.frames)
    monkeypatch.setattr(frames, "trouble", "masks.zarr is full")
    press(viewer, "D")
    assert "masks.zarr" in correct.kept.text()


def test_keys_are_heard_while_the_image_is_selected_and_over_the_picture_only(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse
) -> None:
    viewer.layers.selection.active = viewer.add_image(np.zeros((T, 60, 60)))
    mouse.point(ONE)
    press(viewer, TOOLS["delete"].key)
    assert at(layer, 1, ONE) == 0
    mouse.point(TWO)
    viewer.mouse_over_canvas = False
    press(viewer, TOOLS["delete"].key)
    assert at(layer, 1, TWO) == 2
    assert "Point at a cell" in correct.advice.text()
    press(viewer, TOOLS["split"].key)
    assert correct.hand.armed is TOOLS["split"]
    assert viewer.layers.selection.active is layer
    correct.close_down()
    assert "D" not in map(str, viewer.keymap)


def test_other_masks_are_not_taken_up_when_those_chosen_are_removed(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, qtbot: Any
) -> None:
    other = viewer.add_labels(cells(), name="other")
    correct.layers.choose(layer)
    assert viewer.layers.selection.active is layer
    # as napari's bin does, which goes to the layer beside
    viewer.layers.remove_selected()
    assert viewer.layers.selection.active is other
    assert correct.corrected is None
    assert "choose others" in correct.advice.text()
    qtbot.wait(20)
    viewer.layers.selection.active = None
    viewer.layers.selection.active = other
    assert correct.layers.layer is other
    viewer.layers.remove(other)
    added = viewer.add_labels(cells(), name="added")
    assert correct.layers.layer is added


def test_it_says_which_tools_work_in_this_frame_only(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse
) -> None:
    layer.data[1, 10:30, 24:27] = 0
    layer.data[1, 15:25, 30:40] = 1
    layer.refresh()
    correct.scope.choice.setCurrentText("All frames")
    correct.tools.buttons["split"].click()
    assert "this frame only" in correct.advice.text()
    press(viewer, "Escape")
    mouse.point(ONE)
    press(viewer, TOOLS["separate"].key)
    assert at(layer, 1, (20, 35)) != at(layer, 1, ONE)
    assert "Separate works in this frame only" in correct.advice.text()


def test_what_to_do_next_goes_with_the_tool(
    correct: CorrectWidget, viewer: Viewer, layer: Labels
) -> None:
    press(viewer, TOOLS["draw"].key)
    assert "Paint cell" in correct.advice.text()
    press(viewer, "Escape")
    assert "Paint cell" not in correct.advice.text()


def test_a_cell_that_was_only_locked_has_nothing_to_propagate(
    correct: CorrectWidget, viewer: Viewer, layer: Labels, mouse: Mouse
) -> None:
    mouse.point(ONE)
    press(viewer, TOOLS["lock"].key)
    press(viewer, TOOLS["forward"].key)
    assert "only locked" in correct.advice.text()
    assert not correct.desk.turns.running


def test_the_window_may_close_in_the_turn_of_an_edit(
    viewer: Viewer, layer: Labels, mouse: Mouse
) -> None:
    viewer.dims.set_current_step(0, 1)
    _, widget = viewer.window.add_plugin_dock_widget("napari-cellseg", "Correct masks")
    corrected = widget.corrected
    mouse.point(ONE)
    press(viewer, TOOLS["delete"].key)
    # as Qt does with the window, without a word to the dock
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete)
    corrected.changed.emit()
    corrected.tell("words")
    # it was undisturbed, and the dock hears no more
    assert len(corrected.told) == 0
    last = corrected.corrections.timeline.last
    assert last is not None
    assert last.words.startswith("Delete")
