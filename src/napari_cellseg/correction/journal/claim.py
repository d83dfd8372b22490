"""One living process at a time writes a journal."""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

_log = logging.getLogger(__name__)

_NO_LOCKS = {
    errno.ENOLCK,
    errno.ENOSYS,
    errno.EINVAL,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
}
"""Said by file systems that cannot lock."""
_ALL = 0o666
"""Another user's stale lock must not stand in the way."""


class Claim:
    """The right to write a journal, until it is released or the process ends.

    A lock of the system on a hidden file beside the journal: it goes with the process,
    however that ends. Where the file system cannot lock, the claim is taken unlocked.
    """

    def __init__(self, lock: FileLock | None) -> None:
        self._lock = lock

    @staticmethod
    def take(path: Path) -> Claim | None:
        """Claim a journal; None if another writer has it, in this process or another.

        Raises
        ------
        OSError
            If the folder cannot be written to.
        """
        lock = FileLock(lock_file(path), mode=_ALL, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            _log.warning("%s is not locked: %s", path, error)
            return Claim(None)
        return Claim(lock)

    def release(self) -> None:
        """Give it up; the hidden file goes too."""
        if self._lock is None:
            return
        hidden = Path(self._lock.lock_file)
        # before the lock is off, or it could be another's; Windows removes no open file
        with suppress(OSError):
            hidden.unlink()
        self._lock.release()
        if os.name == "nt":
            with suppress(OSError):
                hidden.unlink(missing_ok=True)
        self._lock = None


def lock_file(path: Path) -> Path:
    """Name the hidden file of a journal."""
    return path.with_name(f".{path.name}.lock")


def claimed(path: Path) -> bool:
    """Whether a living writer has a journal. Nothing new is left behind."""
    if not lock_file(path).exists():
        return False
    try:
        claim = Claim.take(path)
    except OSError:
        return False
    if claim is None:
        return True
    claim.release()
    return False
