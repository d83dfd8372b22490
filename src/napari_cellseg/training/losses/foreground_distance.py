"""The loss of a foreground and a distance map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from napari_cellseg.training.losses.overlap import dice_loss

if TYPE_CHECKING:
    from torch import Tensor


def map_loss(predicted: Tensor, foreground: Tensor, distance: Tensor) -> Tensor:
    """Loss of a foreground and a distance map.

    Cross-entropy and soft Dice of the foreground, and the absolute error of the
    distance, which counts the more the nearer the outline is, and a quarter in the
    background.

    Parameters
    ----------
    predicted : tensor of shape (B, 2, Y, X)
        Foreground as a logit, distance in units of the expected cell radius.
    foreground : tensor of shape (B, Y, X)
        1 in cells, 0 outside.
    distance : tensor of shape (B, Y, X)
        To each cell's own outline, in units of the expected cell radius.

    Returns
    -------
    scalar tensor
    """
    logit, estimate = predicted.float().unbind(1)  # (B, Y, X) each
    entropy = functional.binary_cross_entropy_with_logits(logit, foreground)
    # errors near the outline decide whether touching cells are told apart
    weight = torch.where(foreground > 0.5, 1 / (0.3 + distance), 0.25)
    error = (weight * (estimate - distance).abs()).sum() / weight.sum()
    return entropy + 0.5 * dice_loss(logit.sigmoid(), foreground) + 2.0 * error
