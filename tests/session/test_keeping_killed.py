"""A program that is killed while it corrects: all that it said was written is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellseg.correction.compose import compose
from napari_cellseg.correction.edits import delete, draw, erase, split_line
from napari_cellseg.correction.journal import StateRecord, fingerprint, opened, read
from napari_cellseg.errors import EditError
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.frames import ArrayFrames
from napari_cellseg.session.keeping import Keeping, open_image

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 24
SOME = 8
"""After so many actions it is waited for the disk."""


def labels() -> np.ndarray[Any, Any]:
    """Nine cells in each of two frames."""
    cells = np.arange(1, 10, dtype=np.uint16).reshape(3, 3)
    return np.stack([np.kron(cells, np.ones((8, 8), np.uint16))] * 2)


def keeping_of(source: Path) -> Keeping:
    mark = fingerprint((2, SIDE, SIDE), "uint16", lambda t: labels()[t])
    opened = open_image(mark, source, "movie")
    return Keeping(Corrections(ArrayFrames(labels())), opened)


def act(corrections: Corrections, draw_from: Random) -> None:
    """Do something."""
    t, y, x = draw_from.randrange(2), draw_from.randrange(20), draw_from.randrange(20)
    shown, new = corrections.frames.read(t), corrections.new_label(t)
    tool, mask = draw_from.randrange(7), np.ones((4, 4), np.bool_)
    if tool == 0:
        corrections.undo()
    elif tool == 1:
        corrections.redo()
    elif tool == 2:
        corrections.edit("Delete", {t: delete(shown, [int(shown[y, x])])})
    elif tool == 3:
        corrections.edit("Draw", {t: draw(shown, new, mask, y, x, over=True)})
    elif tool == 4:
        corrections.lock({t: [int(shown[y, x]) or 1]}, draw_from.random() < 0.3)
    elif tool == 5:
        line = [[y, 0], [y, SIDE - 1]]
        corrections.edit("Split", {t: split_line(shown, line, new=new)})
    else:
        patches = {u: erase(corrections.frames.read(u), mask, y, x) for u in range(2)}
        corrections.edit("Erase", patches)


def acts(corrections: Corrections, seed: int) -> Iterator[int]:
    """Do one thing after the other; each changes what is written down, or nothing."""
    draw_from, n = Random(seed), 0
    while True:
        try:
            act(corrections, draw_from)
        except EditError:
            continue
        n += 1
        yield n


def work(source: Path, seed: int, large: int) -> None:
    """Take up what is there, and go on until killed."""
    opened.LARGE = large
    keeping = keeping_of(source)
    keeping.restore()
    for n in acts(keeping.corrections, seed):
        if n % SOME == 0:
            sys.stdout.write(f"{n if keeping.sync() else 'lost'}\n")
            sys.stdout.flush()


def state(corrections: Corrections) -> dict[int, Any]:
    return {t: dict(marks) for t, marks in corrections.marks.items()}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("large", [opened.LARGE, 10])
def test_killed_at_any_moment_it_goes_on_from_there(tmp_path: Path, large: int) -> None:
    source = tmp_path / "movie.tif"
    here = Path(__file__)
    for seed in range(2):
        model = keeping_of(source)
        before = model._opened.records
        model.close()
        program = (
            f"from {here.stem} import *; work(Path({str(source)!r}), {seed}, {large})"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=here.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(Random(seed).uniform(0.05, 0.3))
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0].split()
        assert "lost" not in said
        safe = int(said[-1]) if said else SOME
        restored = keeping_of(source)
        restored.restore()
        ours = restored.corrections
        # the same once more, without a journal
        again = Corrections(ArrayFrames(labels()))
        again.restore(before)
        steps = acts(again, seed)
        after = islice(steps, safe - 1, safe + 500)
        assert any(state(again) == state(ours) for _ in after)
        check(ours)
        restored.close()
        began = read(restored.path).records[0]
        assert isinstance(began, StateRecord) == (large == 10 and seed > 0)


def check(corrections: Corrections) -> None:
    """Look at each frame, all the way back and forth."""
    there = state(corrections)
    count = 0
    while corrections.undo():
        count += 1
        shows_its_marks(corrections)
    while corrections.redo():
        count -= 1
        shows_its_marks(corrections)
    for _ in range(-count):
        corrections.undo()
    assert state(corrections) == there


def shows_its_marks(corrections: Corrections) -> None:
    for t, auto in enumerate(labels()):
        marks = corrections.marks.get(t, {})
        assert np.array_equal(corrections.frames.read(t), compose(auto, marks).labels)
        pixels = [mark.cell.area for mark in marks.values() if mark.cell is not None]
        shown = [np.count_nonzero(corrections.frames.read(t) == n) for n in marks]
        assert sum(pixels) == sum(shown)
