"""What a Mask R-CNN learns: the cells of a label image, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from skimage import measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

Target = dict[str, torch.Tensor]

LEAST = 10
"""Area below which a piece of a cell, cut off by the border, is no cell (px²)."""


def instance_target(
    labels: NDArray[np.integer], weights: NDArray[np.float32] | None = None
) -> Target:
    """Make what a Mask R-CNN learns of a label image.

    A cell in several pieces, which mirroring at the border makes, is several cells.

    Parameters
    ----------
    labels : integer array of shape (Y, X)
        Cells, 0 is background.
    weights : float32 array of shape (Y, X), optional
        Of the pixels in the mask's loss.

    Returns
    -------
    dict
        See `network.architectures.mask_rcnn.MaskRCNN.forward`; without cells, its
        tensors are empty.
    """
    pieces = np.asarray(measure.label(labels, connectivity=1))  # type: ignore[no-untyped-call]
    areas = np.bincount(pieces.ravel())
    ids = np.flatnonzero(areas >= LEAST)
    ids = ids[ids > 0]
    masks = pieces[None] == ids[:, None, None]  # (N, Y, X)
    boxes = [_box(mask) for mask in masks]
    target = {
        "boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        "labels": torch.ones(len(ids), dtype=torch.int64),
        "masks": torch.from_numpy(masks.astype(np.uint8)),
    }
    if weights is not None:
        target["weights"] = torch.from_numpy(weights)
    return target


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Edges of a mask, from x, y to x, y, behind its last pixels."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
