"""The loss that a protocol names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from torch import Tensor

from napari_cellseg.training.losses.entropy import cross_entropy, focal
from napari_cellseg.training.losses.foreground_distance import map_loss
from napari_cellseg.training.losses.overlap import jaccard
from napari_cellseg.training.losses.rmsd import rmsd

if TYPE_CHECKING:
    from napari_cellseg.protocol import Protocol

Loss = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Logits and truth (B, C, Y, X), weights (B, Y, X) if any, to a scalar."""


def choose_loss(protocol: Protocol) -> Loss:
    """Choose the loss of a protocol, for the activation of its architecture."""
    if protocol.loss == "foreground and distance":
        return _foreground_and_distance
    softmax = protocol.architecture.activation == "softmax"
    losses = {
        "cross-entropy": cross_entropy,
        "shape-aware": cross_entropy,
        "focal": focal,
        "jaccard": jaccard,
        "rmsd": rmsd,
    }
    return partial(losses[protocol.loss], softmax=softmax)


def _foreground_and_distance(
    predicted: Tensor, truth: Tensor, weights: Tensor | None
) -> Tensor:
    return map_loss(predicted, truth[:, 0], truth[:, 1])
