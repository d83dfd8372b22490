"""Where corrections and automatic cells do not agree, and who is to win."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.errors import CellsegError
from napari_cellseg.session.conflicts import all_unsettled, in_the_way, keep
from napari_cellseg.widgets.correct.camera import centre
from napari_cellseg.widgets.correct.hearing import Hearing
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from napari_cellseg.correction.compose import Conflict
    from napari_cellseg.widgets.layers.corrected import Corrected

ROWS = 3
"""Conflicts that are seen at once, of two lines each."""
_DATA = Qt.ItemDataRole.UserRole
_KEEP = "Leave the cell as you corrected it, and list this no more."
_TAKE = (
    "Give your correction of this cell up, or those that cover it: the frame shows "
    "what is automatic there."
)


class ConflictsBox(QWidget):
    """Conflicts of all frames; hidden while there are none.

    Attributes
    ----------
    failed : Signal
        What went wrong, in words for the user.
    """

    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.corrected: Corrected | None = None
        self._hearing = Hearing(self)
        self.words = QLabel()
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.keep = QPushButton("Keep mine")
        self.keep.setToolTip(f"<p>{_KEEP}</p>")
        self.take = QPushButton("Take automatic")
        self.take.setToolTip(f"<p>{_TAKE}</p>")
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        self._lay_out()
        self.list.itemClicked.connect(self._on_click)
        self.list.currentItemChanged.connect(lambda *_: self._show_buttons())
        self.keep.clicked.connect(self.keep_mine)
        self.take.clicked.connect(self.take_automatic)
        self.refresh()

    def show(self, corrected: Corrected | None = None) -> None:
        """Show the conflicts of another layer, or of none, and listen to it alone."""
        self.corrected = corrected
        self._hearing.end()
        if corrected is not None:
            signals = corrected.changed, corrected.corrections.noted
            self._hearing.to(*((signal, self._on_changed) for signal in signals))
        self.refresh()

    def refresh(self) -> None:
        """List the conflicts that the user has not settled."""
        corrections = self.corrected.corrections if self.corrected else None
        found = [] if corrections is None else list(all_unsettled(corrections))
        if found != self._listed():
            self._list(found)
        self._show_buttons()
        self.setVisible(bool(found))

    def keep_mine(self) -> None:
        """Settle the chosen conflict: the correction stands."""
        if self.corrected is not None and (chosen := self._chosen()) is not None:
            keep(self.corrected.corrections, *chosen)

    def take_automatic(self) -> None:
        """Give the correction of the chosen conflict up."""
        chosen = self._chosen()
        if self.corrected is None or chosen is None:
            return
        corrections = self.corrected.corrections
        try:
            corrections.release(chosen[0], in_the_way(corrections, *chosen))
        except CellsegError as error:
            self.failed.emit(str(error))

    def _on_changed(self) -> None:
        self._soon.start(0)

    def _listed(self) -> list[tuple[int, Conflict]]:
        items = (self.list.item(i) for i in range(self.list.count()))
        return [item.data(_DATA) for item in items if item is not None]

    def _list(self, found: list[tuple[int, Conflict]]) -> None:
        at = self.list.currentRow()
        self.list.clear()
        for t, conflict in found:
            item = QListWidgetItem(f"Frame {t}: {conflict.words}")
            item.setData(_DATA, (t, conflict))
            item.setToolTip(f"<p>{conflict.words}</p>")
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(at, 0), len(found) - 1))
        lines = 2 * min(len(found), ROWS)
        self.list.setFixedHeight(lines * self.list.fontMetrics().lineSpacing() + 8)
        one = "Your corrections and the automatic cells do not agree in 1 place:"
        many = one.replace("1 place", f"{len(found)} places")
        self.words.setText(one if len(found) == 1 else many)

    def _chosen(self) -> tuple[int, Conflict] | None:
        item = self.list.currentItem()
        found: tuple[int, Conflict] | None = item.data(_DATA) if item else None
        return found

    def _show_buttons(self) -> None:
        for button in (self.keep, self.take):
            button.setEnabled(self._chosen() is not None)

    def _on_click(self, item: QListWidgetItem) -> None:
        """Go where a conflict is."""
        if self.corrected is None or self.corrected.lacking:
            return
        t, conflict = item.data(_DATA)
        self.corrected.go(t)
        centre(self.corrected, conflict.place)
        self.corrected.layer.selected_label = conflict.label

    def _lay_out(self) -> None:
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.words, self.list, line(self.keep, self.take, stretch=-1)):
            column.addWidget(widget)
