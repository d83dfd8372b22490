"""Write beside, then rename: a result is there whole or not at all, and in no way."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from napari_cellseg.errors import OutputError
from napari_cellseg.io._atomic import remove, replace, writing
from napari_cellseg.io._names import is_zarr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NAMED = 3


def check_free(
    path: Path, overwrite: bool, *, folder: bool = False, beside: Iterable[str] = ()
) -> None:
    """Refuse, before any work, a place that cannot be written to.

    Parameters
    ----------
    path : Path
        A file, an OME-Zarr, or the folder of a challenge result.
    overwrite : bool
        Results that are there may be replaced: a file by a file, an OME-Zarr by either.
    folder : bool
        It is the folder of a challenge result: other files than masks, their table and
        further TIFF files are in nobody's way there.
    beside : iterable of str
        Names of other files beside it that would be replaced.

    Raises
    ------
    OutputError
        If results are there and may not be replaced, a folder is in the place of a
        file, or the folder that it goes into, or is made in, may not be written to.
    """
    with writing(path):
        _check_reachable(path if folder else path.parent)
        held = sorted({*_held(path, folder), *beside})
    if held and not overwrite:
        more = ", ..." if len(held) > _NAMED else ""
        raise OutputError(
            f"{path if folder else path.parent}: holds results already "
            f"({', '.join(held[:_NAMED])}{more}): choose another folder, or replace "
            "them with --overwrite"
        )


def _held(path: Path, folder: bool) -> list[str]:
    """Names of what a result would replace, or be mixed with."""
    if folder:
        return [n for n in os.listdir(path) if _is_result(n)] if path.exists() else []
    if not path.is_dir():
        return [path.name] if path.exists() else []
    if not is_zarr(path):
        raise OutputError(
            f"{path}: is a folder, which no file replaces: choose another place"
        )
    return [path.name] if any(path.iterdir()) else []


def _is_result(name: str) -> bool:
    """Whether a file is part of a challenge result or would pass for a mask."""
    return not name.startswith(".") and (
        name == "res_track.txt" or name.lower().endswith((".tif", ".tiff"))
    )


def _check_reachable(folder: Path) -> None:
    """Look at the nearest folder that is there; nothing is made."""
    whole = folder.absolute()
    there = next(p for p in (whole, *whole.parents) if p.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "may not be written to")


@contextmanager
def staged(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Give a place beside `path` that takes its name when the block ends well.

    Parameters
    ----------
    path : Path
        A file or an OME-Zarr folder; folders above it are made.
    overwrite : bool
        What is there may be replaced, once the new one is complete.

    Yields
    ------
    Path
        Does not exist yet; of the same suffix. Removed if the block raises.

    Raises
    ------
    OutputError
        If something is there that may not be replaced, or the place cannot be written.
    """
    check_free(path, overwrite)
    beside = path.with_name(f".{path.stem}-{uuid4().hex[:8]}{path.suffix}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield beside
            replace(beside, path)
        finally:
            remove(beside)
