"""Time a build and a move of h against the stock way on the same mask.

    python benchmarks/split.py [runs]

The stock way is what each move of h costs without a hierarchy: scipy's distance
transform, scikit-image's `h_maxima`, `label` and `watershed`. The build contains the
distance transform too.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scipy import ndimage
from skimage.measure import label
from skimage.morphology import h_maxima
from skimage.segmentation import watershed

from _masks import masks, size
from _timing import milliseconds, row, table
from napari_cellseg.postprocess import build, warm_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

H = 1.0


def stock(
    mask: NDArray[np.bool_], distance: NDArray[np.floating] | None = None
) -> NDArray[np.int32]:
    """Do what every move of h costs without a hierarchy."""
    if distance is None:
        distance = ndimage.distance_transform_edt(mask)
    return watershed(-distance, label(h_maxima(distance, H)), mask=mask)


def main(runs: int = 5) -> None:
    warm_up()
    table(
        "mask", "size", "maxima", "stock (ms)", "build (ms)", "", "move of h (ms)", ""
    )
    for name, mask in masks():
        split = build(mask)
        old, once, move = milliseconds(
            lambda m=mask: stock(m),
            lambda m=mask: build(m),
            lambda s=split: s.labels(H),
            runs=runs,
        )
        row(
            name,
            size(mask),
            split.count,
            f"{old:.1f}",
            f"{once:.1f}",
            f"{old / once:.0f}x",
            f"{move:.3f}",
            f"{old / move:.0f}x",
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
