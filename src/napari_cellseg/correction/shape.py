"""Pixels of one cell, packed: a box in the frame and a bit a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERHEAD = 120
"""What a shape takes beside its bits (bytes)."""


def box_at(y: int, x: int, size: tuple[int, ...]) -> tuple[slice, slice]:
    """Box of a size (height, width) that begins at a pixel.

    Examples
    --------
    >>> box_at(5, 1, (2, 3))
    (slice(5, 7, None), slice(1, 4, None))
    """
    return slice(y, y + size[0]), slice(x, x + size[1])


@dataclass(frozen=True, slots=True)
class Shape:
    """Pixels of a frame; equal shapes are equal values.

    Attributes
    ----------
    y, x : int
        The first row and column of the box (px).
    height, width : int
        Its size (px); its first and last rows and columns hold a pixel of the shape.
    bits : bytes
        A bit a pixel, row by row, as ``numpy.packbits`` writes them.
    """

    y: int
    x: int
    height: int
    width: int
    bits: bytes

    @staticmethod
    def of(mask: NDArray[np.bool_], y: int = 0, x: int = 0) -> Shape | None:
        """Pack a mask.

        Parameters
        ----------
        mask : bool array of shape (Y, X)
            True where the shape is.
        y, x : int
            Where the mask lies in the frame.

        Returns
        -------
        Shape or None
            None if no pixel is True.

        Examples
        --------
        >>> shape = Shape.of(np.array([[0, 0, 0], [0, 1, 1]], bool), y=5)
        >>> shape.y, shape.x, shape.height, shape.width, shape.area
        (6, 1, 1, 2, 2)
        """
        rows = np.flatnonzero(mask.any(axis=1))
        if not rows.size:
            return None
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        columns = np.flatnonzero(mask[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        inside = mask[top:bottom, left:right]
        size = bottom - top, right - left
        return Shape(y + top, x + left, *size, np.packbits(inside).tobytes())

    @property
    def box(self) -> tuple[slice, slice]:
        """Where it lies in the frame."""
        return box_at(self.y, self.x, (self.height, self.width))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Unpacked, bool array of shape (height, width)."""
        packed = np.frombuffer(self.bits, np.uint8)
        size = self.height * self.width
        flat = np.unpackbits(packed, count=size).view(np.bool_)
        return flat.reshape(self.height, self.width)

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.mask))

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        return OVERHEAD + len(self.bits)

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether it lies within a frame (Y, X)."""
        return (
            min(self.y, self.x) >= 0
            and self.y + self.height <= shape[0]
            and self.x + self.width <= shape[1]
        )

    def paint(self, frame: NDArray[Any], value: int) -> None:
        """Write a value to its pixels of a frame (Y, X)."""
        frame[self.box][self.mask] = value


def joined(one: Shape | None, other: Shape | None) -> Shape | None:
    """Pixels of either.

    Examples
    --------
    >>> left = Shape.of(np.array([[1, 0]], bool))
    >>> right = Shape.of(np.array([[1, 1]], bool), x=3)
    >>> joined(left, right).mask.astype(int)
    array([[1, 0, 0, 1, 1]])
    >>> joined(left, None) == left
    True
    """
    if one is None or other is None:
        return one or other
    y, x = min(one.y, other.y), min(one.x, other.x)
    height = max(one.y + one.height, other.y + other.height) - y
    width = max(one.x + one.width, other.x + other.width) - x
    mask = np.zeros((height, width), np.bool_)
    for shape in (one, other):
        top, left = shape.y - y, shape.x - x
        mask[top : top + shape.height, left : left + shape.width] |= shape.mask
    return Shape.of(mask, y, x)
