"""Conflicts of corrections that the user has settled, and those left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.compose import Conflict
    from napari_cellseg.correction.marks import Mark
    from napari_cellseg.session.corrections import Corrections

KEPT = "kept"
"""Written down of a conflict that was settled for the correction."""


def conflict_key(t: int, conflict: Conflict) -> str:
    """Name a conflict as it is written down; at another place it is another one.

    Examples
    --------
    >>> from napari_cellseg.correction.compose import Conflict
    >>> conflict_key(3, Conflict("on nothing", 7, (10, 20), 0.0, ""))
    'conflict: on nothing, frame 3, cell 7, at 10 20'
    """
    y, x = conflict.place
    return f"conflict: {conflict.kind}, frame {t}, cell {conflict.label}, at {y} {x}"


def keep(corrections: Corrections, t: int, conflict: Conflict) -> None:
    """Settle a conflict of frame t: the correction stands."""
    corrections.judge(conflict_key(t, conflict), KEPT)


def in_the_way(corrections: Corrections, t: int, conflict: Conflict) -> list[int]:
    """Numbers of the corrections that a conflict of frame t ends without.

    The corrected cell that lies on nothing; what covers an automatic cell, which may be
    cells that were deleted, too.
    """
    if conflict.kind == "on nothing":
        return [conflict.label]
    auto = corrections.automatic(t)
    under = auto == auto[conflict.place]

    def covers(mark: Mark) -> bool:
        shapes = (shape for shape in (mark.cell, mark.void) if shape is not None)
        return any(under[shape.box][shape.mask].any() for shape in shapes)

    marks = corrections.marks.get(t, {})
    return [label for label, mark in marks.items() if covers(mark)]


def unsettled(corrections: Corrections, t: int) -> list[Conflict]:
    """Find the conflicts of frame t that the user has not settled."""
    found = corrections.conflicts(t)
    known = corrections.verdicts
    return [conflict for conflict in found if conflict_key(t, conflict) not in known]


def all_unsettled(corrections: Corrections) -> Iterator[tuple[int, Conflict]]:
    """Find those of every frame, by rising frame and number."""
    for t in sorted(corrections.marks):
        for conflict in unsettled(corrections, t):
            yield t, conflict
