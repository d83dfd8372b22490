"""Label frames kept small: the last few as they are, the others compressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from imagecodecs import zstd_decode, zstd_encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

RAW = 4
"""Frames that are kept as they are: those that are worked on."""
LEVEL = 1
"""Of the compression: the quickest; labels are easy."""


@dataclass(frozen=True)
class Packed:
    """A compressed label frame.

    Attributes
    ----------
    shape : tuple of int
        (Y, X).
    dtype : str
        numpy's name of the type.
    data : bytes
        Compressed by Zstandard.
    """

    shape: tuple[int, ...]
    dtype: str
    data: bytes

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        return len(self.data)

    def unpack(self) -> NDArray[np.unsignedinteger]:
        """Return the frame; it may be written to."""
        flat = np.frombuffer(bytearray(zstd_decode(self.data)), self.dtype)
        return flat.reshape(self.shape)


def pack(labels: NDArray[np.unsignedinteger]) -> Packed:
    """Compress a label frame (Y, X).

    Examples
    --------
    >>> packed = pack(np.ones((100, 100), np.uint16))
    >>> packed.nbytes < 100, int(packed.unpack().sum())
    (True, 10000)
    """
    data = zstd_encode(labels.tobytes(), level=LEVEL)
    return Packed(labels.shape, labels.dtype.str, bytes(data))


class PackedFrames:
    """Label frames by index; those not used lately are compressed."""

    def __init__(self) -> None:
        self._packed: dict[int, Packed] = {}
        self._raw: dict[int, NDArray[np.unsignedinteger]] = {}

    def __contains__(self, t: int) -> bool:
        """Whether frame t is held."""
        return t in self._raw or t in self._packed

    def __getitem__(self, t: int) -> NDArray[np.unsignedinteger]:
        """Frame t, not to be written to."""
        if t not in self._raw:
            self[t] = self._packed[t].unpack()
        else:
            self._raw[t] = self._raw.pop(t)
        return self._raw[t]

    def __setitem__(self, t: int, labels: NDArray[np.unsignedinteger]) -> None:
        """Hold frame t, which nobody else writes to."""
        self._packed.pop(t, None)
        self._raw.pop(t, None)
        self._raw[t] = labels
        while len(self._raw) > RAW:
            oldest = next(iter(self._raw))
            self._packed[oldest] = pack(self._raw.pop(oldest))

    def get(
        self, t: int, otherwise: NDArray[np.unsignedinteger]
    ) -> NDArray[np.unsignedinteger]:
        """Frame t, or another where it is not held."""
        if t in self:
            return self[t]
        return otherwise

    def drop(self, t: int) -> None:
        """Hold frame t no more."""
        self._raw.pop(t, None)
        self._packed.pop(t, None)

    @property
    def nbytes(self) -> int:
        """Memory that they take (bytes)."""
        raw = sum(labels.nbytes for labels in self._raw.values())
        return raw + sum(packed.nbytes for packed in self._packed.values())
