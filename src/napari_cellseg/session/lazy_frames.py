"""A window of frames in memory, in front of labels that lie elsewhere."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.correction.packed import pack
from napari_cellseg.errors import ImageError
from napari_cellseg.session.behind import FAILURES, WriteBehind
from napari_cellseg.session.frame_array import FrameArray
from napari_cellseg.session.frames import HIGHEST, as_unsigned, numbers_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.correction.packed import Packed

    Labels = NDArray[np.unsignedinteger]

MEMORY = 512 * 2**20
"""Memory for frames as they are (bytes)."""
AT_LEAST = 3
"""Frames that are kept as they are, however large: that on screen and two others."""


class LazyFrames:
    """Frames that are read when they are looked at, and stay in memory for a while.

    A frame that changed is never dropped: it is written behind where the source can be
    written to, else it is kept, compressed when its memory is needed. The numbers in
    all frames are looked for from the beginning by a thread, frame by frame: whoever
    needs them before that is through waits for it. Any thread may read.

    Parameters
    ----------
    source : array-like of shape (T, Y, X) or (Y, X)
        Labels of dask, zarr or another lazy kind.
    writable : bool
        Whether changed frames are written to the source.
    memory : int
        Memory for frames as they are (bytes).

    Attributes
    ----------
    array : FrameArray
        The movie as an array for napari, of the source's number of axes.
    dtype : dtype
        Of every frame; it becomes wider when a number needs it.
    limit : int
        The highest number that can be written, to the source where that is written to.
    written_back : bool
        Whether changed frames are written to the source.

    Raises
    ------
    ImageError
        If these are no labels; also by `read`, of the frame that is read.
    """

    def __init__(
        self, source: Any, writable: bool = False, memory: int = MEMORY
    ) -> None:
        self.source = source
        self.memory = memory
        self.written_back = writable
        self.limit = HIGHEST
        if writable:
            self.limit = min(HIGHEST, int(np.iinfo(source.dtype).max))
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
        self._uncounted = set(range(self.shape[0]))
        self._numbers = np.zeros(0, np.int64)
        self._closed = Event()
        self._counting = Thread(target=self._count, name="numbers", daemon=True)
        self._counting.start()

    @property
    def pending(self) -> bool:
        """Whether frames are still to be written."""
        return self._behind.waiting

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
        """Frame t (Y, X), not to be written to."""
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
        self.put(t, ..., labels)

    def put(self, t: int, key: Any, value: Any) -> None:
        """Write values to a part of frame t."""
        # until it is known as changed, whoever reads may push the frame out
        with self._lock:
            self.read(t)[key] = value
            self._changed.add(t)
            self._uncounted.add(t)
            if self.written_back:
                self._behind.note(t)

    def widen(self, dtype: np.dtype[Any]) -> None:
        """Hold the frames in a wider type."""
        self.dtype = np.dtype(dtype)

    def top(self) -> int:
        """Return the greatest number in any frame, see `used`."""
        return int(self.used().max(initial=0))

    def used(self) -> NDArray[np.int64]:
        """Return the numbers of all cells of all frames (N,), rising.

        Waits until all were read once; numbers that are gone since then are there too.

        Raises
        ------
        ImageError
            If a frame cannot be read.
        """
        self._counting.join()
        try:
            while self._count_next():
                pass
        except FAILURES as error:
            raise ImageError(
                "A frame of the labels cannot be read, so that nobody knows which "
                f"numbers are free: {error}"
            ) from error
        return self._numbers

    def flush(self) -> bool:
        """Write what is still to be written; whether it could be."""
        return self._behind.flush()

    def close(self) -> None:
        """Write what is still to be written, and read no more by itself."""
        self._closed.set()
        self.flush()

    def _load(self, t: int) -> Labels:
        # what dask and zarr give may be read-only, or shared
        return np.array(as_unsigned(self._fetch(t)))

    def _fetch(self, t: int) -> NDArray[Any]:
        return np.asarray(self.source[...] if self.flat else self.source[t])

    def _count(self) -> None:
        # a frame that cannot be read is tried again by whoever asks, and told to them
        with suppress(*FAILURES):
            while not self._closed.is_set() and self._count_next():
                pass

    def _count_next(self) -> bool:
        """Look for the numbers of a frame; whether there was one left."""
        with self._lock:
            if not self._uncounted:
                return False
            # a change from now on is counted again
            t = min(self._uncounted)
            self._uncounted.discard(t)
            changed = t in self._changed
        found = None
        try:
            found = numbers_in(self.read(t) if changed else self._fetch(t))
        finally:
            with self._lock:
                if found is None:
                    self._uncounted.add(t)
                else:
                    self._numbers = np.union1d(self._numbers, found)
        return True

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
        while len(self._raw) > AT_LEAST and len(self._raw) * size > self.memory:
            t = next(iter(self._raw))
            frame = self._raw.pop(t)
            if t in self._changed:
                self._packed[t] = pack(frame)
