"""Pixels under a line that was drawn by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LONGEST = 10_000_000
"""Steps of a line that no hand has drawn (px)."""


def nearest(points: ArrayLike) -> NDArray[np.int64]:
    """Return the pixels (N, 2) nearest to points y, x; half a pixel counts upward.

    Raises
    ------
    EditError
        If a point is not finite, or not y and x.

    Examples
    --------
    >>> nearest([[0.5, 1.2]])
    array([[1, 1]])
    """
    places = np.asarray(points, np.float64)
    if places.size == 0:
        places = places.reshape(0, 2)
    if places.ndim != 2 or places.shape[1] != 2:
        raise EditError(f"points must be (N, 2), but their shape is {places.shape}")
    if not (np.abs(places) < LONGEST).all():
        raise EditError("a point lies far outside the frame: draw within it")
    return np.floor(places + 0.5).astype(np.int64)


def path(points: ArrayLike) -> NDArray[np.int64]:
    """Return the pixels (M, 2) of a line through points, in order.

    Each shares an edge with the next, so that no cell, whose pixels hang together by
    edges or corners, slips through. A pixel that is passed again is there again.

    Raises
    ------
    EditError
        If there is no point, or one is not finite.

    Examples
    --------
    >>> path([[0, 0], [1, 2]])
    array([[0, 0],
           [0, 1],
           [1, 1],
           [1, 2]])
    """
    corners = nearest(points)
    if not len(corners):
        raise EditError("the line has no points: draw one")
    steps = np.abs(np.diff(corners, axis=0)).max(axis=1)
    if steps.sum() > LONGEST:
        raise EditError("the line is far longer than the frame: draw within it")
    # every step of every segment at once: how far it is along its segment
    segment = np.repeat(np.arange(len(steps)), steps)
    begins = np.cumsum(steps) - steps
    along = (np.arange(len(segment)) - begins[segment] + 1) / steps[segment]
    start, end = corners[segment], corners[segment + 1]
    pixels = np.floor(start + along[:, None] * (end - start) + 0.5).astype(np.int64)
    pixels = np.concatenate([corners[:1], pixels])
    return _by_edges(pixels)


def _by_edges(pixels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put a pixel between two that share only a corner."""
    corner = np.flatnonzero((np.diff(pixels, axis=0) != 0).all(axis=1))
    between = np.stack([pixels[corner, 0], pixels[corner + 1, 1]], axis=1)
    return np.insert(pixels, corner + 1, between, axis=0)


def within(pixels: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Those of pixels (M, 2) that lie in a frame (Y, X)."""
    kept: NDArray[np.int64] = pixels[((pixels >= 0) & (pixels < shape)).all(axis=1)]
    return kept
