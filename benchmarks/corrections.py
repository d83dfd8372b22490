"""Time corrections, and measure what they leave in memory and in the journal.

    python benchmarks/corrections.py [edits]

Needs no display: what the window adds is in `corrections_window`. A simulated movie of
200 frames of 1024x1024 is corrected at random: cells merged, split, painted at, erased,
deleted, locked; one in ten edits is undone, half of these are done again. Every edit is
written to a journal on disk. In the end the movie is opened anew from the journal, and
its labels must be the same at every pixel, or the benchmark stops. Apart from that a
frame with 100 corrected cells is composed, beside scikit-image's way to lay labels over
labels (`relabel_sequential` and `join_segmentations`), which does less.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from skimage.segmentation import join_segmentations, relabel_sequential

from _timing import milliseconds, row, table
from napari_cellseg.correction.compose import compose
from napari_cellseg.correction.edits import delete, erase, merge, split_line
from napari_cellseg.correction.journal import fingerprint, open_journal
from napari_cellseg.errors import EditError
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.frames import ArrayFrames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch

    Labels = NDArray[np.unsignedinteger]

FRAMES, SIZE, CELLS = 200, 1024, 350
MB = 2**20


def disks(size: int, cells: int, shift: int) -> Labels:
    """Touching cells on a jittered grid, some 40 % of a frame."""
    rng = np.random.default_rng(shift)
    side = int(np.ceil(cells**0.5))
    pitch = size // side
    labels = np.zeros((size, size), np.uint16)
    yy, xx = np.mgrid[:pitch, :pitch] - pitch / 2 + 0.5
    for i in range(cells):
        y, x = (i // side) * pitch, (i % side) * pitch
        high, wide = rng.uniform(0.6, 1.0, 2) * pitch / 2
        inside = (yy / high) ** 2 + (xx / wide) ** 2 <= 1
        labels[y : y + pitch, x : x + pitch][inside] = i + 1
    return np.roll(labels, (shift % 7, shift % 11), (0, 1))


class Hand:
    """Someone who corrects at random."""

    def __init__(self, movie: Labels, corrections: Corrections) -> None:
        self.movie, self.corrections = movie, corrections
        self.rng = np.random.default_rng(0)
        self.tools: list[Callable[[Labels, int, int], Patch]] = [
            self._merge,
            self._split,
            self._erase,
            lambda shown, y, x: delete(shown, [int(shown[y, x])]),
        ]

    def _merge(self, shown: Labels, y: int, x: int) -> Patch:
        near = shown[max(0, y - 40) : y + 40, max(0, x - 40) : x + 40]
        others = [i for i in np.unique(near).tolist() if i not in (0, shown[y, x])]
        return merge(shown, [int(shown[y, x]), *others[:1]])

    def _split(self, shown: Labels, y: int, x: int) -> Patch:
        line = np.array([[y - 60.0, x], [y + 60.0, x + 1]])
        new = self.corrections.new_label(self.t)
        return split_line(shown, line, label=int(shown[y, x]), new=new)

    def _erase(self, shown: Labels, y: int, x: int) -> Patch:
        y, x = min(y, SIZE - 12), min(x, SIZE - 12)
        return erase(shown, np.ones((12, 12), np.bool_), y, x)

    def _paint(self, y: int, x: int) -> None:
        before = self.movie[self.t].copy()
        label = int(before[y, x])
        self.movie[self.t, max(0, y - 20) : y + 20, max(0, x - 8) : x + 8] = label
        self.corrections.stroke(self.t, before)

    def edit(self) -> str:
        """Do one thing; what it was."""
        rng, corrections = self.rng, self.corrections
        if rng.random() < 0.1 and corrections.undo():
            if rng.random() < 0.5:
                corrections.redo()
            return "undo"
        self.t = int(rng.integers(FRAMES))
        cells = np.argwhere(self.movie[self.t, ::8, ::8])
        y, x = (8 * cells[rng.integers(len(cells))]).tolist()
        choice = int(rng.integers(len(self.tools) + 2))
        try:
            if choice == len(self.tools):
                self._paint(y, x)
            elif choice > len(self.tools):
                corrections.lock({self.t: [int(self.movie[self.t, y, x])]})
            else:
                patch = self.tools[choice](self.movie[self.t], y, x)
                corrections.edit("Tool", {self.t: patch})
        except EditError:
            # a line beside the cell, a neighbour that is locked
            return "refused"
        return "paint" if choice == len(self.tools) else "edit"


def timed(hand: Hand, edits: int) -> Iterator[tuple[str, float]]:
    """Make edits; what each was, and how long it took (ms)."""
    for _ in range(edits):
        begin = perf_counter()
        kind = hand.edit()
        yield kind, 1000 * (perf_counter() - begin)


def compose_one() -> None:
    """Time a frame with 100 corrected cells."""
    table("frame", "cells", "corrected", "compose (ms)", "scikit-image (ms)")
    for size, cells in ((1024, 350), (2048, 2000)):
        auto = disks(size, cells, 0)
        movie = auto[np.newaxis].copy()
        corrections = Corrections(ArrayFrames(movie))
        for label in range(1, 101):
            y, x = (int(i) for i in np.argwhere(movie[0] == label)[0])
            patch = erase(movie[0], np.ones((12, 12), np.bool_), y, x)
            corrections.edit("Erase", {0: patch})
        marks = corrections.marks[0]
        over = np.where(np.isin(movie[0], list(marks)), movie[0], 0)

        def stock(over: Labels = over, auto: Labels = auto) -> None:
            relabel_sequential(join_segmentations(over, auto))

        def own(auto: Labels = auto, marks: object = marks) -> None:
            compose(auto, marks)  # type: ignore[arg-type]

        assert np.array_equal(compose(auto, marks).labels, movie[0])
        ours, theirs = milliseconds(own, stock, runs=9)
        row(f"{size}x{size}", cells, len(marks), f"{ours:.1f}", f"{theirs:.0f}")


def many(edits: int) -> None:
    """Correct a movie many times, and open it anew."""
    movie = np.stack([disks(SIZE, CELLS, t) for t in range(FRAMES)])
    auto = movie.copy()
    mark = fingerprint(movie.shape, str(movie.dtype), lambda t: auto[t])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "movie.corrections"
        corrections = Corrections(ArrayFrames(movie))
        writer = open_journal(path, mark, "movie").go_on()
        corrections.log = writer
        times: dict[str, list[float]] = defaultdict(list)
        for kind, taken in timed(Hand(movie, corrections), edits):
            times[kind].append(taken)
        writer.close()
        size = path.stat().st_size
        begin = perf_counter()
        opened = open_journal(path, mark, "movie")
        read = perf_counter() - begin
        again = Corrections(ArrayFrames(auto))
        again.restore(opened.records)
        whole = perf_counter() - begin
    assert np.array_equal(auto, movie), "reopened labels differ"
    print()
    table("of", "number", "median (ms)")
    for kind, taken_all in sorted(times.items()):
        row(kind, len(taken_all), f"{median(taken_all):.1f}")
    print()
    table("what", "figure")
    row("corrected cells", sum(len(marks) for marks in corrections.marks.values()))
    row("undo history (MB)", f"{corrections.timeline.held / MB:.1f}")
    row("automatic labels kept (MB)", f"{corrections.kept / MB:.1f}")
    row("journal (MB)", f"{size / MB:.1f}")
    row("journal read (s)", f"{read:.2f}")
    row("reopened and replayed (s)", f"{whole:.2f}")


def main() -> None:
    compose_one()
    many(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)


if __name__ == "__main__":
    main()
