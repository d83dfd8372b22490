"""Merge: drag across cells, or click one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.correction import edits
from napari_cellseg.errors import EditError
from napari_cellseg.widgets.correct.tools.tool import Gesture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.widgets.correct.desk import Desk
    from napari_cellseg.widgets.correct.tools.tool import Place


class Merge(Gesture):
    """Gives the cells the number of the first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._first = 0

    def click(self, place: Place) -> None:
        """Take the first cell, then the second."""
        t, label = place[0], self.desk.cell(place)
        if not self._first or self.t != t:
            self.t, self._first, self.seeds = t, label, [place[1:]]
            self.desk.hinted.emit(f"Merge {label} with the cell that you click next.")
            return
        first = self._first
        if label == first:
            raise EditError(f"That is cell {label} too: click another one.")
        self._first, self.seeds = 0, []
        self._merge(t, [first, label])

    def drag(self, t: int, line: list[tuple[float, float]]) -> None:
        """Merge what lies under the line."""
        ids = edits.ids_along(self.desk.frame(t), line)
        if len(ids) < 2:
            raise EditError("The line must cross two cells or more to merge them.")
        self._first, self.seeds = 0, []
        self._merge(t, ids)

    def _merge(self, t: int, ids: list[int]) -> None:
        names = f"{', '.join(map(str, ids[:-1]))} and {ids[-1]}"
        self.desk.over(f"Merge {names}", t, ids, _merged)


def _merged(
    t: int, labels: NDArray[np.unsignedinteger], ids: list[int]
) -> Patch | None:
    return edits.merge(labels, ids) if len(ids) > 1 else None
