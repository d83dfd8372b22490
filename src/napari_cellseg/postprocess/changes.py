"""Which cells are other than before, whatever their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Changes:
    """What became of the cells of a frame.

    Attributes
    ----------
    ids : int64 (K,)
        Rising labels after the change that do not cover exactly the pixels of one label
        before it.
    gone : int
        Number of labels before the change that do not cover exactly the pixels of one
        label after it.
    """

    ids: NDArray[np.int64]
    gone: int

    @property
    def more(self) -> int:
        """By how much the number of cells rose; negative if it fell."""
        return self.ids.size - self.gone

    def __bool__(self) -> bool:
        return bool(self.ids.size or self.gone)


def changed(
    before: NDArray[np.unsignedinteger], after: NDArray[np.unsignedinteger]
) -> Changes:
    """Find the cells that differ between two label images of one frame.

    Numbers do not count: a cell that covers the same pixels under another number has
    not changed.

    Parameters
    ----------
    before, after : unsigned integer (Y, X)
        Labels, 0 in the background, at most 2147483647.

    Returns
    -------
    Changes
        Empty if both are, or are the same but for their numbers.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> before = np.array([[1, 1, 0, 2, 2, 0, 3]], np.uint16)
    >>> after = np.array([[7, 7, 0, 2, 4, 0, 0]], np.uint16)
    >>> found = changed(before, after)
    >>> found.ids, found.gone, found.more
    (array([2, 4]), 2, 0)
    """
    if before.shape != after.shape:
        raise ValueError(
            f"the label images differ in shape: {before.shape} and {after.shape}"
        )
    # one type, so that the kernel is compiled once
    old, new = (np.asarray(a, np.int32).reshape(-1) for a in (before, after))
    sizes = int(old.max(initial=0)) + 1, int(new.max(initial=0)) + 1
    lost, made = _unlike(old, new, *sizes)
    return Changes(np.flatnonzero(made), int(np.count_nonzero(lost)))


def outlines(
    labels: NDArray[np.unsignedinteger], ids: NDArray[np.integer], width: int = 2
) -> NDArray[np.bool_]:
    """Draw the inner outlines of some cells.

    Parameters
    ----------
    labels : unsigned integer (Y, X)
        0 in the background.
    ids : integer (K,)
        Labels to outline; none gives no outline.
    width : int
        Pixels nearer than this to another label, diagonals included, are outline (px).
        The image border is none.

    Returns
    -------
    bool (Y, X)

    Examples
    --------
    >>> labels = np.array([[2, 2, 2, 2, 5, 5, 0]], np.uint16)
    >>> outlines(labels, np.array([2]), width=1).astype(int)
    array([[0, 0, 0, 1, 0, 0, 0]])
    """
    chosen = np.zeros(int(labels.max(initial=0)) + 1, bool)
    chosen[ids] = True
    if not labels.size or not chosen.any():
        return np.zeros(labels.shape, bool)
    # OpenCV knows no 32-bit integers here; doubles hold them all
    image = labels if labels.dtype == np.uint16 else labels.astype(np.float64)
    around = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    edge: NDArray[np.bool_] = cv2.dilate(image, around) != cv2.erode(image, around)
    drawn: NDArray[np.bool_] = edge & chosen[labels]
    return drawn


@compiled
def _unlike(
    old: NDArray[np.int32], new: NDArray[np.int32], olds: int, news: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the labels of two flat images that have no equal in the other.

    A label has an equal if all its pixels carry one label in the other image, and all
    of that one's pixels carry it.
    """
    partner_of_old = np.full(olds, -1, np.int32)
    partner_of_new = np.full(news, -1, np.int32)
    lost = np.zeros(olds, np.bool_)
    made = np.zeros(news, np.bool_)
    for i in range(old.size):
        a, b = old[i], new[i]
        if a == 0 and b == 0:
            continue
        if partner_of_old[a] == -1:
            partner_of_old[a] = b
        if partner_of_new[b] == -1:
            partner_of_new[b] = a
        if partner_of_old[a] != b or partner_of_new[b] != a or a == 0 or b == 0:
            lost[a] = True
            made[b] = True
            # whoever was paired with either of them has no equal
            lost[partner_of_new[b]] = True
            made[partner_of_old[a]] = True
    lost[0] = False
    made[0] = False
    return lost, made
