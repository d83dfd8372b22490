"""The learning rate over a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellseg.protocol import Protocol


def learning_rate(protocol: Protocol, epoch: int, share: float) -> float:
    """Learning rate of a step; it follows from where the step is, and nothing else.

    Parameters
    ----------
    protocol : Protocol
        Its schedule.
    epoch : int
        From 1.
    share : float
        Of the epoch, 0 ... 1.
    """
    factor = 1.0
    if protocol.schedule == "one-cycle":
        factor = one_cycle((epoch - 1 + share) / protocol.epochs)
    elif protocol.schedule == "steps":
        factor = protocol.step_factor ** ((epoch - 1) // protocol.step_epochs)
    return protocol.learning_rate * factor


def one_cycle(progress: float) -> float:
    """Learning rate's factor at a share of the run: a short rise, a long cosine fall.

    Examples
    --------
    >>> [round(one_cycle(p), 3) for p in (0.0, 0.025, 0.05, 0.525, 1.0)]
    [0.01, 0.505, 1.0, 0.5, 0.0]
    """
    rise = 0.05
    if progress < rise:
        return 0.01 + 0.99 * progress / rise
    return 0.5 + 0.5 * math.cos(math.pi * (progress - rise) / (1 - rise))
