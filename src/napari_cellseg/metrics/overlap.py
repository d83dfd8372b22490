"""Which predicted object meets which true object, and by how many pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Labels: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

_DENSE_TABLE = 1 << 24


@dataclass(frozen=True, eq=False)
class Overlap:
    """Areas of two label images and the pixels that their objects share.

    Attributes
    ----------
    pred_ids, truth_ids
        Ids of the objects, ascending, background left out; ``(P,)`` and ``(T,)``.
    pred_areas, truth_areas
        Areas in pixels, in the order of the ids.
    truth_index, pred_index
        The pairs that share at least a pixel, as positions in the ids; ``(K,)`` each,
        sorted by the truth, then by the prediction.
    intersections
        Shared pixels of each pair, ``(K,)``.
    n_pixels
        Pixels of the image.
    """

    pred_ids: Ints
    truth_ids: Ints
    pred_areas: Ints
    truth_areas: Ints
    truth_index: Ints
    pred_index: Ints
    intersections: Ints
    n_pixels: int

    @property
    def unions(self) -> Ints:
        """Pixels that belong to either object of a pair, ``(K,)``."""
        both = self.truth_areas[self.truth_index] + self.pred_areas[self.pred_index]
        union: Ints = both - self.intersections
        return union

    @property
    def iou(self) -> Floats:
        """Intersection over union of each pair, ``(K,)``, in (0, 1]."""
        return self.intersections / self.unions

    @property
    def dice(self) -> Floats:
        """Twice the intersection over the sum of the areas, ``(K,)``, in (0, 1]."""
        return 2 * self.intersections / (self.unions + self.intersections)


@dataclass(frozen=True, eq=False)
class Compact:
    """A label image whose ids run from 1 without a hole.

    Attributes
    ----------
    ids
        Original id of each object, ascending, ``(N,)``.
    areas
        Pixels of each object, ``(N,)``.
    index
        ``(Y, X)``; 0 is background, ``n`` the object ``ids[n - 1]``.
    """

    ids: Ints
    areas: Ints
    index: NDArray[np.int32]


def compact(labels: Labels) -> Compact:
    """Renumber the objects of a label image from 1 without holes.

    Parameters
    ----------
    labels
        ``(Y, X)`` of any integer dtype, or bool; ids may have holes.

    Returns
    -------
    Compact
        No objects for an empty image or one of background alone.

    Raises
    ------
    ValueError
        If the dtype is not an integer or an id is negative.

    Examples
    --------
    >>> found = compact(np.array([[0, 7], [7, 40]]))
    >>> found.ids.tolist(), found.areas.tolist(), found.index.tolist()
    ([7, 40], [2, 1], [[0, 1], [1, 2]])
    """
    image: NDArray[Any] = np.asarray(labels)
    if image.dtype.kind not in "iub":
        raise ValueError(f"labels must be integers, not {image.dtype}")
    if image.dtype.kind == "i" and image.size and image.min() < 0:
        raise ValueError(f"labels must not be negative: found {image.min()}")
    flat = np.ravel(image.astype(np.uint8) if image.dtype.kind == "b" else image)
    top = int(flat.max()) if flat.size else 0
    if top <= max(4 * flat.size, 1 << 16):
        ids, areas, index = _count_by_table(flat)
    else:
        ids, areas, index = _count_by_sorting(flat)
    return Compact(ids, areas, index.reshape(image.shape))


def _count_by_table(flat: NDArray[Any]) -> tuple[Ints, Ints, NDArray[np.int32]]:
    counts = np.bincount(flat.astype(np.intp, copy=False), minlength=1)
    counts[0] = 0
    ids = np.flatnonzero(counts)
    table = np.zeros(counts.size, np.int32)
    table[ids] = np.arange(1, ids.size + 1, dtype=np.int32)
    return ids.astype(np.int64), counts[ids].astype(np.int64), table[flat]


def _count_by_sorting(flat: NDArray[Any]) -> tuple[Ints, Ints, NDArray[np.int32]]:
    ids, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
    background = int(ids[0] == 0)
    index = inverse.astype(np.int32) + (1 - background)
    kept = slice(background, None)
    return ids[kept].astype(np.int64), counts[kept].astype(np.int64), index


def overlap(pred: Labels, truth: Labels) -> Overlap:
    """Count the pixels shared by predicted and true objects, in one pass.

    Parameters
    ----------
    pred, truth
        Label images ``(Y, X)`` of any integer dtype; 0 is background, ids may have
        holes and need not agree between the two.

    Returns
    -------
    Overlap
        An image without objects gives empty arrays.

    Raises
    ------
    ValueError
        If the shapes differ, a dtype is not an integer, or an id is negative.

    Examples
    --------
    >>> found = overlap(np.array([[3, 3, 0, 9]]), np.array([[5, 5, 5, 0]]))
    >>> found.truth_ids[found.truth_index], found.pred_ids[found.pred_index]
    (array([5]), array([3]))
    >>> found.iou.round(3)
    array([0.667])
    """
    if np.shape(pred) != np.shape(truth):
        raise ValueError(
            f"prediction and truth differ in shape: {np.shape(pred)} against "
            f"{np.shape(truth)}"
        )
    return overlap_of(compact(pred), compact(truth))


def overlap_of(pred: Compact, truth: Compact) -> Overlap:
    """`overlap` of two images that are numbered without holes already."""
    truth_index, pred_index, shared = _pairs(pred, truth)
    return Overlap(
        pred_ids=pred.ids,
        truth_ids=truth.ids,
        pred_areas=pred.areas,
        truth_areas=truth.areas,
        truth_index=truth_index,
        pred_index=pred_index,
        intersections=shared,
        n_pixels=truth.index.size,
    )


def _pairs(pred: Compact, truth: Compact) -> tuple[Ints, Ints, Ints]:
    both = np.flatnonzero((pred.index != 0) & (truth.index != 0))
    width = max(pred.ids.size, 1)
    code = (truth.index.ravel()[both].astype(np.int64) - 1) * width
    code += pred.index.ravel()[both] - 1
    if truth.ids.size * width <= _DENSE_TABLE:
        counts = np.bincount(code, minlength=1)
        codes = np.flatnonzero(counts)
        counts = counts[codes]
    else:
        codes, counts = np.unique(code, return_counts=True)
    rows, columns = np.divmod(codes.astype(np.int64), width)
    return rows, columns, counts.astype(np.int64)
