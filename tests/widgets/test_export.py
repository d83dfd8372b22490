from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from napari_cellseg.recipe import load_recipe
from napari_cellseg.widgets.export import ExportWidget

if TYPE_CHECKING:
    from pathlib import Path

    from napari.viewer import Viewer

    from napari_cellseg.widgets.segment import SegmentWidget

pytestmark = pytest.mark.gui


def run(export: ExportWidget, qtbot: Any, folder: Path, kind: str) -> str:
    export.format.setCurrentText(kind)
    export.folder.setText(str(folder))
    export.button.click()
    qtbot.waitUntil(lambda: not export.job.running, timeout=60_000)
    return str(export.words.text())


def test_without_labels_it_says_what_to_do(export: ExportWidget) -> None:
    assert "Segment cells" in export.words.text()
    assert not export.button.isEnabled()


def test_it_is_low_and_narrow_and_its_words_are_seen(
    viewer: Viewer, qtbot: Any
) -> None:
    export = ExportWidget(viewer)
    qtbot.addWidget(export)
    export._say("")
    export.show()
    low = export.minimumSizeHint()
    assert low.width() <= 360
    assert low.height() <= 5 * export.format.sizeHint().height() + 40
    export.resize(340, low.height())
    export._say("Some words that need more than one line. " * 4)
    words = export.words
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))
    assert words.height() > 2 * words.fontMetrics().height()
    assert words.geometry().bottom() < export.height()
    assert export.format.height() >= export.format.minimumSizeHint().height()
    export.close_down()


def test_results_are_written_with_their_recipe(
    predicted: SegmentWidget,
    export: ExportWidget,
    viewer: Viewer,
    finish: Any,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    predicted.adjust.apply.click()
    finish(predicted)
    export.layers.choose(viewer.layers["noise cells"])
    said = run(export, qtbot, tmp_path / "out", "Label TIFF")
    assert "masks in 4 frames" in said
    assert f"The recipe is {tmp_path / 'out' / 'recipe.toml'}" in said
    written = tifffile.imread(tmp_path / "out" / "noise_cells.tif")
    np.testing.assert_array_equal(written, viewer.layers["noise cells"].data)
    assert load_recipe(tmp_path / "out" / "recipe.toml") == predicted.session.resolved
    again = run(export, qtbot, tmp_path / "out", "Label TIFF")
    assert "tick Replace" in again


def test_an_unfinished_movie_is_refused_until_that_is_wanted(
    predicted: SegmentWidget,
    export: ExportWidget,
    viewer: Viewer,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    export.layers.choose(viewer.layers["noise cells"])
    said = run(export, qtbot, tmp_path / "out", "OME-Zarr")
    assert "3 of 4 frames have no result yet" in said
    assert not (tmp_path / "out").exists()
    assert export.empty.isVisibleTo(export)
    export.empty.setChecked(True)
    said = run(export, qtbot, tmp_path / "out", "OME-Zarr")
    assert "in 4 frames written to" in said
    assert "and empty: 3 frames." in said
    export.layers.choose(viewer.layers["noise foreground"])
    assert not export.empty.isChecked()


def test_the_foreground_is_not_linked(
    predicted: SegmentWidget,
    export: ExportWidget,
    viewer: Viewer,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    export.layers.choose(viewer.layers["noise foreground"])
    said = run(export, qtbot, tmp_path / "out", "Cell Tracking Challenge")
    assert "one label for all cells" in said
    assert not (tmp_path / "out").exists()


def test_corrections_are_written_and_said_beside_the_recipe(
    predicted: SegmentWidget,
    export: ExportWidget,
    viewer: Viewer,
    finish: Any,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    predicted.adjust.apply.click()
    finish(predicted)
    viewer.dims.set_current_step(0, 2)
    viewer.layers["noise cells"].paint((2, 20, 20), 999)
    export.layers.choose(viewer.layers["noise cells"])
    said = run(export, qtbot, tmp_path / "out", "Label TIFF")
    assert "in 1 frame are in these masks; no recipe can make these again." in said
    written = tifffile.imread(tmp_path / "out" / "noise_cells.tif")
    assert (written[2] == 999).any()
    assert str(tmp_path / "out" / "recipe.toml") in said


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_that_cannot_be_is_said_in_words(
    export: ExportWidget, viewer: Viewer, qtbot: Any, tmp_path: Path, name: str
) -> None:
    viewer.add_labels(np.ones((8, 8), np.uint8), name="one")
    said = run(export, qtbot, tmp_path / name, "Label TIFF")
    assert "hoose a" in said
    assert "Error" not in said
    assert "Errno" not in said


def test_labels_of_others_are_linked_for_the_challenge(
    export: ExportWidget, viewer: Viewer, qtbot: Any, tmp_path: Path
) -> None:
    labels = np.zeros((3, 20, 20), np.int64)
    for t, label in enumerate((5, 9, 2)):
        labels[t, 5:10, 5 + t : 10 + t] = label
    viewer.add_labels(labels, name="by hand")
    said = run(export, qtbot, tmp_path / "01_RES", "Cell Tracking Challenge")
    assert "3 masks in 3 frames, 1 track, written to" in said
    assert (tmp_path / "01_RES" / "res_track.txt").read_text() == "1 0 2 0\n"


def test_a_folder_that_cannot_be_made_is_said(
    export: ExportWidget, viewer: Viewer, qtbot: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    viewer.add_labels(np.ones((8, 8), np.uint8), name="one")
    said = run(export, qtbot, tmp_path / "file" / "out", "Label TIFF")
    assert "a part of its path is a file" in said
    assert export.button.isEnabled()
