from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellseg.io.results import read_labels
from napari_cellseg.widgets.export.work import subject_of, write
from napari_cellseg.widgets.layers.calibration import read_number, split_time
from napari_cellseg.widgets.segment.image_box import ImageBox

if TYPE_CHECKING:
    from pathlib import Path

    from napari.viewer import Viewer

    from napari_cellseg.widgets.segment import SegmentWidget

pytestmark = pytest.mark.gui


def enter(field: Any, text: str) -> None:
    """Type into a field as a user does, and leave it."""
    field.clear()
    field.insert(text)
    field.setModified(True)
    field.editingFinished.emit()


@pytest.mark.parametrize("text", ["x", "0", "-1", "nan", "inf", "1e-300", "1e300"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number from"):
        read_number(text)


def test_times_are_shown_in_a_unit_that_fits() -> None:
    shown = [split_time(t) for t in (0.02, 59.0, 60.0, 5400.0)]
    assert shown == [(0.02, "s"), (59.0, "s"), (1.0, "min"), (1.5, "h")]


def test_what_is_typed_goes_to_the_layer_and_to_what_lies_on_it(
    predicted: SegmentWidget, viewer: Viewer, tmp_path: Path
) -> None:
    """And from there to the files that are exported."""
    other = viewer.add_image(np.zeros((4, 7, 9)), name="other")
    truth = viewer.add_labels(np.zeros((4, 40, 48), np.uint8), name="truth")
    predicted.image.layers.choose(viewer.layers["noise"])
    box, row = predicted.image, predicted.image.calibration
    assert row.pixel.text() == ""
    given: list[Any] = []
    box.calibrated.connect(given.append)
    enter(row.pixel, "0,25")
    enter(row.step, "5")
    for name in ("noise", "noise cells", "noise foreground", "truth"):
        layer = viewer.layers[name]
        assert tuple(layer.scale) == (1, 0.25, 0.25), name
        assert [str(u) for u in layer.units] == ["pixel", *["micrometer"] * 2]
    assert tuple(other.scale) == (1, 1, 1)
    assert truth.metadata["napari-cellseg"]["time_step"] == 300
    assert (given[-1].pixel_size, given[-1].time_step) == (0.25, 300.0)
    assert given[-1] is box.stack
    subject = subject_of(viewer.layers["noise cells"], "tiff")
    for _ in write(subject, tmp_path / "out", "tiff", False):
        pass
    written = read_labels(tmp_path / "out" / "noise_cells.tif")
    assert (written.pixel_size, written.time_step) == (0.25, 300.0)
    enter(row.pixel, "")
    assert [str(u) for u in viewer.layers["noise cells"].units] == ["pixel"] * 3


def test_the_circle_needs_a_diameter(dock: SegmentWidget, viewer: Viewer) -> None:
    viewer.add_image(np.zeros((3, 40, 48), np.uint8), name="noise")
    circle = dock.recipe.circle
    circle.setChecked(True)
    assert "Expected diameter" in viewer.layers
    dock.session.change("scale", diameter=None)
    assert not circle.isEnabled()
    assert "not known yet" in circle.toolTip()
    assert "Expected diameter" not in viewer.layers
    dock.session.change("scale", diameter=20.0)
    assert circle.isEnabled()
    assert "Expected diameter" in viewer.layers


def test_what_cannot_be_is_said_and_changes_nothing(viewer: Viewer, qtbot: Any) -> None:
    layer = viewer.add_image(np.zeros((3, 8, 9)), axis_labels=("t", "y", "x"))
    box = ImageBox(viewer)
    qtbot.addWidget(box)
    enter(box.calibration.pixel, "half")
    assert "'half' is no number" in box.words.text()
    enter(box.calibration.step, "0")
    assert "'0' is no number" in box.words.text()
    assert tuple(layer.scale) == (1, 1, 1)
    box.layers.close_down()


def test_what_napari_or_a_file_says_is_shown(viewer: Viewer, qtbot: Any) -> None:
    metadata = {"time_step": 90.0}
    layer = viewer.add_image(np.zeros((3, 8, 9)), metadata=metadata)
    box = ImageBox(viewer)
    qtbot.addWidget(box)
    row = box.calibration
    assert (row.step.text(), row.unit.currentText()) == ("1.5", "min")
    layer.scale, layer.units = (1, 400, 400), ("pixel", "nanometer", "nanometer")
    assert row.pixel.text() == "0.4"
    row.unit.setCurrentText("s")
    row.unit.activated.emit(0)
    assert box.stack is not None
    assert box.stack.time_step == 1.5
    assert row.step.text() == "1.5"
    box.set_axes("ZYX")
    assert not row.step.isVisibleTo(box)
    box.layers.close_down()
