"""The layers of the docks: which are offered, kept, taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from napari_cellseg.cli._app import app
from napari_cellseg.widgets.export import ExportWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.segment import SegmentWidget

    Finish = Callable[[SegmentWidget], None]

pytestmark = pytest.mark.gui


@pytest.fixture
def export(viewer: Viewer, qtbot: Any) -> Iterator[ExportWidget]:
    widget = ExportWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Export masks")
    yield widget
    qtbot.waitUntil(lambda: not widget.job.running, timeout=30_000)
    widget.close_down()


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
