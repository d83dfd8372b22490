"""The installed program: start-up, streams, exit codes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import tifffile

from napari_cellseg.cli._progress import interruptible

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-c", "from napari_cellseg.cli import main; main()")


def program(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_help_is_quick_and_brings_nothing_heavy() -> None:
    code = """
import sys, time
begin = time.process_time()
from napari_cellseg.cli import app
try:
    app(["--help"])
except SystemExit as end:
    assert end.code == 0
sys.stderr.write(f"{time.process_time() - begin}\\n")
sys.stderr.write(" ".join(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    seconds, modules = done.stderr.split("\n")
    assert "segment" in done.stdout
    assert float(seconds) < 0.5
    heavy = {"torch", "numpy", "pydantic", "numba", "napari", "zarr", "cv2"}
    assert not heavy & set(modules.split())


def test_a_failure_is_said_on_standard_error(tmp_path: Path) -> None:
    done = program("segment", tmp_path / "absent.tif", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert "absent.tif" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage() -> None:
    done = program("segment", "--bogus")
    assert (done.returncode, done.stdout) == (2, "")


def test_an_interrupt_waits_for_the_end_of_a_step() -> None:
    with interruptible() as check:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        with pytest.raises(KeyboardInterrupt):
            check()
    with interruptible() as check:
        check()


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise")
@pytest.mark.parametrize("kind", ["tiff", "ctc"])
def test_ctrl_c_keeps_the_finished_frames(
    kind: str, movie: Path, model: Path, tmp_path: Path
) -> None:
    """The process stops itself after its second frame."""
    code = f"""
import os, signal
from napari_cellseg.pipeline import whole
from napari_cellseg.pipeline.stages import Pipeline
real = Pipeline.segment
def segment(self, t, recipe, maps=None):
    if t == 2:
        os.kill(os.getpid(), signal.SIGINT)
    return real(self, t, recipe, maps)
Pipeline.segment = segment
from napari_cellseg.cli import app
app(["segment", {str(movie)!r}, "--out", {str(tmp_path / "out")!r}, "--device", "cpu",
     "--set", {f"network.model={model}"!r}, "--set", "scale.diameter=24",
     "--format", {kind!r}])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130, done.stderr
    assert done.stdout == ""
    assert "Stopped." in done.stderr
    assert "frames 0 to 2 are kept in" in done.stderr
    assert "Traceback" not in done.stderr
    out = tmp_path / "out"
    if kind == "tiff":
        assert tifffile.imread(out / "movie.partial.tif").shape == (3, 48, 64)
    else:
        assert len(list((out / "partial").glob("mask*.tif"))) == 3
