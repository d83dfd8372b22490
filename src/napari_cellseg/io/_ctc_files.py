"""The files of a challenge result: written to ``partial``, then moved."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import numpy as np
import tifffile

from napari_cellseg.io._atomic import writing
from napari_cellseg.io._free import check_free

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

MASK = re.compile(r"mask(\d+)\.tif", re.IGNORECASE)
PARTIAL = "partial"


def save_frame(path: Path, labels: np.ndarray) -> None:
    """Write one label frame, whole or not at all."""
    beside = path.with_name(f".{path.name}")
    tifffile.imwrite(
        beside, labels, compression="zlib", photometric="minisblack", metadata=None
    )
    beside.replace(path)


class CtcFolder:
    """A result in the making; a context manager.

    Frames go to ``folder/partial`` one by one; `commit` moves them all to the folder.
    Without it they stay where they are.

    Raises
    ------
    OutputError
        If the folder holds a result or other TIFF files and `overwrite` is not set,
        or cannot be written.
    """

    def __init__(self, folder: Path, overwrite: bool = False) -> None:
        self.folder = folder
        self.part = folder / PARTIAL
        self.count = 0
        self._done = False
        check_free(folder, overwrite, folder=True)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if self.part.is_dir():
                shutil.rmtree(self.part)
            self.part.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._done or not self.count:
            shutil.rmtree(self.part, ignore_errors=True)

    @property
    def kept(self) -> Path | None:
        """Where finished frames lie while the result is not complete."""
        return None if self._done or not self.count else self.part

    def add(self, labels: np.ndarray) -> None:
        """Write the next frame."""
        with writing(self.folder):
            path = self.part / f"mask{self.count:04d}.tif"
            save_frame(path, labels.astype(np.uint16, copy=False))
        self.count += 1

    @contextmanager
    def open(self, name: str) -> Iterator[Path]:
        """Give the path for one more file of the result."""
        with writing(self.folder):
            yield self.part / name

    def commit(self) -> None:
        """Move the files to the folder; an older result goes when they are there.

        If a file cannot be moved, all are moved back.
        """
        with writing(self.folder):
            old = self.folder / f".old-{uuid4().hex[:8]}"
            old.mkdir()
            moved: list[tuple[Path, Path]] = []
            try:
                for path, place in self._moves(old):
                    path.replace(place)
                    moved.append((path, place))
            except BaseException:
                for path, place in reversed(moved):
                    place.replace(path)
                old.rmdir()
                raise
            shutil.rmtree(old)
        self._done = True

    def _moves(self, old: Path) -> Iterator[tuple[Path, Path]]:
        for path in list(self.folder.iterdir()):
            if MASK.fullmatch(path.name) or path.name == "res_track.txt":
                yield path, old / path.name
        # the table last: without it the result is seen to be incomplete
        for path in sorted(self.part.iterdir()):
            yield path, self.folder / self._name(path)

    def _name(self, path: Path) -> str:
        mask = MASK.fullmatch(path.name)
        return mask_name(int(mask[1]), self.count) if mask else path.name


def mask_name(number: int, count: int) -> str:
    """Name of a frame's mask: four digits from 1000 frames on, else three.

    Examples
    --------
    >>> mask_name(7, 20), mask_name(7, 1000)
    ('mask007.tif', 'mask0007.tif')
    """
    return f"mask{number:0{4 if count >= 1000 else 3}d}.tif"


def mask_files(folder: Path) -> list[tuple[int, Path]]:
    """Numbers and paths of the masks in a folder, by number."""
    found = ((MASK.fullmatch(p.name), p) for p in folder.iterdir())
    return sorted((int(m[1]), p) for m, p in found if m)
