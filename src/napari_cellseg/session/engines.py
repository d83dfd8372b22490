"""The engines of the last few stacks: one can go back to what was predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

if TYPE_CHECKING:
    from collections.abc import Hashable

    from napari_cellseg.session.engine import Engine

MOST = 4
"""Engines that are kept: each may hold a network on the device."""


@dataclass(frozen=True)
class Place:
    """Where a stack comes from.

    Attributes
    ----------
    owner : object
        An engine is kept while this lives.
    data : object
        What the frames are read from: other data are other frames.
    choice : Hashable
        What of it is taken.
    """

    owner: object
    data: object
    choice: Hashable


@dataclass(frozen=True, eq=False)
class _Kept:
    owner: ReferenceType[Any]
    data: object
    choice: Hashable
    engine: Engine

    def is_at(self, place: Place) -> bool:
        same = self.owner() is place.owner and self.data is place.data
        return same and self.choice == place.choice


class Engines:
    """Keeps engines by the place of their stack, within one limit of memory.

    The one in use has all the memory that the others do not hold; these hold half of it
    at most, the newest first. Called in one thread.
    """

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def find(self, place: Place, device: str) -> Engine | None:
        """Return the engine of a place that works on a device, if one is kept."""
        for kept in self._kept:
            if kept.is_at(place) and kept.engine.device == device:
                return kept.engine
        return None

    def keep(self, place: Place, engine: Engine) -> None:
        """Keep an engine, the newest, as long as its owner lives."""
        owner = ref(place.owner, self._on_gone)
        others = [kept for kept in self._kept if kept.engine is not engine]
        newest = _Kept(owner, place.data, place.choice, engine)
        self._kept = [newest, *others][:MOST]

    def drop(self, owner: object) -> None:
        """Forget the engines of an owner that is gone."""
        self._kept = [kept for kept in self._kept if kept.owner() is not owner]

    def held(self, used: Engine | None) -> int:
        """Bytes of results that are kept, with those of an engine in use."""
        engines = {kept.engine for kept in self._kept} | {used}
        return sum(engine.held for engine in engines if engine is not None)

    def share(self, used: Engine | None, memory: int) -> None:
        """Grant memory (bytes) to an engine in use, and what is left to the others."""
        left = memory // 2 if used is not None else memory
        taken = 0
        for engine in (kept.engine for kept in self._kept):
            if engine is used:
                continue
            if engine.held > left:
                engine.grant(left)
            left -= engine.held
            taken += engine.held
        if used is not None:
            used.grant(memory - taken)

    def _on_gone(self, owner: ReferenceType[Any]) -> None:
        self._kept = [kept for kept in self._kept if kept.owner is not owner]
