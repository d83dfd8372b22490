"""Kernels over label images: look each label up in a table, count each label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.postprocess._compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


def relabel(
    labels: NDArray[np.unsignedinteger],
    table: NDArray[np.unsignedinteger],
    out: NDArray[np.unsignedinteger],
) -> None:
    """Write ``table[labels]`` to `out`.

    Parameters
    ----------
    labels : unsigned (...,)
        C-contiguous; no number exceeds those of the table.
    table : unsigned (N + 1,)
        0 for 0.
    out : unsigned (...,)
        C-contiguous, of the table's type.

    Examples
    --------
    >>> out = np.empty((1, 3), np.uint16)
    >>> table = np.array([0, 1, 2, 1], np.uint16)
    >>> relabel(np.array([[0, 1, 3]], np.uint16), table, out)
    >>> out
    array([[0, 1, 1]], dtype=uint16)
    """
    short = labels.dtype == table.dtype == np.uint16
    kernel = look_up_words if short else look_up
    kernel(table, labels.reshape(-1), out.reshape(-1))


@compiled
def look_up(table: NDArray[Any], labels: NDArray[Any], out: NDArray[Any]) -> None:
    """Write ``table[labels]`` to `out`; both images flat."""
    for i in range(labels.size):
        out[i] = table[labels[i]]


@compiled
def look_up_word(table: NDArray[np.uint16], word: np.uint64) -> np.uint64:
    """Look up four pixels that are one word of the memory."""
    short, pixel = np.uint64(16), np.uint64(0xFFFF)
    found = np.uint64(table[word & pixel])
    found |= np.uint64(table[(word >> short) & pixel]) << short
    word >>= np.uint64(32)
    found |= np.uint64(table[word & pixel]) << np.uint64(32)
    return found | np.uint64(table[word >> short]) << np.uint64(48)


@compiled
def look_up_words(
    table: NDArray[np.uint16], labels: NDArray[np.uint16], out: NDArray[np.uint16]
) -> None:
    """Write ``table[labels]`` to `out`, eight pixels at a time; 0 must stay 0.

    Background, most of a typical image, is then passed at the pace of a copy.
    """
    pairs = labels.size // 8
    if labels.ctypes.data % 8 or out.ctypes.data % 8:
        # a word must begin where the processor reads words
        pairs = 0
    words, found = labels[: 8 * pairs].view(np.uint64), out[: 8 * pairs].view(np.uint64)
    for pair in range(pairs):
        i = 2 * pair
        one, two = words[i], words[i + 1]
        if one | two:
            one, two = look_up_word(table, one), look_up_word(table, two)
        found[i], found[i + 1] = one, two
    for i in range(8 * pairs, labels.size):
        out[i] = table[labels[i]]


@compiled
def areas(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Count the pixels of the labels 0 ... `count` of a flat image."""
    sizes = np.zeros(count + 1, np.int64)
    # to add again and again to the same number, the background's, takes longest
    for label in labels:
        if label:
            sizes[label] += 1
    sizes[0] = labels.size - sizes.sum()
    return sizes
