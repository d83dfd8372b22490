"""Root mean square deviation of maps that are to add up to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

TINY = 1e-12
"""Under the root, whose slope at 0 is infinite."""


def rmsd(
    predicted: Tensor,
    truth: Tensor,
    weights: Tensor | None = None,
    *,
    softmax: bool = False,
) -> Tensor:
    """Sum of the maps' root mean square deviations, and that of their sum from 1.

    All four weights of the paper are 1. It writes the constraint with the labels, whose
    sum is always 1; meant is that of the predictions.

    Parameters
    ----------
    predicted : tensor of shape (B, C, Y, X)
        Logits.
    truth : tensor of shape (B, C, Y, X)
        0 or 1.
    weights : None
        Of no meaning here.
    softmax : bool
        Whether the maps are classes, whose sum is 1 anyway.

    Returns
    -------
    scalar tensor
        Means over the pixels of the whole batch.

    References
    ----------
    Y. Al-Kofahi et al., BMC Bioinformatics 19, 365 (2018), the equation of step 0.
    """
    logits = predicted.float()
    probability = logits.softmax(1) if softmax else logits.sigmoid()
    maps = ((probability - truth) ** 2).mean((0, 2, 3))  # (C,)
    total = ((probability.sum(1) - 1) ** 2).mean()
    return (maps + TINY).sqrt().sum() + (total + TINY).sqrt()
