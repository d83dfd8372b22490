"""Time the fast half of the pipeline, map to labels, against its steps in stock code.

    python benchmarks/fast_half.py [runs]

What a move of the threshold, the smallest area, the element or the holes computes:
threshold, small objects, dilation, holes, erosion, landscape, split by h. The landscape
is the mask's own distance transform where a row says nothing else; "network's map" is
the recipes' default, distances that are given, and both sides are spared the transform.
The stock steps are scikit-image's and scipy's; the masks are equal at every pixel, or
the benchmark stops. The maps are masks with noise, and their distances, smoothed, in
half precision. Least is gained where distances are given and the mask is crowded: only
the flood is left to save, and that falls short of ten times. A move of h is in `split`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from skimage import morphology

from _masks import masks, size
from _timing import milliseconds, row, table
from napari_cellseg.postprocess import Postprocess, foreground, segment, warm_up
from napari_cellseg.postprocess.parameters import Foreground
from split import stock as stock_split

if TYPE_CHECKING:
    from numpy.typing import NDArray

BASE = Postprocess(
    landscape="distance transform", h=1, smallest_area=20, element_size=5
)
MOVES = {
    "threshold 0.4": BASE.replace(threshold=0.4),
    "threshold 0.4, network's map": BASE.replace(
        threshold=0.4, landscape="distance map"
    ),
    "smallest area 60": BASE.replace(smallest_area=60),
    "diamond 9": BASE.replace(element="diamond", element_size=9),
    "disk 15": BASE.replace(element_size=15),
    "no closing": BASE.replace(element_size=0),
    "holes left": BASE.replace(fill_holes=False),
}


def probability(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Make a map with gaps and specks of a mask."""
    noise = np.random.default_rng(0).normal(0, 0.15, mask.shape)
    return (0.7 * mask + noise).clip(0, 1).astype(np.float32)


def distances(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Make a distance map as a network's are kept and handed on."""
    exact = ndimage.distance_transform_edt(mask)
    return ndimage.gaussian_filter(exact, 1).astype(np.float16).astype(np.float32)


def stock_mask(image: NDArray[np.float32], p: Foreground) -> NDArray[np.bool_]:
    """Do the steps to the mask with scikit-image and scipy."""
    assert p.smallest_area is not None
    limit = int(p.smallest_area) - 1
    mask = morphology.remove_small_objects(image > p.threshold, max_size=limit)
    shape = morphology.disk if p.element == "disk" else morphology.diamond
    kernel = shape(p.element_size // 2)
    mask = morphology.dilation(mask, kernel) if p.element_size else mask
    mask = ndimage.binary_fill_holes(mask) if p.fill_holes else mask
    return morphology.erosion(mask, kernel) if p.element_size else mask


def main(runs: int = 3) -> None:
    warm_up()
    table("map", "size", "moved to", "stock (ms)", "here (ms)", "", "mask alone", "")
    for name, mask in masks():
        image, own = probability(mask), distances(mask)
        for move, p in MOVES.items():
            part = p.part(Foreground)
            given = own if p.landscape == "distance map" else None
            if not np.array_equal(foreground(image, part), stock_mask(image, part)):
                sys.exit(f"the masks of {name} differ for {move}")
            old, new, old_mask, new_mask = milliseconds(
                lambda i=image, p=part, d=given: stock_split(stock_mask(i, p), d),
                lambda i=image, p=p, d=given: segment(i, d, p),
                lambda i=image, p=part: stock_mask(i, p),
                lambda i=image, p=part: foreground(i, p),
                runs=runs,
            )
            row(
                name,
                size(mask),
                move,
                f"{old:.1f}",
                f"{new:.1f}",
                f"{old / new:.0f}x",
                f"{new_mask:.2f}",
                f"{old_mask / new_mask:.0f}x",
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
