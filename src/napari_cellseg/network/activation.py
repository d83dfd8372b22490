"""From what a network says to maps: probabilities, and distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.network.parameters import Architecture


def activate(
    raw: NDArray[np.float32], architecture: Architecture
) -> NDArray[np.float32]:
    """Turn logits into probabilities; a distance stays as it is.

    Parameters
    ----------
    raw : float32 array of shape (C, Y, X)
        One channel a map of the architecture.
    architecture : Architecture
        Says whether each map is a class by itself, or the maps are classes of which a
        pixel has one.

    Returns
    -------
    float32 array of shape (C, Y, X)

    Examples
    --------
    >>> from napari_cellseg.network.parameters import Architecture
    >>> two = np.zeros((2, 1, 1), np.float32)
    >>> activate(two, Architecture(maps=("foreground", "distance"))).ravel()
    array([0.5, 0. ], dtype=float32)
    """
    classes = [i for i, name in enumerate(architecture.maps) if name != "distance"]
    maps = raw.copy()
    if architecture.activation == "softmax":
        maps[classes] = _softmax(raw[classes])
        return maps
    for i in classes:
        maps[i] = _logistic(raw[i])
    return maps


def _logistic(logit: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-logit.clip(-30, 30))), np.float32)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(0))
    return np.asarray(powers / powers.sum(0), np.float32)
