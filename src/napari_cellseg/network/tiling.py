"""Large images in overlapping pieces whose results are blended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Predictor = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def predict_tiled(
    image: NDArray[np.float32], predictor: Predictor, tile: int, overlap: int
) -> Iterator[NDArray[np.float32] | None]:
    """Apply a function to overlapping tiles and blend its maps.

    In the overlap the weight of a tile falls linearly to its edge, so that no seam
    shows. A generator, so that the caller can stop between tiles.

    Parameters
    ----------
    image : float32 array of shape (Y, X)
        The image.
    predictor : callable
        ``(y, x) -> (C, y, x)``, float32.
    tile : int
        Largest side of a tile (px).
    overlap : int
        Least overlap of neighbouring tiles (px), below ``tile``.

    Yields
    ------
    None or float32 array of shape (C, Y, X)
        None after every tile but the last; the blended maps at the end.
    """
    rows = tile_starts(image.shape[0], tile, overlap)
    columns = tile_starts(image.shape[1], tile, overlap)
    if len(rows) == len(columns) == 1:
        yield predictor(image)
        return
    total: NDArray[np.float32] | None = None
    weights = np.zeros(image.shape, np.float32)
    for top in rows:
        for left in columns:
            place = np.s_[top : top + tile, left : left + tile]
            maps = predictor(np.ascontiguousarray(image[place]))  # (C, y, x)
            weight = _ramp(maps.shape[1:], overlap)
            if total is None:
                total = np.zeros((len(maps), *image.shape), np.float32)
            total[:, *place] += maps * weight
            weights[place] += weight
            yield None
    assert total is not None
    yield total / weights


def tile_starts(extent: int, tile: int, overlap: int) -> list[int]:
    """First pixels of the tiles along one side, spread evenly.

    Examples
    --------
    >>> tile_starts(100, 40, 8)
    [0, 30, 60]
    >>> tile_starts(30, 40, 8)
    [0]
    """
    if extent <= tile:
        return [0]
    number = -(-(extent - overlap) // (tile - overlap))
    return [int(s) for s in np.linspace(0, extent - tile, number).round()]


def _ramp(shape: tuple[int, ...], overlap: int) -> NDArray[np.float32]:
    """Weight that rises from an edge over the width of the overlap."""
    height, width = (
        np.minimum(np.arange(1, n + 1), np.arange(n, 0, -1)).clip(max=overlap + 1)
        for n in shape
    )
    return np.outer(height, width).astype(np.float32)
