"""Read label images, whatever integer they are stored as."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.io._plausible import looks_like_grey_levels
from napari_cellseg.io.images import open_image

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.io._records import Image, Stack


def read_labels(path: str | Path, axes: str | None = None) -> Stack:
    """Open labels without reading their pixels.

    Planes of a file without time, as ImageJ saves any stack, are taken as frames.

    Parameters
    ----------
    path : str or Path
        A label file, a folder of label frames, or OME-Zarr labels.
    axes : str or None
        As for `open_image`.

    Returns
    -------
    Stack
        Integer: uint32 where the file holds more bits, or whole numbers as floats. A
        frame with other values, or with those of a raw image, raises ImageError when
        it is read.

    Raises
    ------
    ImageError
        If it cannot be opened, or is a colour image, a mask, or has more dimensions.
    """
    image = open_image(path, axes)
    if image.rgb:
        raise ImageError(
            f"{path}: is a colour image, not labels: save the ids as a grey image of "
            "16 bit, 0 for the background"
        )
    if image.size("C") > 1 or (image.size("Z") > 1 and image.size("T") > 1):
        raise ImageError(
            f"{path}: has the axes {image.axes} {image.data.shape}: labels are one "
            "plane a frame, (T, Y, X)"
        )
    if image.size("Z") > 1:
        image = _without(image, "T")
        image = replace(image, axes=image.axes.replace("Z", "T"))
    stack = image.stack()
    wide = stack.dtype.kind == "f" or stack.dtype.itemsize > 4
    target = np.dtype(np.uint32) if wide else stack.dtype
    data = stack.data.map_blocks(_ids, dtype=target, meta=np.empty((0, 0, 0), target))
    return replace(stack, data=data)


def check_id(largest: float) -> None:
    """Refuse an id that no label file holds.

    Raises
    ------
    ImageError
        If it is beyond 32 bits.
    """
    if largest > np.iinfo(np.uint32).max:
        raise ImageError(
            f"holds the id {largest:.0f}, and label files hold ids up to "
            f"{np.iinfo(np.uint32).max}: give the objects smaller numbers"
        )


def _without(image: Image, letter: str) -> Image:
    if letter not in image.axes:
        return image
    data = image.data[(slice(None),) * image.axes.index(letter) + (0,)]
    return replace(image, data=data, axes=image.axes.replace(letter, ""))


def _ids(block: np.ndarray) -> np.ndarray:
    """Check a chunk; the stack names the frame in the error."""
    kind = block.dtype.kind
    if kind != "u" and not ((block >= 0).all() and np.isfinite(block).all()):
        raise ImageError(
            "holds negative values or none at all (NaN), which are no ids: set them "
            "to 0"
        )
    if kind == "f" and not (block == np.floor(block)).all():
        raise ImageError(
            "holds fractions, so it is no label image: give ids as whole numbers"
        )
    if kind == "f" or block.itemsize > 4:
        check_id(block.max(initial=0))
        block = block.astype(np.uint32)
    if looks_like_grey_levels(block):
        raise ImageError(
            "holds grey levels, not labels: its values change from pixel to pixel. "
            "Name the file of the masks, where each cell has one number"
        )
    return block
