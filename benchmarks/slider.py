"""Time from a slider's move to pixels in the window, against napari's own refresh.

    python benchmarks/slider.py [moves]

Needs a display. A 1024x1024 stack lies in a real window with the Segment dock. In turns
the benchmark writes a frame that is known already into the cells' layer and waits until
it is drawn, which is what napari takes alone, and moves a control as the mouse would
and waits until the labels by its value are drawn.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import napari
import numpy as np
from qtpy.QtCore import QEventLoop, QTimer
from qtpy.QtWidgets import QApplication

from napari_cellseg.io.images import open_image
from napari_cellseg.simulate import simulate_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellseg.session import Session
    from napari_cellseg.widgets.segment import SegmentWidget

GOWT1 = Path(__file__).parents[2] / "shared/data/ctc/Fluo-N2DH-GOWT1/01"
CONTROLS = {
    "h": "Split depth h",
    "threshold": "Threshold",
    "smallest_area": "Smallest area",
    "element_size": "Element size",
    "element": "Element",
    "fill_holes": "Fill holes",
    "landscape": "Landscape",
}
HEARTBEAT = 2
"""Time after which a wait looks again (ms)."""

SLOW = 300.0
"""Nothing takes longer (s), the first prediction included, or something is wrong."""


def stacks() -> Iterator[tuple[str, np.ndarray]]:
    """Yield stacks of 8 frames of 1024x1024: a real one if it is there, a simulated."""
    if GOWT1.is_dir():
        real = open_image(GOWT1).stack()
        yield "GOWT1 01", np.stack([real.frame(t) for t in range(8)])
    frame, _ = simulate_frame(np.random.default_rng(0), (1024, 1024), 30)
    yield "simulated", np.stack([frame] * 8)


class Window:
    """A viewer with the dock, whose canvas counts how often it was drawn."""

    def __init__(self, stack: np.ndarray) -> None:
        self.viewer = napari.Viewer()
        self.viewer.window.resize(1500, 950)
        dock = self.viewer.window.add_plugin_dock_widget(
            "napari-cellseg", "Segment cells"
        )
        self.dock: SegmentWidget = dock[1]
        self.viewer.add_image(stack, name="stack", axis_labels=("t", "y", "x"))
        self.viewer.dims.set_current_step(0, 0)
        self.drawn = self.drawn_before_answer = 0
        # so that a wait ends where nothing happens
        self.heart = QTimer()
        self.heart.start(HEARTBEAT)
        scene = self.viewer.window._qt_viewer.canvas._scene_canvas
        scene.events.draw.connect(self._on_draw, position="last")
        self.dock.predict.click()
        self.wait(lambda: not self.dock.conductor.job.running)
        self.rest()
        # the dock's own listener writes the layer after this one
        self.dock.session.answered.connect(self._on_answer)

    def _on_draw(self, event: object) -> None:
        self.drawn += 1

    def _on_answer(self, answer: object) -> None:
        self.drawn_before_answer = self.drawn

    def wait(self, done: Callable[[], bool]) -> None:
        """Let the window work until something is done."""
        limit = time.perf_counter() + SLOW
        # as a program does that is not measured: asking all the time would keep the
        # interpreter from the other threads
        sleep = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        while not done():
            if time.perf_counter() > limit:
                raise TimeoutError("the window did not follow")
            QApplication.processEvents(sleep)

    def rest(self, seconds: float = 0.5) -> None:
        """Let the window work for a while."""
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() > end)

    def refresh(self, labels: np.ndarray) -> float:
        """Write a known frame into the layer; milliseconds until it is drawn."""
        layer = self.dock.conductor.results.cells.layer
        before, begin = self.drawn, time.perf_counter()
        layer.data[0] = labels
        layer.refresh(thumbnail=False, highlight=False, extent=False)
        self.wait(lambda: self.drawn > before)
        return 1000 * (time.perf_counter() - begin)

    def move(self, change: Callable[[], None]) -> float:
        """Move a control; milliseconds until labels by its value are drawn."""
        session = self.dock.session
        begin = time.perf_counter()
        change()
        self.wait(lambda: session.up_to_date(0))
        self.wait(lambda: self.drawn > self.drawn_before_answer)
        return 1000 * (time.perf_counter() - begin)


def drag(window: Window, name: str, moves: int) -> tuple[list[float], list[float]]:
    """Time napari's refresh and as many moves of a control, in turns."""
    session = window.dock.session
    control = window.dock.adjust.form.controls[name]
    if name == "element":
        # without a size its shape does not matter
        session.change("postprocess", element_size=5)
        window.wait(lambda: session.up_to_date(0))
    layer = window.dock.conductor.results.cells.layer
    known = [np.array(layer.data[0]), np.array(layer.data[0])]
    known[1][: known[1].shape[0] // 2] = 0
    first = session.recipe
    own, ours = [], []
    session.history.hold()
    for number, step in enumerate(positions(control, moves)):
        renew(session, name, number / moves)
        window.wait(lambda: session.up_to_date(0))
        own.append(window.refresh(known[number % 2]))
        ours.append(window.move(step))
    session.history.release()
    session.use(first)
    window.wait(lambda: session.up_to_date(0))
    window.rest()
    return own, ours


def renew(session: Session, name: str, share: float) -> None:
    """Change another parameter than the one that moves, by a share of its range.

    A value that comes again would be looked up. A move of h is always a look-up.
    """
    if name == "threshold":
        session.change("postprocess", smallest_area=50 + 50 * share)
    elif name != "h":
        session.change("postprocess", threshold=0.4 + 0.2 * share)


def positions(control: object, moves: int) -> list[Callable[[], None]]:
    """Make moves to and fro over all that a control offers; each changes its value."""
    if hasattr(control, "slider"):
        slider = control.slider.slider
        last = slider.maximum()
        # there and back in odd steps, so that a value hardly comes twice
        stride = max(1, round(last * 0.37)) if last < 20 else 7
        values, at, sign = [], slider.value(), 1
        while len(values) < moves:
            if not 0 <= at + sign * stride <= last:
                sign = -sign
                at = min(max(at + sign, 0), last)
            else:
                at += sign * stride
            values.append(at)
        return [lambda v=v: slider.setValue(v) for v in values]
    box = control.box
    if hasattr(box, "setCurrentIndex"):
        first = box.currentIndex()
        return [
            lambda i=i: box.setCurrentIndex((first + 1 + i) % box.count())
            for i in range(moves)
        ]
    return [box.toggle] * moves


def report(name: str, stack: np.ndarray, moves: int) -> None:
    window = Window(stack)
    cells = window.dock.session.counts[0]
    print(f"\n{name}, 1024x1024, {cells} cells; median and 95th percentile (ms):\n")
    print("| control | napari's refresh | move to pixels | ratio of the 95th |")
    print("|---|---|---|---|")
    for field, title in CONTROLS.items():
        own, ours = drag(window, field, moves)
        (a, b), (c, d) = (np.percentile(v, (50, 95)) for v in (own, ours))
        print(
            f"| {title} | {a:.0f}, {b:.0f} | {c:.0f}, {d:.0f} | {d / b:.2f} |",
            flush=True,
        )
    window.viewer.close()


def main(moves: int = 200) -> None:
    for name, stack in stacks():
        report(name, stack, moves)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
