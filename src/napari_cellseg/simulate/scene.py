"""Nuclei on a frame: whose pixel is it, and how much light comes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.simulate.chromatin import Stain, light

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellseg.simulate.outline import Patch


def territory(
    patches: Sequence[Patch | None], shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Give each pixel to the nucleus in which it lies deepest.

    Two nuclei that overlap are parted where both are equally deep; of equals the
    first has it. A nucleus that others cut into parts keeps its largest part.

    Returns
    -------
    (Y, X) int32
        Position in ``patches`` plus one, 0 outside all of them.
    """
    nearest = np.ones(shape, np.float32)
    owner = np.zeros(shape, np.int32)
    for number, patch in enumerate(patches, start=1):
        if patch is not None:
            closer = patch.rho < nearest[patch.box]
            nearest[patch.box][closer] = patch.rho[closer]
            owner[patch.box][closer] = number
    for number, patch in enumerate(patches, start=1):
        if patch is not None:
            keep_largest_part(owner[patch.box], number)
    return owner


def keep_largest_part(owner: NDArray[np.int32], number: int) -> None:
    """Clear all parts of ``number`` (4-connected) but the largest, in place."""
    mask = (owner == number).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count > 2:
        largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        owner[(mask != 0) & (parts != largest)] = 0


def emission(
    patches: Sequence[Patch | None], stains: Sequence[Stain], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Light from all nuclei before the optics (photons); overlapping ones add up."""
    canvas = np.zeros(shape, np.float32)
    for patch, stain in zip(patches, stains, strict=True):
        if patch is not None:
            canvas[patch.box] += light(patch, stain)
    return canvas
