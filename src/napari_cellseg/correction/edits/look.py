"""Which cells a gesture means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.edits._cells import Labels, frame
from napari_cellseg.correction.edits._path import nearest, path, within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def label_at(labels: Labels, y: float, x: float) -> int:
    """Return the number of the cell at a place.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    y, x : float
        The place (px); whole numbers are the middle of pixels, and half a pixel counts
        upward.

    Returns
    -------
    int
        0 in the background and outside the frame.

    Examples
    --------
    >>> label_at(np.array([[0, 4]], np.uint8), 0.2, 0.9)
    4
    """
    labels = frame(labels)
    found = within(nearest([[y, x]]), labels.shape)
    return int(labels[tuple(found[0])]) if len(found) else 0


def ids_along(labels: Labels, line: ArrayLike) -> list[int]:
    """Return the numbers of the cells under a line.

    Parameters
    ----------
    labels : unsigned array of shape (Y, X)
        0 in the background.
    line : float array of shape (N, 2)
        Its points y, x (px).

    Returns
    -------
    list of int
        Each of them once, in the order in which the line reaches them.

    Raises
    ------
    EditError
        If the line has no points, or one is not finite.

    Examples
    --------
    >>> ids_along(np.array([[0, 4, 4, 0, 2, 4]], np.uint8), [[0, 0], [0, 5]])
    [4, 2]
    """
    labels = frame(labels)
    under = labels[tuple(within(path(line), labels.shape).T)]
    ids, first = np.unique(under, return_index=True)
    return [int(ids[i]) for i in np.argsort(first) if ids[i]]
