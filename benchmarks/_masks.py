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


def nuclei() -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield of dsb2018 the mask with the most foreground, and a typical one.

    That is the one of 256x256, by far the most common size, with the median foreground.
    """
    path = DATA / "dsb2018" / "dsb2018.zip"
    if not path.is_file():
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("labels/")]
        packed = [np.frombuffer(archive.read(name), np.uint8) for name in names]
    masks = [cv2.imdecode(image, cv2.IMREAD_UNCHANGED) > 0 for image in packed]
    masks.sort(key=np.count_nonzero)
    yield "dsb2018, crowded", masks[-1]
    small = [mask for mask in masks if mask.shape == (256, 256)]
    yield "dsb2018, typical", small[len(small) // 2]


def masks() -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield a name and a mask, (Y, X)."""
    yield "disks", disks()
    for name, path in REAL.items():
        if (DATA / "ctc" / path).is_file():
            yield name, tifffile.imread(DATA / "ctc" / path) > 0
    yield from nuclei()


def size(mask: NDArray[np.bool_]) -> str:
    """Shape and foreground in words."""
    return f"{mask.shape[0]}x{mask.shape[1]}, {mask.mean():.0%}"
