"""Time from a correction to pixels in the window, against napari alone.

    python benchmarks/corrections_window.py [repeats]

Needs a display. A 2048x2048 frame of 2,000 cells lies in a real window, as one Labels
layer that is corrected and one that is napari's alone: of uint16, of uint32, and of
dask, where napari's own layer is of uint16 in memory. In turns the benchmark

- writes a frame into napari's own layer and waits until it is drawn,
- deletes a cell with a tool's patch, and undoes it, and waits until that is drawn,
- drags napari's brush across both layers, until nothing is left to be done.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import dask.array
import napari
import numpy as np
from qtpy.QtCore import QEventLoop, QTimer
from qtpy.QtWidgets import QApplication

from _timing import row, table
from napari_cellseg.correction.patch import Patch
from napari_cellseg.widgets.layers.provenance import Provenance
from napari_cellseg.widgets.layers.registry import adopt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.layers import Labels

SIDE, CELLS = 2048, 2000
MOVES = 20
"""Mouse moves of a stroke."""
SLOW = 60.0
"""Nothing takes longer (s), or something is wrong."""


def disks(seed: int = 0) -> np.ndarray:
    """Make a uint16 frame (SIDE, SIDE) of CELLS cells on a grid."""
    rng = np.random.default_rng(seed)
    frame = np.zeros((SIDE, SIDE), np.uint16)
    pitch = int(SIDE / np.ceil(np.sqrt(CELLS)))
    across = SIDE // pitch
    y, x = np.mgrid[:pitch, :pitch] - pitch / 2
    for i in range(CELLS):
        top, left = pitch * (i // across), pitch * (i % across)
        disk = y**2 + x**2 < rng.uniform(12, pitch / 2) ** 2
        frame[top : top + pitch, left : left + pitch][disk] = i + 1
    return frame


class Window:
    """A viewer whose canvas counts how often it was drawn."""

    def __init__(self, own: np.ndarray, ours: Any) -> None:
        self.viewer = napari.Viewer()
        self.viewer.window.resize(1500, 950)
        self.own = self.viewer.add_labels(own, name="napari")
        self.ours = self.viewer.add_labels(ours, name="ours")
        self.viewer.dims.set_current_step(0, 0)
        self.drawn = 0
        # so that a wait ends where nothing happens
        self.heart = QTimer()
        self.heart.start(2)
        scene = self.viewer.window._qt_viewer.canvas._scene_canvas
        scene.events.draw.connect(self._on_draw, position="last")
        self.corrected = adopt(self.viewer, self.ours)
        self.provenance = Provenance(self.viewer)
        self.provenance.show(self.corrected)
        self.rest()

    def _on_draw(self, event: object) -> None:
        self.drawn += 1

    def wait(self, done: Callable[[], bool]) -> None:
        """Let the window work until something is done."""
        limit = time.perf_counter() + SLOW
        sleep = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        while not done():
            if time.perf_counter() > limit:
                raise TimeoutError("the window did not follow")
            QApplication.processEvents(sleep)

    def rest(self, seconds: float = 0.3) -> None:
        """Let the window work for a while."""
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() > end)

    def pixels(self, work: Callable[[], object]) -> float:
        """Do something; milliseconds until it is drawn."""
        before, begin = self.drawn, time.perf_counter()
        work()
        self.wait(lambda: self.drawn > before)
        taken = 1000 * (time.perf_counter() - begin)
        self.rest(0.15)
        return taken

    def show_only(self, layer: Labels) -> None:
        """Show one of the layers."""
        for each in (self.own, self.ours):
            each.visible = each is layer
        self.rest(0.1)

    def refresh(self, frame: np.ndarray) -> None:
        """Write a frame that is known into napari's own layer."""
        self.own.data[0] = frame
        self.own.refresh(thumbnail=False, highlight=False, extent=False)

    def delete(self, label: int) -> None:
        """Delete a cell as a tool does."""
        frame = self.corrected.frame
        rows, columns = np.nonzero(frame == label)
        y, x = rows.min(), columns.min()
        before = frame[y : rows.max() + 1, x : columns.max() + 1].copy()
        after = np.where(before == label, 0, before).astype(before.dtype)
        patch = Patch(int(y), int(x), before, after)
        self.corrected.corrections.edit(f"Delete {label}", {0: patch})

    def stroke(self, layer: Labels, y: int, label: int) -> float:
        """Drag napari's brush; milliseconds until all that follows is done."""
        layer.mode, begin = "paint", time.perf_counter()
        last = (0, y, 200)
        with layer.block_history():
            for move in range(MOVES):
                at, before = (0, y, 200 + 40 * move), self.drawn
                layer._draw(label, last, at)
                self.wait(lambda before=before: self.drawn > before)
                last = at
        QApplication.processEvents()
        self.corrected.capture()
        QApplication.processEvents()
        return 1000 * (time.perf_counter() - begin)


def kinds() -> Iterator[tuple[str, np.ndarray, Any]]:
    """Yield a movie for napari alone, and one that is corrected."""
    movie = np.stack([disks()] * 3)
    for dtype in (np.uint16, np.uint32):
        yield np.dtype(dtype).name, movie.astype(dtype), movie.astype(dtype)
    yield "dask", movie, dask.array.from_array(movie.copy(), chunks=(1, SIDE, SIDE))


def report(name: str, own: np.ndarray, ours: Any, repeats: int) -> None:
    window = Window(own, ours)
    frames = disks(), disks(1)
    times: dict[str, list[float]] = {k: [] for k in ("refresh", "tool", "undo")}
    for i in range(repeats + 1):
        window.show_only(window.own)
        times["refresh"].append(
            window.pixels(lambda i=i: window.refresh(frames[i % 2]))
        )
        window.show_only(window.ours)
        times["tool"].append(window.pixels(lambda i=i: window.delete(100 + i)))
        times["undo"].append(window.pixels(window.corrected.undo))
        window.pixels(window.corrected.redo)
    strokes: dict[str, list[float]] = {"napari": [], "ours": []}
    for i in range(repeats + 1):
        for kind, layer in (("napari", window.own), ("ours", window.ours)):
            window.show_only(layer)
            strokes[kind].append(window.stroke(layer, 300 + 40 * (i % 30), 3000 + i))
            window.rest(0.15)
    found = {k: float(np.median(v[1:])) for k, v in {**times, **strokes}.items()}
    for work, base in (("tool", "refresh"), ("undo", "refresh"), ("ours", "napari")):
        title = f"stroke of {MOVES} moves" if work == "ours" else work
        ratio = found[work] / found[base]
        row(name, title, f"{found[base]:.1f}", f"{found[work]:.1f}", f"{ratio:.2f}")
    window.provenance.show(None)
    window.viewer.close()


def main(repeats: int = 20) -> None:
    print(f"{SIDE}x{SIDE}, {CELLS} cells; medians (ms)\n")
    table("labels", "what", "napari alone", "corrected", "ratio")
    for name, own, ours in kinds():
        report(name, own, ours, repeats)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
