"""Cross-entropy, weighted or focused on what is hard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

GAMMA = 2.0
"""Exponent of the focal loss that its paper found best."""


def cross_entropy(
    predicted: Tensor,
    truth: Tensor,
    weights: Tensor | None = None,
    *,
    softmax: bool = False,
) -> Tensor:
    """Cross-entropy, binary in each map or over the maps as classes.

    Parameters
    ----------
    predicted : tensor of shape (B, C, Y, X)
        Logits.
    truth : tensor of shape (B, C, Y, X)
        0 ... 1; of classes it adds up to 1 over the maps.
    weights : tensor of shape (B, Y, X), optional
        Of the pixels; with `shape_weights` this is the shape-aware loss.
    softmax : bool
        Whether the maps are classes of which each pixel has one.

    Returns
    -------
    scalar tensor
        Mean over pixels, and over the maps if they are not classes, of the weight times
        the entropy; the weights are not divided by their sum.
    """
    return _mean(_entropy(predicted.float(), truth, softmax), weights)


def focal(
    predicted: Tensor,
    truth: Tensor,
    weights: Tensor | None = None,
    *,
    softmax: bool = False,
) -> Tensor:
    """Cross-entropy times (1 - probability of the truth) ** 2.

    Without the weight of the classes, alpha, which lin2022 does not speak of. For the
    parameters see `cross_entropy`.

    References
    ----------
    T.-Y. Lin et al., "Focal Loss for Dense Object Detection", 2018, equation 4.
    """
    logits = predicted.float()
    entropy = _entropy(logits, truth, softmax)
    if softmax:
        right = (truth * logits.softmax(1)).sum(1, keepdim=True)  # (B, 1, Y, X)
    else:
        probability = logits.sigmoid()
        right = probability * truth + (1 - probability) * (1 - truth)
    return _mean((1 - right) ** GAMMA * entropy, weights)


def _entropy(logits: Tensor, truth: Tensor, softmax: bool) -> Tensor:
    """(B, C, Y, X), or (B, 1, Y, X) of classes."""
    if softmax:
        return -(truth * logits.log_softmax(1)).sum(1, keepdim=True)
    return functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")


def _mean(values: Tensor, weights: Tensor | None) -> Tensor:
    return values.mean() if weights is None else (values * weights[:, None]).mean()
