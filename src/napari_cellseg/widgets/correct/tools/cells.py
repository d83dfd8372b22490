"""Tools that need one cell: delete, fill holes, smooth, separate, relabel, renew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.correction import edits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.widgets.correct.desk import Desk
    from napari_cellseg.widgets.correct.tools.tool import Place

    Labels = NDArray[np.unsignedinteger]


def delete(desk: Desk, place: Place) -> None:
    """Delete the cell."""
    label = desk.cell(place)
    desk.over(
        f"Delete {label}", place[0], [label], lambda t, a, ids: edits.delete(a, ids)
    )


def fill(desk: Desk, place: Place) -> None:
    """Fill the holes of the cell."""
    label = desk.cell(place)
    desk.over(
        f"Fill holes of {label}",
        place[0],
        [label],
        lambda t, a, ids: edits.fill_holes(a, ids),
        nothing=f"Cell {label} has no holes.",
    )


def smooth(desk: Desk, place: Place) -> None:
    """Smooth the outline of the cell."""
    label = desk.cell(place)
    desk.over(
        f"Smooth {label}",
        place[0],
        [label],
        lambda t, a, ids: edits.smooth(a, ids),
        nothing=f"Cell {label} is smooth already.",
    )


def separate(desk: Desk, place: Place) -> None:
    """Make the pieces of the cell cells of their own, in this frame."""
    t, label = place[0], desk.cell(place)
    patch = edits.separate(desk.frame(t), label, desk.corrections.new_label(t))
    desk.edit(f"Separate {label} in frame {t}", {t: patch})


def relabel(desk: Desk, place: Place) -> None:
    """Ask for a number, and give it to the cell."""
    t, label = place[0], desk.cell(place)

    def give(number: int) -> None:
        desk.over(
            f"Relabel {label} as {number}",
            t,
            [label],
            lambda u, a, ids: edits.relabel(a, ids[0], number),
        )

    desk.asked.emit(f"Cell {label} gets number", label, give)


def renew(desk: Desk, place: Place) -> None:
    """Give the cell a number that no other has."""
    t, label = place[0], desk.cell(place)
    corrections = desk.corrections
    new = corrections.new_label(t)

    def give(u: int, labels: Labels, ids: list[int]) -> Patch:
        # numbers that hold over time are free in all frames; others frame by frame
        free = new if corrections.by_number or u == t else corrections.new_label(u)
        return edits.renew(labels, ids[0], free)

    desk.over(f"New number for {label}", t, [label], give)
