"""Time a build and a move of h against scikit-image on the same mask, in one run.

python benchmarks/split.py [runs]
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import tifffile
from scipy import ndimage
from skimage.measure import label
from skimage.morphology import h_maxima
from skimage.segmentation import watershed

from napari_cellseg.postprocess import build, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA = Path(__file__).parents[2] / "shared" / "data" / "ctc"
FILES = (
    "Fluo-N2DH-GOWT1/02_GT/SEG/man_seg001.tif",
    "Fluo-N2DH-SIM+/01_GT/SEG/man_seg020.tif",
)
H = 1.0


def disks(side: int = 1024, share: float = 0.33) -> np.ndarray:
    """Overlapping disks over a share of the image."""
    rng = np.random.default_rng(0)
    y, x = np.ogrid[:side, :side]
    mask = np.zeros((side, side), bool)
    while mask.mean() < share:
        (cy, cx), r = rng.integers(0, side, 2), rng.integers(10, 25)
        mask |= (y - cy) ** 2 + (x - cx) ** 2 <= r * r
    return mask


def masks() -> Iterator[tuple[str, np.ndarray]]:
    yield "disks", disks()
    for name in FILES:
        if (DATA / name).is_file():
            yield name.split("/")[0], tifffile.imread(DATA / name) > 0


def stock(mask: np.ndarray) -> np.ndarray:
    """Do what every move of h costs without a hierarchy."""
    distance = ndimage.distance_transform_edt(mask)
    return watershed(-distance, label(h_maxima(distance, H)), mask=mask)


def milliseconds(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return 1000 * median(times)


def main(runs: int = 5) -> None:
    warm_up()
    print("| mask | size | foreground | basins | scikit-image | build | move of h |")
    print("|---|---|---|---|---|---|---|")
    for name, mask in masks():
        split = build(mask)
        old = milliseconds(lambda m=mask: stock(m), runs)
        once = milliseconds(lambda m=mask: build(m), runs)
        move = milliseconds(lambda s=split: s.labels(H), 5 * runs)
        print(
            f"| {name} | {mask.shape[0]}x{mask.shape[1]} | {mask.mean():.0%} "
            f"| {split.count} | {old:.0f} ms | {once:.1f} ms ({old / once:.0f}x) "
            f"| {move:.2f} ms ({old / move:.0f}x) |"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
