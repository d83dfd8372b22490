"""Steps of writing beside and renaming, and words for what the system refuses."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from napari_cellseg.errors import OutputError

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
    errno.ENAMETOOLONG: "its name is too long: choose a shorter one",
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
        unknown = f"{error.strerror or error}: choose another folder"
        why = _WHY.get(error.errno or 0, unknown)
        raise OutputError(f"{path}: cannot be written: {why}") from error


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
