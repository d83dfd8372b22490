"""Finished label frames on disk, until the last one is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import tifffile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Spool(Sequence["NDArray[Any]"]):
    """Label frames kept in a hidden folder, so that memory does not grow with them.

    If the process is killed they stay there, one TIFF a frame.

    Parameters
    ----------
    folder : Path
        Where the hidden folder is made; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
        self._count = 0
        self._kept = False

    def append(self, labels: NDArray[Any]) -> None:
        """Put the next frame, (Y, X) of unsigned integers, at the end."""
        tifffile.imwrite(
            self._file(self._count),
            labels,
            compression="zlib",
            photometric="minisblack",
            metadata=None,
        )
        self._count += 1

    def keep(self, place: Path) -> Path:
        """Keep the frames for good; where they are then.

        Parameters
        ----------
        place : Path
            The folder's new name; numbered if there is one already. Where it cannot be
            renamed, the frames stay where they are.
        """
        self._kept = True
        self._count = 0
        numbered = (place.with_name(f"{place.name}-{n}") for n in count(2))
        free = next(p for p in chain([place], numbered) if not p.exists())
        with suppress(OSError):
            self._folder = self._folder.rename(free)
        return self._folder

    def remove(self) -> None:
        """Remove the frames, unless they are kept."""
        if not self._kept:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[NDArray[Any]]: ...

    def __getitem__(self, index: int | slice) -> NDArray[Any] | list[NDArray[Any]]:
        """Read a frame, or some."""
        if isinstance(index, slice):
            return [self[t] for t in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        return np.asarray(tifffile.imread(self._file(index % len(self))))

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[t] for t in range(len(self)))

    def _file(self, index: int) -> Path:
        return self._folder / f"frame{index:05d}.tif"
