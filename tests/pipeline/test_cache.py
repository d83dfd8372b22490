from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.pipeline import StageCache


def _bytes(n: int) -> np.ndarray:
    return np.zeros(n, np.uint8)


def test_least_recently_used_goes_first() -> None:
    cache = StageCache(limit=30)
    for key in "abc":
        cache.put(key, _bytes(10))
    cache.get("a", lambda: _bytes(10))
    cache.put("d", _bytes(10))
    assert [key in cache for key in "abcd"] == [True, False, True, True]


def test_what_is_held_is_not_computed_again() -> None:
    cache = StageCache()
    first = cache.get("a", lambda: _bytes(3))
    assert cache.get("a", lambda: _bytes(4)) is first


def test_what_is_too_large_is_handed_on_but_not_kept() -> None:
    cache = StageCache(limit=5)
    assert cache.get("a", lambda: _bytes(6)).size == 6
    assert "a" not in cache


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=60))
def test_never_beyond_the_limit(puts: list[tuple[int, int]]) -> None:
    cache = StageCache(limit=100)
    kept = {}
    for key, size in puts:
        cache.put(key, _bytes(size))
        kept[key] = size
        assert cache.held <= 100
        assert cache.held == sum(kept[k] for k in kept if k in cache)


def test_many_threads_compute_a_result_once() -> None:
    cache, computed = StageCache(limit=5), []
    begun, go = Event(), Event()

    def compute() -> np.ndarray:
        begun.set()
        go.wait(10)
        computed.append(1)
        # too large to be kept: who waits gets it all the same
        return _bytes(9)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(cache.get, "a", compute)
        assert begun.wait(10)
        others = [pool.submit(cache.get, "a", compute) for _ in range(3)]
        while len(cache._making) < 1 or any(not f.running() for f in others):
            time.sleep(0.001)
        time.sleep(0.01)
        go.set()
        found = {id(future.result(10)) for future in (first, *others)}
    assert computed == [1]
    assert len(found) == 1


def test_what_fails_is_tried_again() -> None:
    cache = StageCache()

    def fail() -> np.ndarray:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get("a", fail)
    assert cache.get("a", lambda: _bytes(2)).size == 2


def test_a_smaller_limit_holds_at_once() -> None:
    cache = StageCache(limit=30)
    for key in "abc":
        cache.put(key, _bytes(10))
    cache.resize(15)
    assert [key in cache for key in "abc"] == [False, False, True]
    assert cache.held == 10


def test_what_is_spared_stays_and_the_new_is_not_kept() -> None:
    cache = StageCache(limit=30)
    for key in ("old", "new 0", "new 1"):
        cache.put(key, _bytes(10))
    for t in (2, 3):
        cache.put(f"new {t}", _bytes(10), lambda key: str(key).startswith("new"))
    assert [k in cache for k in ("old", "new 0", "new 1", "new 2", "new 3")] == [
        *(False, True, True, True, False)
    ]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=40))
def test_threads_leave_the_account_right(gets: list[tuple[int, int]]) -> None:
    cache = StageCache(limit=150)
    with ThreadPoolExecutor(4) as pool:
        sizes = list(
            pool.map(lambda g: cache.get(g[0], lambda: _bytes(g[1])).size, gets)
        )
    asked = {key: {size for k, size in gets if k == key} for key, _ in gets}
    assert all(size in asked[key] for (key, _), size in zip(gets, sizes, strict=True))
    held = [cache.find(key).nbytes for key in asked if key in cache]
    assert cache.held == sum(held) <= 150
    assert not cache._making
