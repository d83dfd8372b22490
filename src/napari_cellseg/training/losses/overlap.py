"""Losses of how far two areas overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SMOOTH = 1.0
"""Pixels added above and below, so that two empty maps agree."""


def dice_loss(probability: Tensor, truth: Tensor) -> Tensor:
    """One minus the soft Dice coefficient over the batch; 0 if both are empty."""
    overlap = (probability * truth).sum()
    return 1 - (2 * overlap + SMOOTH) / (probability.sum() + truth.sum() + SMOOTH)


def jaccard(
    predicted: Tensor,
    truth: Tensor,
    weights: Tensor | None = None,
    *,
    softmax: bool = False,
) -> Tensor:
    """One minus the soft Jaccard index over the batch, its mean over the maps.

    Parameters
    ----------
    predicted : tensor of shape (B, C, Y, X)
        Logits.
    truth : tensor of shape (B, C, Y, X)
        0 ... 1.
    weights : None
        Of no meaning here.
    softmax : bool
        Whether the maps are classes of which each pixel has one.

    Returns
    -------
    scalar tensor
        0 where both are empty.
    """
    logits = predicted.float()
    probability = logits.softmax(1) if softmax else logits.sigmoid()
    overlap = (probability * truth).sum((0, 2, 3))  # (C,)
    union = (probability + truth).sum((0, 2, 3)) - overlap
    return (1 - (overlap + SMOOTH) / (union + SMOOTH)).mean()
