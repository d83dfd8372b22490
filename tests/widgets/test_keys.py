"""The key map of the Correct dock: defaults, changes, conflicts, what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from qtpy.QtGui import QKeySequence

from napari_cellseg.correction.history import Timeline
from napari_cellseg.settings import MB, load_settings
from napari_cellseg.widgets.correct.keymap import RESERVED, KeyMap, as_qt
from napari_cellseg.widgets.correct.tools.table import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari.layers import Labels
    from napari.viewer import Viewer

    from napari_cellseg.widgets.correct import CorrectWidget

pytestmark = pytest.mark.gui


def test_the_usual_keys_are_valid_and_each_is_of_one_tool() -> None:
    keys = KeyMap(TOOLS)
    changeable = [name for name, tool in TOOLS.items() if not tool.fixed]
    assert [keys.refusal(name, keys[name]) for name in changeable] == [""] * len(
        changeable
    )
    # napari's picker, brush sizes, polygon, fill, pan and numbers stay as they are
    kept = set("BPFLZMXV1234567") | {"-", "=", "[", "]"}
    assert not kept & {tool.key for tool in TOOLS.values()}


def test_tools_can_change_keys_with_each_other() -> None:
    keys = KeyMap(TOOLS)
    for name, key in (("merge", "U"), ("split", "A"), ("merge", "S")):
        assert keys.set(name, key) == ""
    again = KeyMap(TOOLS)
    assert (again["merge"], again["split"], again.words) == ("S", "A", "")


def test_a_key_is_changed_kept_and_reset(settings: Path) -> None:
    keys = KeyMap(TOOLS)
    assert keys.set("split", "ctrl+shift+u") == ""
    assert KeyMap(TOOLS)["split"] == "Ctrl+Shift+U"
    # its old key is free now, and the usual key is not written down
    assert keys.set("merge", "S") == ""
    assert keys.set("merge", "A") == ""
    assert load_settings()[0].keys == {"split": "Ctrl+Shift+U"}
    assert keys.reset() == ""
    assert not KeyMap(TOOLS).own


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("D", "D is the key of Delete"),
        ("Escape", "ends a tool"),
        ("Ctrl+Z", "the key of Undo"),
        ("M", "free number"),
        ("Ctrl+", "no key"),
        ("?", "no key"),
        ("", "no key"),
    ],
)
def test_a_conflict_is_refused_in_words(key: str, words: str) -> None:
    keys = KeyMap(TOOLS)
    assert words in keys.set("merge", key)
    assert keys["merge"] == "A"


def test_settings_that_cannot_be_used_are_told(settings: Path) -> None:
    settings.parent.mkdir(parents=True)
    settings.write_text('[keys]\nmerge = "D"\nother = "U"\n')
    keys = KeyMap(TOOLS)
    assert "Delete" in keys.words
    assert keys["merge"] == "A"
    settings.write_text('[keys]\nmerge = "rubbish"\n')
    assert "rubbish" in KeyMap(TOOLS).words
    assert "Escape" in RESERVED


@pytest.fixture
def correct(viewer: Viewer) -> Iterator[CorrectWidget]:
    labels = np.zeros((2, 30, 30), np.uint16)
    labels[:, 5:15, 5:15] = 1
    viewer.add_labels(labels, axis_labels=("t", "y", "x"))
    _, widget = viewer.window.add_plugin_dock_widget("napari-cellseg", "Correct masks")
    yield widget
    widget.close_down()


def press(viewer: Viewer, key: str) -> None:
    viewer.window._qt_viewer.canvas._key_map_handler.press_key(key)


def type_key(correct: CorrectWidget, name: str, key: str) -> None:
    field = correct.key_table.fields[name]
    field.setKeySequence(QKeySequence(key))
    field.editingFinished.emit()


def test_a_changed_key_wins_over_naparis_and_is_shown(
    correct: CorrectWidget, viewer: Viewer
) -> None:
    layer: Labels = viewer.layers[0]
    type_key(correct, "split", "P")
    correct.sheet.show()
    assert "<b>P</b>" in correct.sheet.label.text()
    assert "paint mode" in correct.key_table.words.text()
    press(viewer, "P")
    assert correct.hand.armed is TOOLS["split"]
    assert layer.mode == "pan_zoom"
    assert "Key: P" in correct.tools.buttons["split"].toolTip()
    type_key(correct, "merge", "P")
    assert "P is the key of Split" in correct.key_table.words.text()
    assert correct.key_table.fields["merge"].keySequence().toString() == "A"
    type_key(correct, "merge", "Ctrl+O")
    assert "menus" in correct.key_table.words.text()
    correct.key_table.button.click()
    press(viewer, "P")
    assert layer.mode == "paint"


def test_keys_go_with_the_masks(
    correct: CorrectWidget, viewer: Viewer, qtbot: Any
) -> None:
    first = viewer.layers[0]
    second = viewer.add_labels(np.ones((2, 9, 9), np.uint8), name="other")
    assert correct.layers.layer is second
    assert "S" in map(str, second.keymap)
    assert "S" not in map(str, first.keymap)
    viewer.layers.selection.active = first
    assert correct.layers.layer is first
    assert "S" in map(str, first.keymap)
    assert "S" not in map(str, second.keymap)


@pytest.mark.parametrize("key", ["PageUp", "Shift+PageDown", "Home", "Delete", "F7"])
def test_keys_with_names_are_shown_and_kept(correct: CorrectWidget, key: str) -> None:
    type_key(correct, "split", as_qt(key))
    assert KeyMap(TOOLS)["split"] == key
    assert not correct.key_table.fields["split"].keySequence().isEmpty()


def test_the_memory_for_undo_is_set_kept_and_holds_at_once(
    correct: CorrectWidget, settings: Path
) -> None:
    number = correct.undo_memory.number
    assert number.value() == 512
    number.setValue(16)
    assert correct.corrected.corrections.timeline.limit == 16 * MB
    assert load_settings()[0].undo == 16
    number.setValue(1)
    assert load_settings()[0].undo == 16
    assert Timeline().limit == 16 * MB
