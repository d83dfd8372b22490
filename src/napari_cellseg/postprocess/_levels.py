"""Landscapes as integer levels, so that a flood needs buckets and not a heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Levels: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float64]]

STEPS = 65535
"""Most steps between the lowest and the highest level of a landscape."""


def squared_distance(mask: NDArray[np.bool_]) -> NDArray[np.int64 | np.int32]:
    """Exact squared Euclidean distance to the nearest background pixel.

    The image border is not background. Where there is no background at all there is no
    distance either, and every pixel gets 1.

    Parameters
    ----------
    mask : bool (Y, X)

    Returns
    -------
    int32 or int64 (Y, X)
        Squared distance (px²), 0 in the background.

    Examples
    --------
    >>> squared_distance(np.array([[0, 1, 1, 1]], bool))
    array([[0, 1, 4, 9]], dtype=int32)
    """
    if mask.all():
        return np.ones(mask.shape, np.int32)
    # numba takes most of a second to import: parameters alone must not pay for it
    from napari_cellseg.postprocess._distance import along_rows, down_columns

    far = sum(mask.shape)
    fits = far**2 <= np.iinfo(np.int32).max
    squares = np.empty(mask.shape, np.int32 if fits else np.int64)
    down_columns(mask, far, squares)
    along_rows(squares)
    return squares


def distance_levels(mask: NDArray[np.bool_]) -> Levels:
    """Squared distances as levels; their roots as heights.

    Returns
    -------
    levels : int32 (Y, X)
        1 ... L in the mask, 0 outside.
    heights : float64 (L + 1,)
        Distance (px) of each level.
    """
    squares = squared_distance(mask)
    top = int(squares.max(initial=0))
    if top <= 65536 + squares.size:
        return squares.astype(np.int32, copy=False), np.sqrt(np.arange(top + 1.0))
    values, ranks = np.unique(squares, return_inverse=True)
    return ranks.reshape(mask.shape).astype(np.int32), np.sqrt(values)


def landscape_levels(
    mask: NDArray[np.bool_], landscape: NDArray[np.floating]
) -> Levels:
    """Round a landscape to at most 65,536 levels over its range in the mask.

    Returns
    -------
    levels : int32 (Y, X)
        1 ... 65536 at most in the mask, 0 outside; all 1 if the landscape is flat.
    heights : float64 (L + 1,)
        The landscape's value at each level.

    Raises
    ------
    ValueError
        If the landscape is NaN or infinite anywhere in the mask.
    """
    levels = np.zeros(mask.shape, np.int32)
    values = landscape[mask].astype(np.float64)
    if not values.size:
        return levels, np.zeros(1)
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        y, x = np.argwhere(mask & ~np.isfinite(landscape))[0]
        raise ValueError(
            f"the landscape is {landscape[y, x]} at (y, x) = ({y}, {x}); "
            "it must be finite in the whole mask"
        )
    # a power of two keeps whole numbers, and what half precision holds, exact
    step = 2.0 ** np.ceil(np.log2((high - low) / STEPS)) if high > low else 1.0
    levels[mask] = np.rint((values - low) / step).astype(np.int32) + 1
    return levels, low + step * np.arange(-1.0, levels.max())
