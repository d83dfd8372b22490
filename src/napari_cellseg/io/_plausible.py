"""Whether an image of whole numbers can hold the ids of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_PAIRS = 200
_DIFFERING = 0.1
_NOISE = 0.8
_PIECES = 5.0


def looks_like_grey_levels(labels: NDArray[Any]) -> bool:
    """Whether values are scattered as brightness is and ids are not.

    Two neighbouring pixels of objects nearly always have one id: in annotated
    microscopy at most one pair in 40 differs, in raw images at least one in 5. Where
    more than one in 10 differ, the values must also lie in many pieces each, or
    differ nearly everywhere: tiny cells side by side have an id of their own.

    Parameters
    ----------
    labels : integer array of shape (..., Y, X)
        One or several frames.

    Returns
    -------
    bool
        False for what has too few pixels beside each other to tell.

    Examples
    --------
    >>> cells = np.kron(np.arange(1, 101).reshape(10, 10), np.ones((4, 4), int))
    >>> looks_like_grey_levels(cells)
    False
    >>> noise = np.random.default_rng(0).integers(0, 255, (40, 40))
    >>> looks_like_grey_levels(noise)
    True
    """
    return any(_scattered(f) for f in labels.reshape(-1, *labels.shape[-2:]))


def _scattered(frame: NDArray[Any]) -> bool:
    pairs = differing = 0
    for one, other in ((frame[1:], frame[:-1]), (frame[:, 1:], frame[:, :-1])):
        objects = (one != 0) & (other != 0)
        pairs += int(np.count_nonzero(objects))
        differing += int(np.count_nonzero(objects & (one != other)))
    if pairs < _LEAST_PAIRS or differing <= _DIFFERING * pairs:
        return False
    return differing > _NOISE * pairs or _pieces(frame) > _PIECES


def _pieces(frame: NDArray[Any]) -> float:
    """Mean number of connected pieces of a value."""
    # it takes time to import, and labels never come here
    import skimage.measure

    measure: Any = skimage.measure
    values = np.unique(frame).size - (0 in frame)
    return float(measure.label(frame, connectivity=1).max() / values)
