"""Masks to measure with: a synthetic one always, real ones where they lie."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import tifffile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DATA = Path(__file__).parents[2] / "shared" / "data"
GOWT1 = DATA / "ctc" / "Fluo-N2DH-GOWT1" / "02_ST" / "SEG"
REAL = {
    "GOWT1": "Fluo-N2DH-GOWT1/02_GT/SEG/man_seg001.tif",
    "SIM+": "Fluo-N2DH-SIM+/01_GT/SEG/man_seg020.tif",
}


def disks(side: int = 1024, share: float = 0.33) -> NDArray[np.bool_]:
    """Overlapping disks over a share of the image."""
    rng = np.random.default_rng(0)
    y, x = np.ogrid[:side, :side]
    mask = np.zeros((side, side), bool)
    while mask.mean() < share:
        (cy, cx), r = rng.integers(0, side, 2), rng.integers(10, 25)
        mask |= (y - cy) ** 2 + (x - cx) ** 2 <= r * r
    return mask


def crowded_nuclei() -> Iterator[NDArray[np.bool_]]:
    """Yield the mask of dsb2018 with the most foreground."""
    path = DATA / "dsb2018" / "dsb2018.zip"
    if not path.is_file():
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("labels/")]
        packed = [np.frombuffer(archive.read(name), np.uint8) for name in names]
    masks = [cv2.imdecode(image, cv2.IMREAD_UNCHANGED) > 0 for image in packed]
    yield max(masks, key=np.count_nonzero)


def masks() -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield a name and a mask, (Y, X)."""
    yield "disks", disks()
    for name, path in REAL.items():
        if (DATA / "ctc" / path).is_file():
            yield name, tifffile.imread(DATA / "ctc" / path) > 0
    for mask in crowded_nuclei():
        yield "dsb2018", mask


def size(mask: NDArray[np.bool_]) -> str:
    """Shape and foreground in words."""
    return f"{mask.shape[0]}x{mask.shape[1]}, {mask.mean():.0%}"
