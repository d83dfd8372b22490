"""The layers of the docks: which are offered, kept, taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from napari_cellseg.cli._app import app
from napari_cellseg.session import Session
from napari_cellseg.widgets.segment import SegmentWidget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe
    from napari_cellseg.widgets.export import ExportWidget

    Finish = Callable[[SegmentWidget], None]

pytestmark = pytest.mark.gui


@pytest.fixture
def folder(tmp_path: Path, movie: NDArray[np.uint8]) -> Path:
    """A movie as files, of which frame 2 is missing."""
    path = tmp_path / "movie"
    path.mkdir()
    for t, image in zip((0, 1, 3), movie, strict=False):
        tifffile.imwrite(path / f"t{t:03d}.tif", image)
    return path


def test_a_movie_opened_by_our_reader_is_segmented(
    dock: SegmentWidget, viewer: Viewer, folder: Path, finish: Finish
) -> None:
    viewer.open(str(folder), plugin="napari-cellseg")
    assert dock.image.layer is viewer.layers["movie"]
    dock.predict.click()
    finish(dock)
    assert viewer.layers["movie cells"].data.max() > 0
    assert dock.image.layer is viewer.layers["movie"]


def test_the_window_numbers_masks_as_the_command_line_does(
    dock: SegmentWidget,
    export: ExportWidget,
    viewer: Viewer,
    folder: Path,
    finish: Finish,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    viewer.open(str(folder), plugin="napari-cellseg")
    dock.predict_all.click()
    finish(dock)
    dock.recipe.store(tmp_path / "tuned")
    export.layers.choose(viewer.layers["movie cells"])
    export.folder.setText(str(tmp_path / "window"))
    export.button.click()
    qtbot.waitUntil(lambda: not export.job.running, timeout=60_000)
    to = ("--out", str(tmp_path / "plain"), "--format", "ctc", "--device", "cpu")
    recipe = ("--recipe", str(tmp_path / "tuned.toml"))
    done = CliRunner().invoke(app, ["segment", str(folder), *to, *recipe])
    assert done.exit_code == 0, done.output
    names = ["mask000.tif", "mask001.tif", "mask003.tif", "res_track.txt"]
    for name in names:
        ours = (tmp_path / "window" / name).read_bytes()
        assert ours == (tmp_path / "plain" / name).read_bytes()


def test_the_cells_are_exported_unless_the_foreground_is_asked_for(
    export: ExportWidget, predicted: SegmentWidget, viewer: Viewer
) -> None:
    assert export.layers.layer is viewer.layers["noise cells"]
    assert export.layers.currentText() == "noise cells"
    assert export.layers.findText("noise foreground") >= 0
    viewer.layers.remove("noise cells")
    assert export.layers.layer is None
    assert export.layers.currentText() == ""


def test_deleted_results_are_made_anew_by_apply(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish
) -> None:
    predicted.predict_all.click()
    finish(predicted)
    before = viewer.layers["noise cells"].data.copy()
    viewer.layers.remove("noise cells")
    viewer.layers.remove("noise foreground")
    assert not predicted.session.shown
    assert "Press Predict frame" in predicted.advice.text()
    viewer.dims.set_current_step(0, 2)
    assert "noise cells" not in viewer.layers
    changes = predicted.conductor.marking.layer
    assert changes is not None
    changes.show(2, np.ones((40, 48), bool))
    predicted.conductor.apply_all()
    finish(predicted)
    assert viewer.layers[-1].name == "noise changes"
    np.testing.assert_array_equal(viewer.layers["noise cells"].data, before)


def results(viewer: Viewer) -> list[str]:
    return [layer.name for layer in viewer.layers if layer.name != "noise"]


def test_a_dock_opened_again_takes_up_the_results(
    predicted: SegmentWidget, viewer: Viewer, recipe: Recipe, finish: Finish
) -> None:
    names = results(viewer)
    layer = viewer.layers["noise cells"]
    kept = layer.data[0].copy()
    predicted.close_down()
    again = SegmentWidget(viewer, Session(recipe, "cpu"))
    viewer.window.add_dock_widget(again, name="again")
    assert set(again.session.shown) == {0}
    viewer.dims.set_current_step(0, 1)
    again.predict.click()
    finish(again)
    assert results(viewer) == names
    assert layer.data[1].any()
    np.testing.assert_array_equal(layer.data[0], kept)
    again.close_down()


def test_switching_the_image_and_back_goes_on_where_it_was(
    predicted: SegmentWidget, viewer: Viewer, finish: Finish, qtbot: Any
) -> None:
    session, cells = predicted.session, viewer.layers["noise cells"]
    tuned = session.recipe.change("scale", diameter=None)
    session.use(tuned)
    predicted.predict_all.click()
    finish(predicted)
    assert session.resolved is not None
    diameter = session.resolved.scale.diameter
    before = cells.data.copy()
    other = viewer.add_image(np.zeros((20, 30), np.uint8), name="other")
    predicted.image.layers.choose(other)
    session.change("postprocess", h=3.0)
    predicted.image.layers.choose(viewer.layers["noise"])
    finish(predicted)
    qtbot.wait(300)
    assert session.recipe == tuned
    assert "that of these results" in predicted.message.text()
    assert session.resolved.scale.diameter == diameter
    assert "Done" in predicted.advice.text()
    np.testing.assert_array_equal(cells.data, before)
    session.undo()
    finish(predicted)
    assert session.recipe.postprocess.h == 3.0
    assert all(session.up_to_date(t) for t in range(4))


def test_a_dock_opened_again_has_the_recipe_and_what_was_predicted(
    predicted: SegmentWidget,
    viewer: Viewer,
    open_dock: Callable[[], SegmentWidget],
    finish: Finish,
) -> None:
    predicted.session.change("postprocess", h=3.0)
    finish(predicted)
    predicted.parent().destroyOnClose()
    again = open_dock()
    assert again is not predicted
    assert again.session.recipe.postprocess.h == 3.0
    assert "Split depth h" in again.adjust.undo.toolTip()
    assert not again.message.text()
    assert again.adjust.form.controls["h"].slider.value == 3.0
    again.session.change("postprocess", h=0.0)
    finish(again)
    assert again.session.up_to_date(0)
    again.close_down()


def test_results_of_another_choice_are_replaced(
    dock: SegmentWidget, viewer: Viewer, movie: NDArray[np.uint8], finish: Finish
) -> None:
    both = np.stack([movie // 2, movie], axis=1)
    viewer.add_image(both, name="noise", axis_labels=("t", "c", "y", "x"))
    viewer.dims.set_current_step(0, 0)
    dock.predict.click()
    finish(dock)
    names = results(viewer)
    dock.image.channel.setValue(1)
    assert not dock.session.shown
    # nothing is lost until something is predicted
    dock.image.channel.setValue(0)
    assert set(dock.session.shown) == {0}
    dock.image.channel.setValue(1)
    viewer.dims.set_current_step(0, 1)
    dock.predict.click()
    finish(dock)
    assert results(viewer) == names
    data = viewer.layers["noise cells"].data
    assert data[1].any()
    assert not data[0].any()


def test_a_stroke_is_counted_at_once(
    predicted: SegmentWidget, viewer: Viewer, qtbot: Any
) -> None:
    before = predicted.session.counts[0]
    layer = viewer.layers["noise cells"]
    layer.paint((0, 20, 20), 999)
    qtbot.waitUntil(lambda: predicted.session.counts[0] != before, timeout=5_000)
    labels = np.unique(layer.data[0])
    assert predicted.session.counts[0] == np.count_nonzero(labels)
    assert predicted.adjust.count.text().startswith(f"{len(labels) - 1} cells")
