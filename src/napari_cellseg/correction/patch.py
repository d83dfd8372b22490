"""What a tool does to the pixels of one frame, and what undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.shape import box_at

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Patch:
    """A box of a frame before and after.

    Attributes
    ----------
    y, x : int
        Where the box begins (px).
    before, after : unsigned array of shape (height, width)
        Its labels.
    """

    y: int
    x: int
    before: NDArray[np.unsignedinteger]
    after: NDArray[np.unsignedinteger]

    @property
    def box(self) -> tuple[slice, slice]:
        """Where it lies in the frame."""
        return box_at(self.y, self.x, self.after.shape)

    @property
    def inverse(self) -> Patch:
        """What undoes it."""
        return Patch(self.y, self.x, self.after, self.before)

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return np.array_equal(self.before, self.after)

    def applied(
        self, labels: NDArray[np.unsignedinteger]
    ) -> NDArray[np.unsignedinteger]:
        """Return a frame (Y, X) after it; of a wider type where a number needs it.

        Examples
        --------
        >>> patch = Patch(0, 1, np.array([[2]], np.uint8), np.array([[1]], np.uint8))
        >>> frame = np.array([[1, 2, 0]], np.uint8)
        >>> patch.applied(frame)
        array([[1, 1, 0]], dtype=uint8)
        >>> np.array_equal(patch.inverse.applied(patch.applied(frame)), frame)
        True
        """
        out = labels.astype(np.result_type(labels, self.after))
        out[self.box] = self.after
        return out


def patch_of(
    before: NDArray[np.unsignedinteger], after: NDArray[np.unsignedinteger]
) -> Patch:
    """Return the smallest patch from a frame (Y, X) to another of the same size.

    Examples
    --------
    >>> patch = patch_of(np.array([[0, 1, 1]]), np.array([[0, 1, 2]]))
    >>> patch.x, patch.before, patch.after
    (2, array([[1]]), array([[2]]))
    """
    differs = before != after
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    if not rows.size:
        return Patch(0, 0, before[:0, :0], after[:0, :0])
    y, x = int(rows[0]), int(columns[0])
    box = slice(y, int(rows[-1]) + 1), slice(x, int(columns[-1]) + 1)
    return Patch(y, x, before[box].copy(), after[box].copy())
