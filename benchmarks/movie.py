"""Time a new h, and the build, for all 92 frames of a 1024x1024 movie.

    python benchmarks/movie.py [runs]

A new h is compared with copying the labels of all frames once, from one array to
another by one thread. The kernels release the interpreter's lock, and two threads share
the frames. The row "plain arithmetic" is the control: what two threads gain at work
that needs no memory. 2.0x says that two cores were free; at 1.0x another program had
one of them, and the rows below say nothing of two threads.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np
import tifffile

from _masks import GOWT1, disks
from _timing import milliseconds, row, table
from napari_cellseg.postprocess import build, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

FRAMES = 92


def movies() -> Iterator[tuple[str, list[NDArray[np.bool_]]]]:
    """Yield the masks of 92 frames: a few that repeat."""
    mask = disks()
    yield "disks", [np.roll(mask, 11 * t, axis=1) for t in range(FRAMES)]
    files = sorted(GOWT1.glob("*.tif"))
    if files:
        real = [tifffile.imread(path) > 0 for path in files]
        yield "GOWT1 02", [real[t % len(real)] for t in range(FRAMES)]


@numba.njit(nogil=True)
def arithmetic(turns: int) -> int:
    """Keep a core busy, and nothing else."""
    number = 0
    for turn in range(turns):
        number = (number * 1664525 + turn) % 4294967291
    return number


def main(runs: int = 5) -> None:
    warm_up()
    table("movie", "work", "one thread (ms)", "two threads (ms)", "")
    with ThreadPoolExecutor(2) as pool:
        spin(pool, runs)
        for name, frames in movies():
            measure(name, frames, pool, runs)


def spin(pool: ThreadPoolExecutor, runs: int) -> None:
    turns = [20_000_000] * 4
    one, two = milliseconds(
        lambda: [arithmetic(n) for n in turns],
        lambda: list(pool.map(arithmetic, turns)),
        runs=runs,
    )
    row("", "plain arithmetic", f"{one:.0f}", f"{two:.0f}", f"{one / two:.1f}x")


def measure(
    name: str, frames: list[NDArray[np.bool_]], pool: ThreadPoolExecutor, runs: int
) -> None:
    splits = [build(mask) for mask in frames]
    old = np.stack([split.labels(2) for split in splits])
    new = np.empty_like(old)

    def everything(work: Callable[[int], object], shared: bool = False) -> object:
        each: Iterable[object] = (pool.map if shared else map)(work, range(FRAMES))
        return sum(1 for _ in each)

    def move(t: int) -> object:
        return splits[t].labels(1, out=new[t])

    def build_one(t: int) -> None:
        build(frames[t])

    copied, one, two = milliseconds(
        lambda: everything(lambda t: np.copyto(new[t], old[t])),
        lambda: everything(move),
        lambda: everything(move, shared=True),
        runs=3 * runs,
    )
    row(name, "copy the labels", f"{copied:.0f}", "", "")
    best = min(one, two) / copied
    row(name, "a new h", f"{one:.0f}", f"{two:.0f}", f"{best:.1f} copies")
    one, two = milliseconds(
        lambda: everything(build_one),
        lambda: everything(build_one, shared=True),
        runs=max(1, runs // 2),
    )
    row(name, "build", f"{one:.0f}", f"{two:.0f}", f"{one / two:.1f}x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
