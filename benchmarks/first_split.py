"""Time the first split of a fresh process, its kernels on disk or not.

    python benchmarks/first_split.py [runs]

"Ready" is the import of the package's arithmetic and `warm_up()`, what the dock does in
the background; "first split" is a build and a cut of a 1024x1024 mask right after it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from statistics import median

from _timing import row, table

CODE = """
from time import perf_counter
import numpy as np
begin = perf_counter()
from napari_cellseg.postprocess import build, warm_up
warm_up()
ready = perf_counter()
y, x = np.mgrid[:1024, :1024]
build((y % 40 - 20) ** 2 + (x % 36 - 18) ** 2 < 361).labels(1)
print(ready - begin, perf_counter() - ready)
"""


def fresh(cache: str) -> list[float]:
    """Seconds until ready and for the first split, with a folder for the kernels."""
    found = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | {"NUMBA_CACHE_DIR": cache},
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(word) for word in found.stdout.split()]


def main(runs: int = 5) -> None:
    table("kernels", "ready (s)", "first split (s)")
    with tempfile.TemporaryDirectory() as cache:
        row("compiled for the first time", *(f"{s:.2f}" for s in fresh(cache)))
        times = [fresh(cache) for _ in range(runs)]
        medians = (median(column) for column in zip(*times, strict=True))
        row("read from disk", *(f"{s:.2f}" for s in medians))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
