"""Results of stages, kept until the memory granted to them is full."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

DEFAULT_LIMIT = 2 * 1024**3


class StageCache:
    """Least recently used results go first once ``limit`` bytes are exceeded.

    Any number of threads may use it. A result that several want at once is computed by
    the first; the others wait for it.

    Parameters
    ----------
    limit : int
        Bytes held at most; a single larger result is handed on but not kept.

    Attributes
    ----------
    held : int
        Bytes held.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.held = 0
        # with the size that each had when it was put: a result may grow later
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._making: dict[Hashable, Future[Any]] = {}
        self._lock = RLock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._entries

    def find(self, key: Hashable) -> Any:
        """Look a result up; None if it is not held."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def get(
        self,
        key: Hashable,
        compute: Callable[[], T],
        spare: Callable[[Hashable], bool] | None = None,
    ) -> T:
        """Look a result up, or compute and keep it; it must have ``nbytes``.

        What ``compute`` raises is raised in every thread that waits for the result, and
        nothing is kept. ``spare`` is as in `put`.
        """
        with self._lock:
            found: T | None = self.find(key)
            if found is not None:
                return found
            making = self._making.get(key)
            if making is None:
                mine = self._making[key] = Future()
        if making is not None:
            result: T = making.result()
            return result
        try:
            result = compute()
            self.put(key, result, spare)
            mine.set_result(result)
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._making[key]
        return result

    def put(
        self,
        key: Hashable,
        result: Any,
        spare: Callable[[Hashable], bool] | None = None,
    ) -> None:
        """Keep a result, in place of one with the same key.

        Parameters
        ----------
        key : Hashable
            What it will be looked up by.
        result : Any
            With ``nbytes``.
        spare : callable, optional
            Says of which keys the results are not to give way: if there is no room
            without theirs, this one is not kept.
        """
        size = int(result.nbytes)
        with self._lock:
            self._drop(key)
            if size <= self.limit and self._make_room(size, spare):
                self._entries[key] = result, size
                self.held += size

    def resize(self, limit: int) -> None:
        """Hold at most ``limit`` bytes from now on."""
        with self._lock:
            self.limit = limit
            self._make_room(0, None)

    def _make_room(self, size: int, spare: Callable[[Hashable], bool] | None) -> bool:
        """Let go, the least recently used first, until there is room for ``size``."""
        over = self.held + size - self.limit
        going = []
        for key, (_, held) in self._entries.items():
            if over <= 0:
                break
            if spare is None or not spare(key):
                going.append(key)
                over -= held
        if over > 0:
            return False
        for key in going:
            self._drop(key)
        return True

    def _drop(self, key: Hashable) -> None:
        if key in self._entries:
            self.held -= self._entries.pop(key)[1]
