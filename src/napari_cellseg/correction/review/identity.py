"""Which suspects a verdict still holds for.

A verdict is about a cell at a place of a frame, for the reasons that were known.
Numbers change with every run, so its key is made of the frame, the place, the area and
the kinds of reasons. It holds for a suspect of the same frame that lies within a
quarter of the radius, has at most 1.25 times the area or as much less, and is not
doubted for a kind of reason that is new: a cell that was retouched stays judged, one
that was split, merged, redrawn or is odd in another way comes up again.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot, pi, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MOVE = 0.25
"""Farthest move (radii of the disk of the same area); a pixel is always allowed."""
GROWTH = 1.25
"""Greatest ratio of areas."""


class _Parts(NamedTuple):
    t: int
    y: int
    x: int
    area: int
    kinds: frozenset[str]


def key(t: int, place: tuple[float, float], area: int, kinds: Iterable[str]) -> str:
    """Write what a verdict is kept under.

    Examples
    --------
    >>> key(3, (10.4, 20.6), 120, ["area", "split"])
    '3:10:21:120:area,split'
    """
    y, x = place
    return f"{t}:{round(y)}:{round(x)}:{area}:{','.join(kinds)}"


@lru_cache(maxsize=2**16)
def _parts(written: str) -> _Parts:
    t, y, x, area, kinds = written.split(":")
    return _Parts(int(t), int(y), int(x), int(area), frozenset(kinds.split(",")))


def frame(written: str) -> int:
    """Frame of a key.

    Raises
    ------
    ValueError
        If it is no key.

    Examples
    --------
    >>> frame("3:10:21:120:area,split")
    3
    """
    return _parts(written).t


def holds(then: str, now: str) -> bool:
    """Whether a verdict that was given under one key holds for another.

    Examples
    --------
    >>> holds("3:10:21:120:area,split", "3:11:21:130:area")
    True
    >>> holds("3:10:21:120:area", "3:10:21:120:area,split")
    False
    >>> holds("3:10:21:120:area", "3:10:21:240:area")
    False
    """
    old, new = _parts(then), _parts(now)
    small, large = sorted((old.area, new.area))
    away = hypot(new.y - old.y, new.x - old.x)
    return (
        old.t == new.t
        and new.kinds <= old.kinds
        and large <= GROWTH * small
        and away <= max(1, MOVE * sqrt(old.area / pi))
    )
