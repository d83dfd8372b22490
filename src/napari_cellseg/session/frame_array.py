"""Frames as one array: as much of an array as napari asks of a layer's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger]


class Store(Protocol):
    """What holds the frames."""

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    flat: bool

    def read(self, t: int) -> Labels:
        """Frame t, not to be written to."""

    def put(self, t: int, key: Any, value: Any) -> None:
        """Write values to a part of frame t."""


class FrameArray:
    """An array over frames that are read when they are indexed.

    One frame, or a part of one, is a view of it, as of a NumPy array, but not to be
    written to; more of them are a copy. Full slices of all axes give the array itself.

    Parameters
    ----------
    store : Store
        What holds the frames.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def shape(self) -> tuple[int, ...]:
        """(T, Y, X), or (Y, X) for a single frame."""
        return self._store.shape[1:] if self._store.flat else self._store.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of every frame."""
        return self._store.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of pixels."""
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """Memory that all pixels would take (bytes)."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if self._store.flat:
            frame: NDArray[Any] = self._store.read(0)
            same = dtype is None or np.dtype(dtype) == frame.dtype
            return frame if same and not copy else np.array(frame, dtype)
        whole = np.empty(self.shape, dtype or self.dtype)
        for t in range(len(self)):
            whole[t] = self._store.read(t)
        return whole

    def __getitem__(self, key: Any) -> Any:
        key = self._full(key)
        if all(isinstance(k, slice) and k == slice(None) for k in key):
            return self
        if self._store.flat:
            return self._store.read(0)[key]
        first, rest = key[0], key[1:]
        if isinstance(first, slice):
            frames = range(*first.indices(len(self)))
            if len(frames) == 1:
                return self._store.read(frames[0])[rest][np.newaxis]
            picked = [self._store.read(t)[rest] for t in frames]
            empty = np.empty(self.shape[1:], self.dtype)[rest]
            return np.stack(picked) if picked else empty[np.newaxis][:0]
        if np.ndim(first) == 0:
            return self._store.read(self._index(first))[rest]
        places = np.broadcast_arrays(*key)
        found = np.empty(places[0].shape, self.dtype)
        for t, here in self._by_frame(places[0]):
            found[here] = self._store.read(t)[tuple(p[here] for p in places[1:])]
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        key = self._full(key)
        if self._store.flat:
            self._store.put(0, key, value)
            return
        first, rest = key[0], key[1:]
        if isinstance(first, slice):
            frames = range(*first.indices(len(self)))
            value = np.asarray(value)
            shape = np.empty(self.shape[1:], np.bool_)[rest].shape
            values = np.broadcast_to(value, (len(frames), *shape))
            for t, frame in zip(frames, values, strict=True):
                self._store.put(t, rest, frame)
        elif np.ndim(first) == 0:
            self._store.put(self._index(first), rest, value)
        else:
            places = np.broadcast_arrays(*key)
            values = np.broadcast_to(value, places[0].shape)
            for t, here in self._by_frame(places[0]):
                rest = tuple(p[here] for p in places[1:])
                self._store.put(t, rest, values[here])

    def transpose(self, *axes: Any) -> Any:
        """Return itself where the order of the axes stays, else a copy in another."""
        order = tuple(np.ravel(axes)) or tuple(reversed(range(self.ndim)))
        if order == tuple(range(self.ndim)):
            return self
        return np.asarray(self).transpose(order)

    def _index(self, t: Any) -> int:
        index = int(t)
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        return index % len(self)

    def _full(self, key: Any) -> tuple[Any, ...]:
        """Return an index for each axis."""
        if isinstance(key, np.ndarray) and key.dtype == np.bool_:
            key = np.nonzero(key)
        key = key if isinstance(key, tuple) else (key,)
        missing = self.ndim - sum(k is not Ellipsis for k in key)
        full = (slice(None),)
        for i, k in enumerate(key):
            if k is Ellipsis:
                return (*key[:i], *full * missing, *key[i + 1 :])
        return (*key, *full * missing)

    def _by_frame(
        self, frames: NDArray[Any]
    ) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        for t in np.unique(frames):
            yield self._index(t), frames == t
