"""Write beside, then rename: a result is there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from napari_cellseg.errors import OutputError
from napari_cellseg.io._names import is_zarr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WHY = {
    errno.ENOSPC: "the disk is full: free some space or choose another folder",
    errno.EDQUOT: "your quota is used up: free some space or choose another folder",
    errno.EROFS: "the disk is read-only: choose another folder",
    errno.EACCES: "you may not write there: choose another folder",
    errno.EPERM: "you may not write there: choose another folder",
    errno.ENOTDIR: "a part of its path is a file: choose another folder",
    errno.EEXIST: "a file of that name is in the way: choose another folder",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's errors into one that names `path` and what to do.

    Raises
    ------
    OutputError
        For any OSError within.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        why = _WHY.get(error.errno or 0, str(error))
        raise OutputError(f"{path}: cannot be written: {why}") from error


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


def check_free(path: Path, overwrite: bool) -> None:
    """Refuse, before any work, a place that cannot be written to.

    What is there is replaced only if asked, a folder only by a folder.

    Raises
    ------
    OutputError
        If `path` exists and `overwrite` is not set, it is a folder and no OME-Zarr, or
        the folder that it goes into, or is made in, may not be written to.
    """
    with writing(path):
        _check_above(path)
        held = path.exists()
        if held and path.is_dir():
            if not is_zarr(path):
                raise OutputError(
                    f"{path}: is a folder, which no file replaces: choose another place"
                )
            held = any(path.iterdir())
    if held and not overwrite:
        raise OutputError(
            f"{path}: is there already: choose another place, or replace it with "
            "--overwrite"
        )


def _check_above(path: Path) -> None:
    """Look at the nearest folder that is there; nothing is made."""
    above = next(p for p in path.absolute().parents if p.exists())
    if not above.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "may not be written to")


def replace(new: Path, path: Path) -> None:
    """Rename `new` to `path`; what was there goes last.

    A folder cannot be renamed onto another: the old one is moved aside first and
    removed when the new one is in its place.
    """
    if not path.is_dir():
        new.replace(path)
        return
    old = path.with_name(f".{path.stem}-{uuid4().hex[:8]}.old")
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old)


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
