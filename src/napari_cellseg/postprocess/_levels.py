"""Landscapes as integer levels, so that a flood needs buckets and not a heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Levels: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float64]]

SIGN = np.int16(-0x8000)
"""The bit of a half-precision number's sign."""


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


def landscape_levels(mask: NDArray[np.bool_], landscape: NDArray[Any]) -> Levels:
    """Levels of a landscape in the order of its values, exact: none is rounded.

    Whole numbers, and what half precision holds as a network's maps do, become levels
    by arithmetic; other values are sorted, which takes longer than the flood itself.

    Parameters
    ----------
    mask : bool (Y, X)
    landscape : real (Y, X)

    Returns
    -------
    levels : int32 (Y, X)
        1 ... L in the mask, 0 outside; equal where the landscape is.
    heights : float64 (L + 1,)
        The landscape's value at each level.

    Raises
    ------
    ValueError
        If the landscape does not consist of real numbers, is NaN or infinite anywhere
        in the mask, or has a range there that float64 does not hold.

    Examples
    --------
    >>> levels, heights = landscape_levels(
    ...     np.array([[1, 1, 0, 1]], bool), np.array([[0.1, 1e6, 9, 0.1]])
    ... )
    >>> levels, heights[1:]
    (array([[1, 2, 0, 1]], dtype=int32), array([1.e-01, 1.e+06]))
    """
    if landscape.dtype.kind not in "biuf":
        raise ValueError(f"the landscape must be real, but it is {landscape.dtype}")
    levels = np.zeros(mask.shape, np.int32)
    values = landscape[mask]
    if not values.size:
        return levels, np.zeros(1)
    if landscape.dtype.kind == "f":
        _check_range(mask, landscape, float(values.min()), float(values.max()))
    numbers = _whole if landscape.dtype.kind != "f" else _half
    levels[mask], heights = numbers(values) or _sorted(values)
    return levels, heights


def _check_range(
    mask: NDArray[np.bool_], landscape: NDArray[Any], low: float, high: float
) -> None:
    if not (np.isfinite(low) and np.isfinite(high)):
        y, x = np.argwhere(mask & ~np.isfinite(landscape))[0]
        raise ValueError(
            f"the landscape is {landscape[y, x]} at (y, x) = ({y}, {x}); "
            "it must be finite in the whole mask"
        )
    if not np.isfinite(high - low):
        raise ValueError(
            f"the landscape goes from {low:g} to {high:g}: the difference is more than "
            "a number can hold. Scale it down"
        )


def _whole(values: NDArray[Any]) -> Levels | None:
    """Levels of whole numbers that lie close enough together."""
    low, high = int(values.min()), int(values.max())
    exact = max(-low, high) <= 2**53
    if not exact or high - low > 65536 + values.size:
        return None
    above = (values.astype(np.int64) - low).astype(np.int32)
    return above + 1, low + np.arange(-1.0, high - low + 1)


def _half(values: NDArray[Any]) -> Levels | None:
    """Levels of numbers that half precision holds: where they lie among all of them."""
    with np.errstate(over="ignore", under="ignore"):
        halves = values.astype(np.float16)
    if not np.array_equal(halves, values):
        return None
    places = _places(halves.view(np.int16))
    low, high = int(places.min()), int(places.max())
    every = np.arange(low, high + 1).astype(np.int16)
    heights = _places(every).view(np.float16).astype(np.float64)
    return places.astype(np.int32) + (1 - low), np.append(0.0, heights)


def _places(bits: NDArray[np.int16]) -> NDArray[np.int16]:
    """Bits of half-precision numbers to their places in order, 0 for 0; and back."""
    return np.where(bits < 0, SIGN - bits, bits)


def _sorted(values: NDArray[Any]) -> Levels:
    """Levels of any numbers: their ranks."""
    distinct, ranks = np.unique(values, return_inverse=True)
    return ranks.astype(np.int32) + 1, np.append(0.0, distinct.astype(np.float64))
