"""Where corrected labels lie: a movie in memory, or one behind a window of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.errors import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger]

HIGHEST = int(np.iinfo(np.uint32).max)
"""The highest number of a cell."""
TABLE = 2**22
"""Numbers up to this one are looked for in a table of as many entries."""


class ArrayFrames:
    """Frames of a movie that lies in memory; they are written in place.

    Parameters
    ----------
    data : unsigned array of shape (T, Y, X)
        Written to. A wider array takes its place when a number needs it.

    Attributes
    ----------
    limit : int
        The highest number that can be written.
    written_back : bool
        Whether what the labels came from changes with them.
    """

    limit = HIGHEST
    written_back = False

    def __init__(self, data: Labels) -> None:
        self.data = data

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, Y, X)."""
        frames, height, width = self.data.shape
        return frames, height, width

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of every frame."""
        return self.data.dtype

    def read(self, t: int) -> Labels:
        """Frame t (Y, X), not to be written to."""
        frame: Labels = self.data[t]
        return frame

    def write(self, t: int, labels: Labels) -> None:
        """Put labels (Y, X) into frame t, and widen the type of all where they need it.

        Examples
        --------
        >>> frames = ArrayFrames(np.zeros((1, 1, 2), np.uint8))
        >>> frames.write(0, np.array([[1, 300]], np.uint16))
        >>> frames.read(0)
        array([[  1, 300]], dtype=uint16)
        """
        if labels.dtype.itemsize > self.data.dtype.itemsize:
            self.widen(labels.dtype)
        self.data[t] = labels

    def widen(self, dtype: np.dtype[Any]) -> None:
        """Hold the frames in a wider type."""
        self.data = self.data.astype(dtype)

    def top(self) -> int:
        """Return the greatest number in any frame; 0 if there is none."""
        return max((int(frame.max(initial=0)) for frame in self.data), default=0)

    def used(self) -> NDArray[np.int64]:
        """Return the numbers of all cells of all frames (N,), rising."""
        return numbers_in(self.data)


def numbers_in(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Numbers of the cells in labels of any shape (N,), rising.

    Examples
    --------
    >>> numbers_in(np.array([[0, 7], [2, 7]]))
    array([2, 7])
    """
    flat = np.ravel(labels)
    if not flat.size or flat.max() > TABLE or flat.min() < 0:
        found = np.unique(flat)
        return found[found > 0].astype(np.int64)
    there = np.zeros(int(flat.max()) + 1, np.bool_)
    there[flat] = True
    return np.flatnonzero(there[1:]) + 1


def as_unsigned(data: NDArray[Any]) -> Labels:
    """Labels as an unsigned type of at most 32 bits.

    Parameters
    ----------
    data : integer array of any shape
        Labels, none negative.

    Returns
    -------
    unsigned array of the same shape
        A view of the same memory where it has 32 bits or fewer, else a copy.

    Raises
    ------
    ImageError
        If these are no labels: no integers, negative ones, or beyond 32 bits.

    Examples
    --------
    >>> as_unsigned(np.array([0, 7], np.int16))
    array([0, 7], dtype=uint16)
    """
    check_type(data.dtype)
    if data.dtype.kind == "i" and int(data.min(initial=0)) < 0:
        raise ImageError(
            f"The labels hold negative numbers, {int(data.min())} the lowest: "
            "0 is the background, and cells have numbers from 1."
        )
    if data.dtype.itemsize <= np.dtype(np.uint32).itemsize:
        unsigned: Labels = data.view(f"{data.dtype.byteorder}u{data.dtype.itemsize}")
        return unsigned if data.dtype.isnative else unsigned.astype(f"u{data.itemsize}")
    if int(data.max(initial=0)) > HIGHEST:
        raise ImageError(
            f"The labels hold the number {int(data.max())}, and {HIGHEST} is the "
            "greatest that can be: number the cells anew."
        )
    return data.astype(np.uint32)


def check_type(dtype: np.dtype[Any]) -> None:
    """Raise ImageError if labels cannot be of a type."""
    if dtype.kind == "b":
        raise ImageError(
            "This is a mask of True and False, not labels: give each cell a number "
            "first, for example by scipy.ndimage.label."
        )
    if dtype.kind not in "iu":
        raise ImageError(
            f"Labels are integers, and these are {dtype}: convert them first, for "
            "example by astype(numpy.uint16)."
        )
