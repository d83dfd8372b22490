"""A cell that is missing between two frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cellseg.correction.edits._cells import Labels, find, frame, number
from napari_cellseg.correction.edits._masks import clipped, distance
from napari_cellseg.correction.shape import Shape
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class _Cell:
    """Pixels (N, 2) of a cell and their centroid (px)."""

    pixels: NDArray[np.intp]
    centroid: NDArray[np.float64]


def interpolate(
    before: Labels, after: Labels, label_before: int, label_after: int, fraction: float
) -> Shape:
    """Return the pixels of a cell between two frames that show it.

    The centroid moves in a straight line; the outline lies on the mean of both signed
    distances to the outlines, laid over each other by their centroids. Of the levels of
    that mean, the one is taken whose area lies as far between both areas.

    Parameters
    ----------
    before, after : unsigned array of shape (Y, X)
        The labels of both frames, 0 in the background.
    label_before, label_after : int
        Number of the cell in them.
    fraction : float
        How far along, from 0, the cell of the first, to 1, that of the second.

    Returns
    -------
    Shape
        What of it lies within the frame. It may cover other cells.

    Raises
    ------
    EditError
        If the cell is missing in one of them, a number is not valid, the fraction is
        not of 0 ... 1, or nothing of the cell would lie within the frame.
    ValueError
        If the frames differ in shape.

    References
    ----------
    Raya and Udupa, IEEE Transactions on Medical Imaging 9 (1990): interpolation by
    distances to the outline.

    Examples
    --------
    >>> before = np.array([[1, 1, 0, 0, 0, 0]], np.uint8)
    >>> after = np.array([[0, 0, 0, 0, 7, 7]], np.uint8)
    >>> shape = interpolate(before, after, 1, 7, 0.5)
    >>> shape.x, shape.width
    (2, 2)
    """
    before, after = frame(before), frame(after)
    if before.shape != after.shape:
        raise ValueError(f"frames differ in shape: {before.shape} and {after.shape}")
    if not 0 <= fraction <= 1:
        raise EditError(f"the fraction is {fraction}: it must be from 0 to 1")
    one, other = _cell(before, label_before), _cell(after, label_after)
    weights = 1 - fraction, fraction
    centroid = weights[0] * one.centroid + weights[1] * other.centroid
    reach = _reach(one, other)
    height = sum(
        weight * _signed(cell, centroid, reach)
        for weight, cell in zip(weights, (one, other), strict=True)
    )
    area = round(weights[0] * len(one.pixels) + weights[1] * len(other.pixels))
    level = np.partition(height, -area, axis=None)[-area]
    y, x = np.floor(centroid).astype(int) - reach
    found = Shape.of(*clipped(height >= level, int(y), int(x), before.shape))
    if found is None:
        raise EditError("the cell would lie outside the frame: draw it by hand")
    return found


def _cell(labels: Labels, label: int) -> _Cell:
    """Find a cell in a frame."""
    crop = find(labels, [number(label)])
    pixels = np.argwhere(crop.before == label) + np.array([crop.y, crop.x])
    return _Cell(pixels, pixels.mean(axis=0))


def _reach(one: _Cell, other: _Cell) -> NDArray[np.int64]:
    """How far from their centroids both of them reach, and two pixels more."""
    far = [np.abs(cell.pixels - cell.centroid).max(axis=0) for cell in (one, other)]
    return np.asarray(np.ceil(np.maximum(*far)), np.int64) + 2


def _signed(
    cell: _Cell, centroid: NDArray[np.float64], reach: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the signed distance to a cell's outline, moved to another centroid.

    The box, of 2 reach + 2 pixels a side, begins at the whole pixel of the centroid
    less the reach. Inside is positive.
    """
    inside = np.zeros(2 * reach + 2, np.bool_)
    origin = np.floor(cell.centroid).astype(np.int64)
    inside[tuple((cell.pixels - origin + reach).T)] = True
    signed = distance(inside) - distance(~inside)
    # the box moves by whole pixels, so what is left is less than one
    rest = (centroid - np.floor(centroid)) - (cell.centroid - origin)
    return np.asarray(ndimage.shift(signed, rest, order=1, mode="nearest"))
