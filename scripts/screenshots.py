"""Picture the window before, during and after, for the documentation.

    python scripts/screenshots.py [STACK] [FOLDER]

STACK is a path; the simulated movie by default. The buttons of the dock are pressed as
a user would press them. FOLDER is docs/images by default. Needs a display, e.g. Xvfb.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import napari
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellseg.widgets.segment import SegmentWidget

PLUGIN = "napari-cellseg"


def main() -> None:
    """Open the stack, press the buttons, save a picture after each step."""
    stack = sys.argv[1] if len(sys.argv) > 1 else ""
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    viewer = napari.Viewer()
    viewer.window.resize(1500, 950)
    dock, segment = viewer.window.add_plugin_dock_widget(PLUGIN, "Segment cells")

    def picture(name: str) -> None:
        _wait(0.5)
        viewer.window.screenshot(str(folder / f"{name}.png"), flash=False)

    picture("window_empty")
    if stack:
        viewer.open(stack, plugin=PLUGIN)
    else:
        viewer.open_sample(PLUGIN, "simulated_movie")
    picture("window_before")
    segment.predict.click()
    picture("window_during")
    _finish(segment)
    picture("window")
    _move(segment, "h", 12.0)
    _move(segment, "h", 3.0)
    _until(lambda: "changed" in segment.adjust.look.changes.text())
    picture("window_changes")
    segment.adjust.apply.click()
    _finish(segment)
    picture("window_after")
    # masks are made anew, so that the other frames take long enough to be caught
    _move(segment, "threshold", 0.4)
    bar = segment.following.bar
    _until(lambda: bar.isVisible() and bar.value() > bar.maximum() // 3, 60)
    viewer.window.screenshot(str(folder / "window_following.png"), flash=False)
    segment.adjust.undo.click()
    _until(lambda: not bar.isVisible())
    segment.adjust.look.marked.setChecked(False)
    dock.close()
    _, export = viewer.window.add_plugin_dock_widget(PLUGIN, "Export masks")
    picture("window_export")
    export.close()
    viewer.close()


def _move(segment: SegmentWidget, name: str, value: float) -> None:
    slider = segment.adjust.form.controls[name].slider
    slider.slider.setValue(slider.track.position(value))


def _finish(segment: SegmentWidget) -> None:
    _until(lambda: not segment.conductor.job.running)


def _until(done: Callable[[], bool], seconds: float = 900) -> None:
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            raise TimeoutError("the dock did not finish")
        QApplication.processEvents()
        time.sleep(0.01)


def _wait(seconds: float) -> None:
    end = time.monotonic() + seconds
    _until(lambda: time.monotonic() > end)


if __name__ == "__main__":
    main()
