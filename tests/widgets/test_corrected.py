"""Corrections of a Labels layer in the window: painting, keys, what befalls layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np
import pytest
import zarr
from napari.settings import get_settings
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox

from napari_cellseg.correction.edits import delete, draw
from napari_cellseg.errors import ImageError
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.widgets.layers.canvas import Canvas
from napari_cellseg.widgets.layers.canvas_frames import CanvasFrames
from napari_cellseg.widgets.layers.provenance import Provenance
from napari_cellseg.widgets.layers.registry import adopt, bind, find
from napari_cellseg.widgets.layers.source import READ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.layers.corrected import Corrected


@pytest.fixture
def labels() -> NDArray[np.uint16]:
    """Two cells in each of three frames."""
    labels = np.zeros((3, 40, 48), np.uint16)
    labels[:, 5:15, 5:15] = 1
    labels[:, 5:15, 25:35] = 2
    return labels


def show(viewer: Viewer, labels: Any) -> Corrected:
    """Adopt labels, and look at their first frame."""
    axes = ("t", "y", "x")[-labels.ndim :]
    layer = viewer.add_labels(labels, axis_labels=axes)
    if labels.ndim > 2:
        viewer.dims.set_current_step(0, 0)
    return adopt(viewer, layer)


@pytest.fixture
def corrected(viewer: Viewer, labels: NDArray[np.uint16]) -> Corrected:
    return show(viewer, labels)


def paint(corrected: Corrected, y: int, x: int, label: int) -> None:
    """Paint as napari's brush does between press and release of the mouse."""
    layer = corrected.layer
    with layer.block_history():
        layer.paint((corrected.t, y, x)[-layer.ndim :], label, refresh=False)
        layer._partial_labels_refresh()


def press(viewer: Viewer, key: str) -> None:
    """Press a key as it reaches the canvas."""
    viewer.window._qt_viewer.canvas._key_map_handler.press_key(key)


def test_a_stroke_is_a_mark_that_survives(
    corrected: Corrected, labels: NDArray[np.uint16], qtbot: Any
) -> None:
    auto = labels[0].copy()
    paint(corrected, 30, 30, 7)
    painted = corrected.frame == 7
    qtbot.waitUntil(lambda: 7 in corrected.corrections.marks.get(0, {}))
    assert not corrected.layer._undo_history
    composed = corrected.corrections.take(0, np.roll(auto, 3, axis=0))
    assert np.array_equal(composed == 7, painted)
    assert find(corrected.layer) is corrected


def test_each_of_naparis_tools_is_captured(corrected: Corrected) -> None:
    layer, marks = corrected.layer, corrected.corrections.marks
    # these write after they told, and of no mouse
    layer.fill((0, 10, 10), 8)
    assert corrected.capture() is not None
    assert set(marks[0]) == {1, 8}
    layer.paint_polygon([(0, 25, 5), (0, 25, 15), (0, 35, 10)], 9)
    layer.paint((0, 10, 30), 0)
    assert corrected.capture() is not None
    assert set(marks[0]) == {1, 2, 8, 9}
    assert corrected.capture() is None


def test_a_stroke_is_of_the_frame_that_it_was_made_on(
    corrected: Corrected, viewer: Viewer
) -> None:
    paint(corrected, 30, 30, 7)
    viewer.dims.set_current_step(0, 2)
    paint(corrected, 30, 30, 6)
    corrected.capture()
    marks = corrected.corrections.marks
    assert {t: set(m) for t, m in marks.items()} == {0: {7}, 2: {6}}


def test_keys_undo_across_frames(
    corrected: Corrected, viewer: Viewer, labels: NDArray[np.uint16]
) -> None:
    before = labels.copy()
    paint(corrected, 30, 30, 7)
    viewer.dims.set_current_step(0, 2)
    paint(corrected, 30, 30, 7)
    after = labels.copy()
    press(viewer, "Control-Z")
    press(viewer, "Control-Z")
    assert viewer.dims.current_step[0] == 0
    assert np.array_equal(labels, before)
    press(viewer, "Control-Shift-Z")
    viewer.layers.selection.active = viewer.add_points()
    # another layer is selected: the viewer's own key
    press(viewer, "Control-Shift-Z")
    assert viewer.dims.current_step[0] == 2
    assert np.array_equal(labels, after)


def test_locked_cells_cannot_be_painted_over(
    corrected: Corrected, labels: NDArray[np.uint16]
) -> None:
    told: list[str] = []
    corrected.told.connect(told.append)
    corrected.corrections.lock({0: [1]})
    paint(corrected, 10, 14, 7)
    corrected.capture()
    assert (labels[0, 5:15, 5:15] == 1).all()
    assert (labels[0] == 7).any()
    paint(corrected, 30, 40, 7)
    corrected.capture()
    assert "unlock it first" in told[0]
    assert told[-1] == ""


def test_a_new_number_is_free_and_fits(viewer: Viewer) -> None:
    labels = np.zeros((2, 40, 48), np.uint8)
    labels[1, :5, :5] = 255
    corrected, told = show(viewer, labels), []
    corrected.told.connect(told.append)
    press(viewer, "M")
    assert corrected.layer.selected_label == 256
    assert corrected.layer.data.dtype == np.uint16
    assert told == ["The labels are uint16 now: uint8 ends at the number 255."]
    paint(corrected, 30, 30, 256)
    assert corrected.capture() is not None
    assert not corrected.lacking


def test_a_new_number_is_free_in_every_frame(
    corrected: Corrected, viewer: Viewer
) -> None:
    assert corrected.new_label() == 3
    paint(corrected, 30, 30, 3)
    viewer.dims.set_current_step(0, 1)
    assert corrected.new_label() == 4


def test_steps_that_had_to_go_are_told(corrected: Corrected) -> None:
    told: list[str] = []
    corrected.told.connect(told.append)
    corrected.corrections.timeline.limit = 1
    paint(corrected, 30, 30, 7)
    corrected.capture()
    assert "cannot be taken back" in told[-1]
    timeline = corrected.corrections.timeline
    timeline.limit = 2**20
    paint(corrected, 30, 30, 8)
    corrected.capture()
    timeline.limit = timeline.held
    paint(corrected, 30, 30, 9)
    corrected.capture()
    assert "no longer be undone" in told[-1]


@pytest.mark.parametrize("kind", ["zarr", "dask", "signed", "int64", "2d"])
def test_labels_of_every_kind(
    kind: str, viewer: Viewer, labels: NDArray[np.uint16], tmp_path: Path
) -> None:
    file = zarr.create_array(
        store=str(tmp_path / "labels.zarr"),
        shape=labels.shape,
        chunks=(1, 40, 48),
        dtype=labels.dtype,
    )
    file[:] = labels
    kinds = {
        "zarr": file,
        "dask": da.from_array(labels.copy(), chunks=(1, 40, 48)),
        "signed": labels.astype(np.int32),
        "int64": labels.astype(np.int64),
        "2d": labels[0].copy(),
    }
    corrected = show(viewer, kinds[kind])
    wide = "uint32 in napari now, and were int64" in corrected.words
    assert wide == (kind == "int64")
    paint(corrected, 30, 30, 7)
    assert corrected.capture() is not None
    painted = corrected.frame.copy()
    assert painted[30, 30] == 7
    corrected.undo()
    assert np.array_equal(corrected.frame, labels[0])
    corrected.redo()
    viewer.layers.remove(corrected.layer)
    if kind == "zarr":
        assert np.array_equal(file[0], painted)


def test_cells_that_are_numbered_afresh_are_followed_by_place(
    viewer: Viewer, labels: NDArray[np.uint16]
) -> None:
    assert show(viewer, labels.copy()).corrections.by_number
    # the first cell of frame 1 is new, and so on
    labels[1][labels[1] > 0] = 3 - labels[1][labels[1] > 0]
    assert not show(viewer, labels).corrections.by_number


def test_what_cannot_be_corrected_says_so(viewer: Viewer) -> None:
    fine, coarse = np.zeros((64, 64), np.uint8), np.zeros((32, 32), np.uint8)
    with pytest.raises(ImageError, match="several resolutions"):
        adopt(viewer, viewer.add_labels([fine, coarse]))
    volume = np.zeros((3, 8, 8), np.uint8)
    layer = viewer.add_labels(volume, axis_labels=("z", "y", "x"))
    with pytest.raises(ImageError, match="axes ZYX"):
        adopt(viewer, layer)


def test_a_removed_layer_goes_on_when_it_is_back(
    corrected: Corrected, viewer: Viewer
) -> None:
    layer = corrected.layer
    layer.name = "renamed"
    assert not corrected.lacking
    paint(corrected, 30, 30, 7)
    viewer.layers.remove(layer)
    assert "renamed was removed" in corrected.lacking
    assert 7 in corrected.corrections.marks[0]
    viewer.add_layer(layer)
    assert not corrected.lacking
    corrected.undo()
    assert not corrected.corrections.marks


def test_corrections_get_a_new_layer(viewer: Viewer) -> None:
    image = viewer.add_image(np.zeros((2, 40, 48), np.uint8))
    canvas = Canvas(viewer, image, "TYX", "cells", np.zeros((2, 40, 48), np.uint16))
    corrections = Corrections(CanvasFrames(canvas))
    canvas.show()
    first: Any = canvas.layer
    former = bind(viewer, first, corrections, "TYX")
    viewer.layers.remove(first)
    canvas.show()
    second: Any = canvas.layer
    corrected = bind(viewer, second, corrections, "TYX")
    assert find(first) is None
    assert find(second) is corrected is not former
    paint(corrected, 30, 30, 7)
    assert corrected.capture() is not None


def test_other_labels_are_corrected_as_before(
    corrected: Corrected, labels: NDArray[np.uint16]
) -> None:
    told: list[str] = []
    corrected.told.connect(told.append)
    paint(corrected, 30, 30, 7)
    corrected.capture()
    new = np.roll(labels, 4, axis=2)
    new[0][new[0] == 7] = 0
    corrected.layer.data = new
    assert not corrected.lacking
    assert corrected.frame[30, 30] == 7
    assert "laid over" in told[-1]
    corrected.undo()
    assert corrected.frame[30, 30] == 0
    assert corrected.frame[10, 9] == 1


def test_labels_of_another_size_are_left_alone(corrected: Corrected) -> None:
    other = np.zeros((3, 20, 24), np.uint16)
    corrected.layer.data = other
    assert "3x20x24" in corrected.lacking
    assert "3x40x48" in corrected.lacking
    paint(corrected, 10, 10, 7)
    assert corrected.capture() is None


def test_only_frames_are_painted_on(corrected: Corrected, viewer: Viewer) -> None:
    corrected.layer.n_edit_dimensions = 3
    assert corrected.layer.n_edit_dimensions == 2
    viewer.dims.order = (1, 0, 2)
    assert "show Y and X" in corrected.lacking
    assert not corrected.layer.editable
    viewer.dims.order = (0, 1, 2)
    assert not corrected.lacking
    assert corrected.layer.editable


def test_positions_are_pixels(viewer: Viewer, labels: NDArray[np.uint16]) -> None:
    layer = viewer.add_labels(labels, scale=(1, 0.5, 0.5), translate=(0, 10, 0))
    corrected = adopt(viewer, layer)
    assert corrected.pixel((1, 12.5, 3.0)) == (1, 5, 6)
    assert corrected.pixel((1, 9.0, 3.0)) is None
    corrected.go(2)
    assert corrected.t == 2


def reopen(viewer: Viewer, layer: Any, qtbot: Any) -> Corrected:
    """Adopt masks that were corrected before, and restore that."""
    again = adopt(viewer, layer)
    (box,) = viewer.window._qt_window.findChildren(QMessageBox)
    restore = next(b for b in box.buttons() if b.text() == "Restore")
    qtbot.mouseClick(restore, Qt.MouseButton.LeftButton)
    return again


def leave(corrected: Corrected) -> None:
    """Paint on the first frame, and leave the masks."""
    corrected.go(0)
    paint(corrected, 30, 30, 7)
    corrected.capture()
    assert corrected.keeping is not None
    assert corrected.keeping.sync()
    corrected.release()
    corrected.viewer.layers.remove(corrected.layer)


def test_corrections_of_masks_from_memory_are_found_with_their_image(
    viewer: Viewer, labels: NDArray[np.uint16], journals: Path, qtbot: Any
) -> None:
    auto = labels.copy()
    viewer.add_image(np.random.default_rng(0).random(labels.shape), name="image")
    corrected = show(viewer, labels)
    leave(corrected)
    assert len(list(journals.iterdir())) >= 1
    # as it was before a crash, over the same image
    layer = viewer.add_labels(auto, name=corrected.layer.name)
    again = reopen(viewer, layer, qtbot)
    assert np.array_equal(auto, labels)
    assert 7 in again.corrections.marks[0]


def test_corrections_of_masks_are_found_by_their_file(
    viewer: Viewer, labels: NDArray[np.uint16], tmp_path: Path, qtbot: Any
) -> None:
    note = {READ: {"source": str(tmp_path / "masks.tif")}}
    image = viewer.add_image(np.random.default_rng(0).random(labels.shape))
    auto = labels.copy()
    leave(adopt(viewer, viewer.add_labels(labels, name="masks", metadata=note)))
    viewer.layers.remove(image)
    viewer.add_labels(auto[:1].copy(), name="others of the file", metadata=note)
    other = adopt(viewer, viewer.layers[-1])
    assert other.keeping is not None
    assert not other.keeping.found + other.keeping.words
    # without the image, under another name
    layer = viewer.add_labels(auto, name="renamed", metadata=note)
    again = reopen(viewer, layer, qtbot)
    assert 7 in again.corrections.marks[0]


def test_corrections_are_found_where_they_were_kept_with_the_image(
    viewer: Viewer, labels: NDArray[np.uint16], tmp_path: Path, qtbot: Any
) -> None:
    viewer.add_image(np.random.default_rng(0).random(labels.shape))
    auto = labels.copy()
    leave(adopt(viewer, viewer.add_labels(labels, name="masks")))
    note = {READ: {"source": str(tmp_path / "masks.tif")}}
    layer = viewer.add_labels(auto, name="masks", metadata=note)
    assert 7 in reopen(viewer, layer, qtbot).corrections.marks[0]


@pytest.fixture
def asynchronous() -> Iterator[None]:
    """Let napari load what it shows in a thread."""
    experimental = get_settings().experimental
    experimental.async_ = True
    yield
    experimental.async_ = False


@pytest.mark.usefixtures("asynchronous")
def test_asynchronous_slicing(
    viewer: Viewer, labels: NDArray[np.uint16], qtbot: Any
) -> None:
    source = da.from_array(labels.copy(), chunks=(1, 40, 48))
    corrected = show(viewer, source)
    for t in range(3):
        viewer.dims.set_current_step(0, t)
        paint(corrected, 30, 30, 7)
    corrected.capture()
    assert set(corrected.corrections.marks) == {0, 1, 2}
    for _ in range(3):
        corrected.undo()
    qtbot.waitUntil(lambda: corrected.layer.loaded)
    assert np.array_equal(np.asarray(corrected.layer.data), labels)


@pytest.fixture
def canvas(viewer: Viewer, qtbot: Any) -> None:
    """Show the window: what is hidden is not drawn."""
    window = viewer.window._qt_window
    with qtbot.waitExposed(window):
        window.show()


def colours(viewer: Viewer) -> set[tuple[int, ...]]:
    """Look which colours are on the canvas."""
    picture = viewer.screenshot(flash=False)[..., :3]
    return set(map(tuple, np.unique(picture.reshape(-1, 3), axis=0).tolist()))


EDITED, LOCKED = (255, 255, 255), (255, 140, 0)


@pytest.mark.usefixtures("canvas")
def test_outlines_show_where_cells_come_from(
    corrected: Corrected, viewer: Viewer, qtbot: Any
) -> None:
    corrected.layer.opacity = 0.5
    layers = list(viewer.layers)
    provenance = Provenance(viewer)
    provenance.show(corrected)
    assert not {EDITED, LOCKED} & colours(viewer)
    paint(corrected, 30, 30, 7)
    corrected.capture()
    corrected.corrections.lock({0: [1]})
    qtbot.waitUntil(lambda: {EDITED, LOCKED} <= colours(viewer))
    # no layer that would be saved, selected or removed
    assert list(viewer.layers) == layers
    viewer.dims.set_current_step(0, 1)
    qtbot.waitUntil(lambda: not {EDITED, LOCKED} & colours(viewer))
    viewer.dims.set_current_step(0, 0)
    qtbot.waitUntil(lambda: EDITED in colours(viewer))
    corrected.layer.visible = False
    qtbot.waitUntil(lambda: EDITED not in colours(viewer))
    corrected.layer.visible = True
    qtbot.waitUntil(lambda: EDITED in colours(viewer))
    provenance.on = False
    assert EDITED not in colours(viewer)
    provenance.on = True
    # it comes back with another node
    viewer.layers.remove(corrected.layer)
    qtbot.wait(50)
    viewer.add_layer(corrected.layer)
    viewer.dims.set_current_step(0, 0)
    qtbot.waitUntil(lambda: EDITED in colours(viewer))
    provenance.show(None)
    assert EDITED not in colours(viewer)


@pytest.mark.usefixtures("canvas")
def test_outlines_lie_around_their_cells(
    corrected: Corrected, viewer: Viewer, qtbot: Any
) -> None:
    provenance = Provenance(viewer)
    provenance.show(corrected)
    corrected.corrections.edit("Delete", {0: delete(corrected.frame, [1, 2])})
    cell = np.ones((20, 32), np.bool_)
    corrected.corrections.edit("Draw", {0: draw(corrected.frame, 7, cell, 10, 8)})
    for scale, order in (((1, 1, 1), (0, 1, 2)), ((1, 0.5, 0.25), (0, 2, 1))):
        corrected.layer.scale, viewer.dims.order = scale, order
        qtbot.wait(50)
        viewer.reset_view()
        picture = viewer.screenshot(flash=False)[..., :3].astype(int)
        background = picture[2, 2]
        filled = np.argwhere((picture != background).any(axis=-1))
        white = np.argwhere((picture == 255).all(axis=-1))
        # the outermost is the dark line under the white one
        assert np.abs(filled.min(0) - white.min(0)).max() <= 2
        assert np.abs(filled.max(0) - white.max(0)).max() <= 2
