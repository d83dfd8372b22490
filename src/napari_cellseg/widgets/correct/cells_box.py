"""A table of the cells of the frame on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, QTimer
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.correction.measure import measure
from napari_cellseg.widgets.correct.camera import centre, on_screen
from napari_cellseg.widgets.correct.cell_model import (
    AREA,
    DOUBT,
    STATUS,
    CellModel,
    Rows,
)
from napari_cellseg.widgets.correct.evidence import evidence_of
from napari_cellseg.widgets.correct.hearing import Hearing
from napari_cellseg.widgets.correct.icons import SIZE as ICON
from napari_cellseg.widgets.correct.icons import status_icons
from napari_cellseg.widgets.layers.source import pixel_height, pixel_size
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from napari.layers import Labels
    from qtpy.QtGui import QHideEvent, QShowEvent

    from napari_cellseg.correction.measure import CellTable
    from napari_cellseg.widgets.layers.corrected import Corrected

PAUSE = 100
"""What changed is measured anew so much later (ms): drawing it comes first."""
ROWS = 8
"""Rows that are seen at once."""
ROW = 22
"""Height of a row (px)."""


class CellsBox(QWidget):
    """Number, status, area and doubt of each cell; a click goes to the cell.

    Nothing is measured while it is hidden.

    Attributes
    ----------
    failed : Signal
        What went wrong, in words for the user.
    """

    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.corrected: Corrected | None = None
        self.model = CellModel(status_icons())
        self.table = QTableView()
        self._hearing = Hearing(self)
        self._layer: Labels | None = None
        self._measured: CellTable | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE)
        self._soon.timeout.connect(self.refresh)
        self._dress()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.table.clicked.connect(self._on_click)
        self._show_rows(Rows())

    def show(self, corrected: Corrected | None = None) -> None:
        """Show the cells of another layer, or of none, and listen to it alone."""
        self.corrected = corrected
        # the corrections do not keep the layer
        self._layer = corrected.layer if corrected is not None else None
        self._hearing.end()
        if corrected is not None:
            selected = corrected.layer.events.selected_label
            self._hearing.to(
                (corrected.changed, self._on_changed), (selected, self._highlight)
            )
        self._on_changed()

    def refresh(self) -> None:
        """Measure the frame on screen."""
        corrected = self.corrected
        if corrected is None or corrected.lacking:
            self._measured = None
            self._show_rows(Rows())
            return
        t, evidence = corrected.t, evidence_of(corrected, images=False)
        probability, threshold = evidence.probability(t), evidence.threshold(t)
        self._measured = table = measure(
            corrected.frame,
            probability=probability,
            threshold=threshold,
        )
        layer, axes = corrected.layer, corrected.axes
        size = pixel_size(layer, axes)
        height = pixel_height(layer, axes) or size
        marks = corrected.corrections.marks.get(t, {})
        area = np.float64(size * height) * table.area if size and height else None
        doubt = table.doubt if probability is not None else None
        status = np.full(len(table), "auto", "<U6")
        for label in marks:
            if (row := table.row(label)) is not None:
                status[row] = corrected.corrections.status(t, label)
        self._show_rows(Rows(table.label, table.area, status, area, doubt))

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt's: what was not measured while it was hidden is measured now."""
        super().showEvent(event)
        self._on_changed()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Qt's: measure nothing any more."""
        self._soon.stop()
        super().hideEvent(event)

    def _on_changed(self) -> None:
        # the first change of several starts the clock, so that a movie that plays
        # is measured now and then
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _show_rows(self, rows: Rows) -> None:
        bar = self.table.verticalScrollBar()
        at = bar.value() if bar is not None else 0
        self.model.show(rows)
        for column in (AREA, DOUBT):
            self.table.setColumnHidden(column, rows.columns[column] is None)
        if bar is not None:
            bar.setValue(at)
        self._highlight()

    def _highlight(self, event: Any = None) -> None:
        """Select the row of the layer's selected cell."""
        if not self.isVisible() or self.corrected is None:
            return
        selection = self.table.selectionModel()
        row = self.model.row_of(int(self.corrected.layer.selected_label))
        if row is None or selection is None:
            self.table.clearSelection()
            return
        flag = QItemSelectionModel.SelectionFlag
        index = self.model.index(row, 0)
        selection.setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
        self.table.scrollTo(index)

    def _on_click(self, index: QModelIndex) -> None:
        """Select the cell in the layer, and look at it if it is not seen."""
        corrected, table = self.corrected, self._measured
        if corrected is None or table is None:
            return
        label = self.model.label_at(index.row())
        row = table.row(label)
        corrected.layer.selected_label = label
        if row is not None:
            y, x = table.centroid[row]
            if not on_screen(corrected, (float(y), float(x))):
                centre(corrected, (float(y), float(x)))

    def _dress(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setIconSize(QSize(ICON, ICON))
        table.setShowGrid(False)
        table.setWordWrap(False)
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        assert rows is not None
        assert columns is not None
        # rows of one height: none of them is asked for its own
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        rows.hide()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(STATUS, QHeaderView.ResizeMode.Fixed)
        columns.resizeSection(STATUS, ICON + 6 * columns.fontMetrics().height())
        columns.setMinimumSectionSize(40)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setFixedHeight(columns.sizeHint().height() + ROWS * ROW + 2)
