"""Lazy arrays of which one chunk is one page or one file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import dask.array
import numpy as np

da: Any = dask.array
"""dask's functions carry no types."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike


def pages(
    read: Callable[[int], np.ndarray],
    lead: tuple[int, ...],
    page: tuple[int, ...],
    dtype: DTypeLike,
) -> Any:
    """Array of ``lead + page`` whose page i is read when it is asked for.

    Parameters
    ----------
    read : callable
        Returns page i, counted over `lead` in C order, with ``prod(page)`` elements.
    lead, page : tuple of int
        Shape before and within a page.
    dtype : dtype
        The type of every page.
    """
    chunks = tuple((1,) * n for n in lead) + tuple((n,) for n in page)
    return da.map_blocks(
        partial(_block, read=read, lead=lead, page=page),
        chunks=chunks,
        dtype=np.dtype(dtype),
        meta=np.empty((0,) * len(chunks), dtype),
        name=f"pages-{uuid4().hex}",
    )


def _block(
    read: Callable[[int], np.ndarray],
    lead: tuple[int, ...],
    page: tuple[int, ...],
    block_id: tuple[int, ...] = (),
) -> np.ndarray:
    where = block_id[: len(lead)]
    index = int(np.ravel_multi_index(where, lead)) if lead else 0
    return read(index).reshape((1,) * len(lead) + page)


def as_dask(array: Any) -> Any:
    """Leave NumPy and dask arrays; wrap anything else that slices."""
    if isinstance(array, np.ndarray | da.Array):
        return array
    if hasattr(array, "shape") and hasattr(array, "dtype"):
        chunks = getattr(array, "chunks", None) or "auto"
        return da.from_array(array, chunks=chunks, name=f"array-{uuid4().hex}")
    return np.asarray(array)
