"""A viewer with a small movie, a dock, and an untrained network behind it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe
    from napari_cellseg.widgets.export import ExportWidget
    from napari_cellseg.widgets.segment import SegmentWidget


HERE = Path(__file__).parent
# napari draws its label colours at random, some of them outside of sRGB
COLOURS = pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB:UserWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(COLOURS)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the settings of whoever runs the tests out of them."""
    file = tmp_path / "config" / "settings.toml"
    monkeypatch.setattr("napari_cellseg.settings.settings_file", lambda: file)
    return file


@pytest.fixture
def recipe(tiny_model: Path, movie: NDArray[np.uint8]) -> Recipe:
    """A recipe whose threshold lies in the middle of what the network says."""
    from napari_cellseg.io.images import Stack
    from napari_cellseg.pipeline import Pipeline
    from napari_cellseg.recipe import Recipe

    recipe = Recipe(name="tiny").change("network", model=str(tiny_model))
    recipe = recipe.change("scale", diameter=12.0)
    pipeline = Pipeline(Stack.from_array(movie), "cpu")
    middle = float(np.median(pipeline.maps(0, recipe)["foreground"]))
    return recipe.change("postprocess", threshold=middle, smallest_area=4.0, h=0.2)


@pytest.fixture
def movie() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (4, 40, 48), np.uint8)


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer(strict_qt=True)


@pytest.fixture
def headless() -> Callable[[Recipe, NDArray[Any]], NDArray[Any]]:
    """Segment a movie without a window."""
    from napari_cellseg.io.images import Stack
    from napari_cellseg.pipeline import Pipeline, resolve, segment_stack

    def run(recipe: Recipe, movie: NDArray[Any]) -> NDArray[Any]:
        pipeline = Pipeline(Stack.from_array(movie), "cpu")
        steps = segment_stack(pipeline, resolve(recipe, pipeline))
        return np.stack([found.labels for _, found in steps if found is not None])

    return run


@pytest.fixture
def export(viewer: Viewer, qtbot: Any) -> Iterator[ExportWidget]:
    """Open the Export dock as napari's menu does."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-cellseg", "Export masks")
    yield widget
    qtbot.waitUntil(lambda: not widget.job.running, timeout=30_000)
    widget.close_down()


@pytest.fixture
def open_dock(
    viewer: Viewer, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], SegmentWidget]:
    """Open the Segment dock as napari's menu does, with a recipe for small noise."""
    from napari_cellseg.session import Engines, Session
    from napari_cellseg.widgets.layers import engines
    from napari_cellseg.widgets.segment import dock

    monkeypatch.setattr(engines, "ENGINES", Engines())
    monkeypatch.setattr(dock, "Session", partial(Session, recipe, "cpu"))

    def open_it() -> SegmentWidget:
        _, widget = viewer.window.add_plugin_dock_widget(
            "napari-cellseg", "Segment cells"
        )
        return widget

    return open_it


@pytest.fixture
def dock(
    open_dock: Callable[[], SegmentWidget], viewer: Viewer, qtbot: Any
) -> Iterator[SegmentWidget]:
    """The Segment dock of an empty viewer."""
    widget = open_dock()
    yield widget
    widget.conductor.job.cancel()
    qtbot.waitUntil(lambda: not widget.conductor.job.running, timeout=30_000)
    widget.close_down()
    if widget.parent() is None:
        # its dock was closed: else it outlives the viewer until it is collected
        widget.setParent(viewer.window._qt_window)


@pytest.fixture
def predicted(
    dock: SegmentWidget, viewer: Viewer, movie: NDArray[np.uint8], finish: Any
) -> SegmentWidget:
    """The dock after the first frame was predicted."""
    viewer.add_image(movie, name="noise", axis_labels=("t", "y", "x"))
    viewer.dims.set_current_step(0, 0)
    dock.predict.click()
    finish(dock)
    return dock


@pytest.fixture
def finish(qtbot: Any) -> Callable[[SegmentWidget], None]:
    """Wait for a dock's longer work, its live loop, and the frames that follow."""
    from napari_cellseg.session import tally

    def wait(dock: SegmentWidget) -> None:
        conductor, session = dock.conductor, dock.session
        qtbot.waitUntil(lambda: not conductor.job.running, timeout=60_000)

        def quiet() -> bool:
            return (
                not session.late()
                and conductor.pursuit.progress(tally(session)) is None
            )

        qtbot.waitUntil(quiet, timeout=30_000)

    return wait
