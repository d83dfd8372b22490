"""The cells of a frame as rows of a table that sorts by any column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from qtpy.QtGui import QIcon

TITLES = ("Cell", "Status", "px²", "µm²", "Doubt")
TIPS = (
    "Number of the cell.",
    "How it came about: auto, edited by hand, or locked against edits.",
    "Area in pixels.",
    "Area in µm², by the size of a pixel.",
    "How near the network's probability is to the threshold along the outline: 1 is "
    "at it.",
)
CELL, STATUS, PIXELS, AREA, DOUBT = range(len(TITLES))


@dataclass(frozen=True, eq=False)
class Rows:
    """N cells, by rising number.

    Attributes
    ----------
    labels, pixels : int64 (N,)
        Their numbers, and areas (px²).
    status : str (N,)
        ``auto``, ``edited`` or ``locked``.
    area : float64 (N,) or None
        µm²; None where the size of a pixel is not known.
    doubt : float64 (N,) or None
        0 to 1; None where nothing is known of it.
    """

    labels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    pixels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    status: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, "<U6"))
    area: NDArray[np.float64] | None = None
    doubt: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return self.labels.size

    @property
    def columns(self) -> tuple[NDArray[Any] | None, ...]:
        """By the number of the column; None is not shown."""
        return self.labels, self.status, self.pixels, self.area, self.doubt


class CellModel(QAbstractTableModel):
    """Rows in the order of a column; texts are made of those on screen alone.

    Parameters
    ----------
    icons : dict of str to QIcon
        By status.
    """

    def __init__(self, icons: dict[str, QIcon] | None = None) -> None:
        super().__init__()
        self.rows = Rows()
        self._icons = icons or {}
        self._order = np.zeros(0, np.int64)
        self._by = CELL, Qt.SortOrder.AscendingOrder

    def show(self, rows: Rows) -> None:
        """Show other rows, in the same order."""
        self.beginResetModel()
        self.rows = rows
        self._order = self._ordered()
        self.endResetModel()

    def label_at(self, row: int) -> int:
        """Return the number of the cell in a row."""
        return int(self.rows.labels[self._order[row]])

    def row_of(self, label: int) -> int | None:
        """Return the row of a cell; None if it is not there."""
        found = np.flatnonzero(self.rows.labels[self._order] == label)
        return int(found[0]) if found.size else None

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt's: number of cells."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt's: number of columns, hidden ones included."""
        return 0 if parent is not None and parent.isValid() else len(TITLES)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Qt's: title of a column, and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<p>{TIPS[section]}</p>"
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's: what a field shows."""
        if not index.isValid():
            return None
        i, column = self._order[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(i, column)
        if role == Qt.ItemDataRole.DecorationRole and column == STATUS:
            return self._icons.get(str(self.rows.status[i]))
        if role == Qt.ItemDataRole.TextAlignmentRole and column != STATUS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(
        self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder
    ) -> None:
        """Qt's: order the rows by a column; ties by rising number."""
        self._by = column, order
        self.layoutAboutToBeChanged.emit()
        self._order = self._ordered()
        self.layoutChanged.emit()

    def _ordered(self) -> NDArray[np.int64]:
        column, order = self._by
        values = self.rows.columns[column]
        if values is None:
            return np.arange(len(self.rows))
        ranks = np.unique(values, return_inverse=True)[1].astype(np.int64)
        falling = order == Qt.SortOrder.DescendingOrder
        # what is not known comes last either way
        if values.dtype.kind == "f":
            ranks[np.isnan(values)] = -1 if falling else ranks.size
        return np.argsort(-ranks if falling else ranks, kind="stable")

    def _text(self, i: int, column: int) -> str:
        values = self.rows.columns[column]
        if values is None:
            return ""
        if column == STATUS:
            return str(values[i])
        if column == DOUBT:
            return "" if np.isnan(values[i]) else f"{values[i]:.2f}"
        if column == AREA:
            return f"{values[i]:.1f}" if values[i] < 100 else f"{values[i]:.0f}"
        return str(values[i])
