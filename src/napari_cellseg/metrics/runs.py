"""Label images as runs of equal pixels along x: a few thousand instead of a million."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Labels: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


def common_runs(*images: Labels) -> tuple[Ints, Ints, list[Ints]]:
    """Cut images into runs along x in which every image is constant.

    Parameters
    ----------
    *images
        Label images of one shape ``(Y, X)``, of any integer dtype or bool.

    Returns
    -------
    starts
        Position of the first pixel of each run in the flat image, ``(R,)``.
    lengths
        Pixels of each run, ``(R,)``; a run ends with its row.
    values
        The label of each run, ``(R,)`` for each image.

    Raises
    ------
    ValueError
        If a dtype is not an integer or a label is negative.

    Examples
    --------
    >>> starts, lengths, (values,) = common_runs(np.array([[0, 7, 7], [7, 0, 0]]))
    >>> starts.tolist(), lengths.tolist(), values.tolist()
    ([0, 1, 3, 4], [1, 2, 1, 2], [0, 7, 7, 0])
    """
    shape = np.shape(images[0])
    changes = np.zeros(shape, bool)
    changes[..., :1] = True
    for image in images:
        if image.dtype.kind not in "iub":
            raise ValueError(f"labels must be integers, not {image.dtype}")
        changes[..., 1:] |= image[..., 1:] != image[..., :-1]
    starts = np.flatnonzero(changes).astype(np.int64)
    lengths = np.diff(starts, append=changes.size)
    values = [np.ravel(image)[starts].astype(np.int64) for image in images]
    for value in values:
        if value.size and value.min() < 0:
            raise ValueError(f"labels must not be negative: found {value.min()}")
    return starts, lengths, values


def tally(values: Ints, lengths: Ints) -> tuple[Ints, Ints, Ints]:
    """Sum the lengths of the runs of each label.

    Parameters
    ----------
    values, lengths
        Label and pixels of each run, ``(R,)`` each.

    Returns
    -------
    ids
        Labels other than 0, ascending, ``(N,)``.
    areas
        Pixels of each, ``(N,)``.
    index
        Position in ``ids`` of each run's label, ``(R,)``; -1 for background.

    Examples
    --------
    >>> tally(np.array([0, 7, 4, 7]), np.array([9, 1, 2, 3]))
    (array([4, 7]), array([2, 4]), array([-1,  1,  0,  1]))
    """
    ids, index = np.unique(values, return_inverse=True)
    # float sums of pixel counts are exact
    areas = np.bincount(index, lengths, ids.size).astype(np.int64)
    background = int(ids.size > 0 and ids[0] == 0)
    return ids[background:], areas[background:], index - background
