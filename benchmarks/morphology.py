"""Time map to mask against scikit-image and scipy on the same map, in one run.

python benchmarks/morphology.py [runs]
"""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from skimage import morphology

from napari_cellseg.postprocess import Foreground, foreground, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable

AREA = 20


def cells(side: int = 1024) -> np.ndarray:
    """Probability map of blobs, gaps and specks."""
    rng = np.random.default_rng(0)
    blobs = ndimage.gaussian_filter(rng.random((side, side)), 12)
    inside = blobs > np.quantile(blobs, 0.67)
    noise = rng.normal(0, 0.15, inside.shape)
    return (0.7 * inside + noise).clip(0, 1).astype(np.float32)


def stock(probability: np.ndarray, p: Foreground) -> np.ndarray:
    """Do the same steps with scikit-image and scipy."""
    mask = morphology.remove_small_objects(probability > p.threshold, max_size=AREA - 1)
    shape = morphology.disk if p.element == "disk" else morphology.diamond
    kernel = shape(p.element_size // 2)
    mask = morphology.dilation(mask, kernel)
    return morphology.erosion(ndimage.binary_fill_holes(mask), kernel)


def milliseconds(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return 1000 * median(times)


def main(runs: int = 5) -> None:
    warm_up()
    probability = cells()
    print("| element | scikit-image, scipy | foreground | |")
    print("|---|---|---|---|")
    for element in ("diamond", "disk"):
        for size in (3, 5, 9, 15):
            p = Foreground(smallest_area=AREA, element=element, element_size=size)
            ours, theirs = foreground(probability, p), stock(probability, p)
            if not np.array_equal(ours, theirs):
                sys.exit(f"the masks differ for {element} {size}")
            old = milliseconds(lambda p=p: stock(probability, p), runs)
            new = milliseconds(lambda p=p: foreground(probability, p), runs)
            ratio = f"{old / new:.0f}x"
            print(f"| {element} {size} | {old:.0f} ms | {new:.1f} ms | {ratio} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
