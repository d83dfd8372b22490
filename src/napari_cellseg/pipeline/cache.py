"""Results of stages, kept until the memory granted to them is full."""

from __future__ import annotations

from collections import OrderedDict
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

DEFAULT_LIMIT = 2 * 1024**3


class StageCache:
    """Least recently used results go first once ``limit`` bytes are exceeded.

    Parameters
    ----------
    limit : int
        Bytes held at most; a single larger result is handed on but not kept.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.held = 0
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = RLock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Look a result up, or compute and keep it; it must have ``nbytes``."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]  # type: ignore[no-any-return]
        result = compute()
        self.put(key, result)
        return result

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result."""
        if result.nbytes > self.limit:
            return
        with self._lock:
            if key in self._entries:
                self.held -= self._entries.pop(key).nbytes
            self._entries[key] = result
            self.held += result.nbytes
            while self.held > self.limit:
                _, oldest = self._entries.popitem(last=False)
                self.held -= oldest.nbytes
