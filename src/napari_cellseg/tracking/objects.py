"""What linking keeps of a frame: where its objects are and how large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Objects:
    """Objects of one frame, by ascending id.

    Attributes
    ----------
    ids
        Their labels, ``(N,)``.
    centroids
        Mean pixel position ``(y, x)``, float64 ``(N, 2)``.
    areas
        Pixels, ``(N,)``.
    """

    ids: NDArray[np.int64]
    centroids: NDArray[np.float64]
    areas: NDArray[np.int64]

    @property
    def radii(self) -> NDArray[np.float64]:
        """Radius of the disk of the same area in pixels, ``(N,)``."""
        return np.sqrt(self.areas / np.pi)


def find_objects(labels: NDArray[Any]) -> Objects:
    """Locate the objects of a label image.

    Parameters
    ----------
    labels
        ``(Y, X)`` of any integer dtype; 0 is background, ids may have holes.

    Returns
    -------
    Objects
        Empty arrays without objects.

    Raises
    ------
    ValueError
        If the image is not two-dimensional, not of integers, or has a negative label.

    Examples
    --------
    >>> found = find_objects(np.array([[0, 7, 7], [0, 7, 7], [4, 0, 0]]))
    >>> found.ids.tolist(), found.areas.tolist(), found.centroids.tolist()
    ([4, 7], [1, 4], [[2.0, 0.0], [0.5, 1.5]])
    """
    if labels.ndim != 2:
        raise ValueError(f"labels must be (Y, X), not of shape {labels.shape}")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be integers, not {labels.dtype}")
    y, left, lengths, values = _runs(labels)
    if values.size and values.min() < 0:
        raise ValueError(f"labels must not be negative: found {values.min()}")
    ids, index = np.unique(values, return_inverse=True)
    weights = (lengths, lengths * y, lengths * (left + (lengths - 1) / 2))
    area, sum_y, sum_x = (np.bincount(index, weight, ids.size) for weight in weights)
    return Objects(ids, np.stack([sum_y, sum_x], 1) / area[:, None], area.astype(int))


def _runs(labels: NDArray[Any]) -> tuple[NDArray[np.int64], ...]:
    """Row, first column, length and label of each run of equal foreground along x."""
    changes = np.ones(labels.shape, bool)
    np.not_equal(labels[:, 1:], labels[:, :-1], out=changes[:, 1:])
    starts = np.flatnonzero(changes)
    values = np.ravel(labels)[starts].astype(np.int64)
    lengths = np.diff(starts, append=labels.size)
    kept = values != 0
    y, left = np.divmod(starts[kept], max(labels.shape[1], 1))
    return y, left, lengths[kept], values[kept]
