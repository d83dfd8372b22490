"""Peak memory of `segment` above that of the import, for more and more frames.

    python benchmarks/memory.py [--data ../shared/data] [--frames 8 64]

GOWT1 sequence 01, 1024x1024, the default recipe, written as CTC and as TIFF.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from _timing import row, table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--frames", type=int, nargs="+", default=[8, 64])
    parser.add_argument("--measure", nargs=2, metavar=("FRAMES", "FORMAT"))
    options = parser.parse_args()
    folder = options.data / "ctc" / "Fluo-N2DH-GOWT1" / "01"
    if options.measure:
        _measure(folder, int(options.measure[0]), options.measure[1])
        return
    table("format", "frames", "above the import (MB)")
    for form in ("tiff", "ctc"):
        for frames in options.frames:
            # a process each: the peak of a process never falls
            command = [sys.executable, __file__, "--data", str(options.data)]
            command += ["--measure", str(frames), form]
            found = subprocess.run(command, check=True, capture_output=True, text=True)
            row(form, frames, found.stdout.strip())


def _measure(folder: Path, frames: int, form: str) -> None:
    from napari_cellseg.io.images import open_image
    from napari_cellseg.pipeline import Pipeline, resolve
    from napari_cellseg.pipeline.export import segment_to, targets
    from napari_cellseg.recipe import load_recipe

    before = _peak()
    stack = open_image(folder).stack()
    stack = replace(
        stack,
        data=stack.data[:frames],
        files=stack.files[:frames],
        numbers=tuple(range(frames)),
    )
    pipeline = Pipeline(stack, "cpu", memory=0)
    recipe = resolve(load_recipe(), pipeline)
    with tempfile.TemporaryDirectory() as out:
        (goal,) = targets(Path(out), ["movie"], form)  # type: ignore[arg-type]
        for _ in segment_to(pipeline, recipe, goal):
            pass
    print(f"{(_peak() - before) / 1024:.0f}")


def _peak() -> float:
    """Peak resident memory so far (kB; macOS counts bytes)."""
    unit = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
