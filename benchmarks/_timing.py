"""Time pieces of work in turns, so that a busy moment strikes all of them alike."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def milliseconds(*works: Callable[[], object], runs: int) -> list[float]:
    """Median of each after one run that does not count."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs + 1):
        for work, taken in zip(works, times, strict=True):
            begin = perf_counter()
            work()
            taken.append(1000 * (perf_counter() - begin))
    return [median(taken[1:]) for taken in times]


def table(*columns: str) -> None:
    """Print the head of a table."""
    row(*columns)
    row(*("---" for _ in columns))


def row(*cells: object) -> None:
    """Print a row as soon as it is known."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
