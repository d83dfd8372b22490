"""Time build and cut from 256x256 to 8192x8192, by pixel.

    python benchmarks/growth.py [largest side]

A third of every image is foreground, in components of the same sizes. The build goes
by foreground pixels; the cut passes over the background, at the pace of a copy. A pixel
costs up to twice as much on the way, where an image no longer fits into the processor's
caches: how early depends on what else they hold. The largest image is timed once.
"""

from __future__ import annotations

import sys

import numpy as np

from _masks import disks
from _timing import milliseconds, row, table
from napari_cellseg.postprocess import build, warm_up


def main(largest: int = 8192) -> None:
    warm_up()
    table(
        "image",
        "foreground (px)",
        "maxima",
        "build (ms)",
        "ns a foreground px",
        "cut (ms)",
        "ns a foreground px",
    )
    tile, side = disks(), 256
    while side <= largest:
        repeats = -(-side // len(tile))
        mask = np.tile(tile, (repeats, repeats))[:side, :side].copy()
        pixels = np.count_nonzero(mask)
        split = build(mask)
        runs = 9 if side < 2048 else 3 if side < 8192 else 1
        once, cut = milliseconds(
            lambda m=mask: build(m), lambda s=split: s.labels(1), runs=runs
        )
        row(
            f"{side}x{side}",
            f"{pixels:,}",
            f"{split.count:,}",
            f"{once:.1f}",
            f"{1e6 * once / pixels:.0f}",
            f"{cut:.2f}",
            f"{1e6 * cut / pixels:.2f}",
        )
        side *= 2


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
