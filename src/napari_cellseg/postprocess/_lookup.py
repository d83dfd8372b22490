"""Kernels over label images: look each label up in a table, count each label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def look_up(table: NDArray[Any], labels: NDArray[Any], out: NDArray[Any]) -> None:
    """Write ``table[labels]`` to `out`; both images flat."""
    for i in range(labels.size):
        out[i] = table[labels[i]]


@compiled
def areas(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Count the pixels of the labels 0 ... `count` of a flat image."""
    sizes = np.zeros(count + 1, np.int64)
    for label in labels:
        sizes[label] += 1
    return sizes
