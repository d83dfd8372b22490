from __future__ import annotations

import numpy as np
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
