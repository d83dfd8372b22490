"""A window of frames in memory, in front of labels that lie elsewhere."""

from __future__ import annotations

from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.correction.packed import pack
from napari_cellseg.session.behind import WriteBehind
from napari_cellseg.session.frame_array import FrameArray
from napari_cellseg.session.frames import as_unsigned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.correction.packed import Packed

    Labels = NDArray[np.unsignedinteger]

LIMIT = 512 * 2**20
"""Memory for frames as they are (bytes)."""
AT_LEAST = 3
"""Frames that are kept as they are, however large: that on screen and two others."""


class LazyFrames:
    """Frames that are read when they are looked at, and stay in memory for a while.

    A frame that changed is never dropped: it is written behind where the source can be
    written to, else it is kept, compressed when its memory is needed. The greatest
    number in any frame is looked for from the beginning by a thread, frame by frame:
    whoever needs it before that is through waits for it.

    Parameters
    ----------
    source : array-like of shape (T, Y, X) or (Y, X)
        Labels of dask, zarr or another lazy kind.
    writable : bool
        Whether changed frames are written to the source.
    limit : int
        Memory for frames as they are (bytes).

    Attributes
    ----------
    array : FrameArray
        The movie as an array for napari, of the source's number of axes.
    dtype : dtype
        Of every frame; it becomes wider when a number needs it.

    Raises
    ------
    ImageError
        If these are no labels; also by `read`, of the frame that is read.
    """

    def __init__(self, source: Any, writable: bool = False, limit: int = LIMIT) -> None:
        self.source = source
        self.limit = limit
        self.flat = len(source.shape) == 2
        self.shape: tuple[int, int, int] = (
            (1, *source.shape) if self.flat else tuple(source.shape)
        )
        self.dtype = as_unsigned(np.zeros(0, source.dtype)).dtype
        self.array = FrameArray(self)
        self._lock = RLock()
        self._raw: dict[int, Labels] = {}
        self._packed: dict[int, Packed] = {}
        self._changed: set[int] = set()
        self._behind = WriteBehind(source, self._copy, self._on_written)
        self.writable = writable
        self._top = 0
        self._closed = Event()
        self._counting = Thread(target=self._count, name="numbers", daemon=True)
        self._counting.start()

    @property
    def pending(self) -> bool:
        """Whether frames are still to be written."""
        return bool(self._behind.pending)

    @property
    def trouble(self) -> str:
        """Why frames cannot be written, in words; empty if they can."""
        return self._behind.trouble

    @property
    def nbytes(self) -> int:
        """Memory that the frames take (bytes)."""
        with self._lock:
            raw = sum(frame.nbytes for frame in self._raw.values())
            return raw + sum(packed.nbytes for packed in self._packed.values())

    def read(self, t: int) -> Labels:
        """Frame t (Y, X); whoever writes to it calls `touch`."""
        with self._lock:
            frame = self._raw.pop(t, None)
            if frame is None:
                packed = self._packed.pop(t, None)
                frame = self._load(t) if packed is None else packed.unpack()
            if frame.dtype != self.dtype:
                frame = frame.astype(self.dtype)
            self._raw[t] = frame
            self._make_room()
            return frame

    def write(self, t: int, labels: Labels) -> None:
        """Put labels (Y, X) into frame t, and widen the type of all where needed."""
        if labels.dtype.itemsize > self.dtype.itemsize:
            self.widen(labels.dtype)
        self.read(t)[...] = labels
        self.touch(t)

    def touch(self, t: int) -> None:
        """Take note that frame t changed."""
        with self._lock:
            self._changed.add(t)
        if self.writable:
            self._behind.note(t)

    def widen(self, dtype: np.dtype[Any]) -> None:
        """Hold the frames in a wider type."""
        self.dtype = np.dtype(dtype)

    def top(self) -> int:
        """Return the greatest number in any frame; waits until all were read once."""
        self._counting.join()
        with self._lock:
            changed = [self.read(t) for t in self._changed if t in self._raw]
        return max(self._top, *(int(f.max(initial=0)) for f in changed), 0)

    def flush(self) -> bool:
        """Write what is still to be written; whether it could be."""
        return self._behind.flush()

    def close(self) -> None:
        """Write what is still to be written, and read no more by itself."""
        self._closed.set()
        self.flush()

    def _load(self, t: int) -> Labels:
        frame = self.source[...] if self.flat else self.source[t]
        # what dask and zarr give may be read-only, or shared
        return np.array(as_unsigned(np.asarray(frame)))

    def _count(self) -> None:
        for t in range(self.shape[0]):
            if self._closed.is_set():
                return
            frame = self.source[...] if self.flat else self.source[t]
            self._top = max(self._top, int(np.asarray(frame).max(initial=0)))

    def _copy(self, t: int) -> Labels:
        with self._lock:
            return self.read(t).copy()

    def _on_written(self, t: int) -> None:
        with self._lock:
            if t not in self._behind.pending:
                self._changed.discard(t)
                self._packed.pop(t, None)

    def _make_room(self) -> None:
        """Drop the frames that were not looked at for longest, or pack them."""
        size = next(iter(self._raw.values())).nbytes
        while len(self._raw) > AT_LEAST and len(self._raw) * size > self.limit:
            t = next(iter(self._raw))
            frame = self._raw.pop(t)
            if t in self._changed:
                self._packed[t] = pack(frame)
