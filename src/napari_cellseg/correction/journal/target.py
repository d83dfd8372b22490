"""The file that a writer writes: begun when there is something to write."""

from __future__ import annotations

import errno
import os
import shutil
from abc import ABC, abstractmethod
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from napari_cellseg.correction.journal.claim import Claim
from napari_cellseg.correction.journal.place import make_room, names, previous

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FLAGS = os.O_RDWR | getattr(os, "O_BINARY", 0)


class Target(ABC):
    """A journal that grows at its end; an error leaves it whole, and can be retried.

    Parameters
    ----------
    path : Path
        The journal's file.
    claim : Claim or None
        The right to write it; None if it is taken when the file is made.
    """

    def __init__(self, path: Path, claim: Claim | None = None) -> None:
        self.path = path
        self._claim = claim
        self._fd: int | None = None
        self._begun = False
        self._good = 0
        self._safe = 0

    @abstractmethod
    def _begin(self) -> int:
        """Make the file ready to grow, and return its size (bytes)."""

    def write(self, data: bytes) -> None:
        """Add bytes at the end: all of them, or none and an OSError."""
        fd = self._open()
        try:
            os.lseek(fd, self._good, os.SEEK_SET)
            _write_all(fd, data)
        except OSError:
            self._back_to(self._good)
            raise
        self._good += len(data)

    def sync(self) -> None:
        """Have the system put it on the disk.

        Raises
        ------
        OSError
            What was written since the last time may be lost: the file ends before it.
        """
        try:
            fd = self._open()
            os.fsync(fd)
            if not os.path.samestat(os.fstat(fd), self.path.stat()):
                raise FileNotFoundError(errno.ENOENT, "it was replaced", self.path)
        except OSError:
            self._back_to(self._safe)
            raise
        self._safe = self._good

    def close(self) -> None:
        """Close the file and give up the claim."""
        self._shut()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def _open(self) -> int:
        if not self._begun:
            self._good = self._safe = self._begin()
            self._begun = True
        if self._fd is None:
            fd = os.open(self.path, _FLAGS)
            if os.fstat(fd).st_size < self._good:
                os.close(fd)
                raise FileNotFoundError(errno.ENOENT, "it was replaced", self.path)
            self._fd = fd
            os.ftruncate(fd, self._good)
        return self._fd

    def _back_to(self, size: int) -> None:
        """Forget what is beyond; the file is opened again at the next try."""
        self._good = size
        if self._fd is not None:
            with suppress(OSError):
                os.ftruncate(self._fd, size)
        self._shut()

    def _shut(self) -> None:
        if self._fd is not None:
            with suppress(OSError):
                os.close(self._fd)
            self._fd = None


class Same(Target):
    """A journal that goes on where it ends, at `size` bytes."""

    def __init__(self, path: Path, claim: Claim, size: int) -> None:
        super().__init__(path, claim)
        self._size = size

    def _begin(self) -> int:
        return self._size


class Fresh(Target):
    """A journal that is made under the first free name.

    Parameters
    ----------
    path : Path
        The name to take if it is free.
    home : Path
        Else, one of its `names` is taken.
    content : callable
        Gives what it begins with.
    """

    def __init__(self, path: Path, home: Path, content: Callable[[], bytes]) -> None:
        super().__init__(path)
        self._home, self._content = home, content

    def _begin(self) -> int:
        make_room(self.path)
        for path in chain((self.path,), names(self._home)):
            claim = Claim.take(path)
            if claim is None:
                continue
            try:
                size = _made(path, self._content())
            except FileExistsError:
                claim.release()
            except OSError:
                claim.release()
                raise
            else:
                self.path, self._claim = path, claim
                return size
        raise AssertionError  # there is no last name


class Successor(Target):
    """A new generation; the journal so far is kept as the one before.

    Parameters
    ----------
    path : Path
        The journal.
    claim : Claim
        The right to write it.
    content : callable
        Gives what the new generation begins with.
    """

    def __init__(self, path: Path, claim: Claim, content: Callable[[], bytes]) -> None:
        super().__init__(path, claim)
        self._content = content

    def _begin(self) -> int:
        new = self.path.with_name(f".{self.path.name}.new")
        new.unlink(missing_ok=True)
        size = _made(new, self._content())
        if self.path.stat().st_size:
            _keep(self.path)
        new.replace(self.path)
        _sync_folder(self.path)
        return size


def _made(path: Path, content: bytes) -> int:
    """Make a file that must not be there; none is left if that fails."""
    fd = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write_all(fd, content)
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
    _sync_folder(path)
    return len(content)


def _keep(path: Path) -> None:
    """Give a journal a second name, that of the generation before.

    A name instead of a move: at no moment is there no journal under its own.
    """
    beside = path.with_name(f".{path.name}.old")
    beside.unlink(missing_ok=True)
    try:
        beside.hardlink_to(path)
    except OSError:  # a file system without links
        shutil.copyfile(path, beside)
    beside.replace(previous(path))
    # where both are names of one file, nothing was moved
    beside.unlink(missing_ok=True)


def _write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _sync_folder(path: Path) -> None:
    """Have the name of a file survive a power cut, where the system can do that."""
    with suppress(OSError):
        fd = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
