"""Finished label frames on disk, until the last one is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
import tifffile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Labels = NDArray[np.unsignedinteger[Any]]


class Spool(Sequence["Labels"]):
    """Label frames kept in a hidden folder, so that memory does not grow with them.

    A context manager: the folder goes when the block ends. If the process is killed it
    stays, one TIFF a frame.

    Parameters
    ----------
    folder : Path
        Where the hidden folder is made; it must exist.

    Attributes
    ----------
    largest : int
        Largest id so far.
    objects : int
        Number of objects of all frames.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
        self._count = 0
        self.largest = 0
        self.objects = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def append(self, labels: Labels) -> None:
        """Put the next frame, (Y, X) of unsigned integers, at the end."""
        present = np.unique(labels)
        tifffile.imwrite(
            self._file(self._count),
            labels,
            compression="zlib",
            photometric="minisblack",
            metadata=None,
        )
        self.largest = max(self.largest, int(present[-1]) if present.size else 0)
        self.objects += int(np.count_nonzero(present))
        self._count += 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint16 while the ids fit, uint32 beyond."""
        return np.dtype(np.uint16 if self.largest < 2**16 else np.uint32)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Labels: ...
    @overload
    def __getitem__(self, index: slice) -> list[Labels]: ...

    def __getitem__(self, index: int | slice) -> Labels | list[Labels]:
        """Read a frame, or some."""
        if isinstance(index, slice):
            return [self[t] for t in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        labels = tifffile.imread(self._file(index % len(self)))
        return np.asarray(labels).astype(self.dtype, copy=False)

    def __iter__(self) -> Iterator[Labels]:
        return (self[t] for t in range(len(self)))

    def _file(self, index: int) -> Path:
        return self._folder / f"frame{index:05d}.tif"
