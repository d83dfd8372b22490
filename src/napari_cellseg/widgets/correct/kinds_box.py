"""Which kinds of reasons the review lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QGridLayout, QWidget

from napari_cellseg.correction.review import KINDS, ReviewParameters
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from napari_cellseg.correction.review import Kind
    from napari_cellseg.session.review import Review

COLUMNS = 2


class KindsBox(QWidget):
    """A check box for each kind of reason, with the number of its suspects.

    Attributes
    ----------
    changed : Signal
        Other kinds are chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.boxes: dict[Kind, QCheckBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        for i, kind in enumerate(KINDS):
            box = QCheckBox(_title(kind))
            box.setChecked(True)
            box.setToolTip(f"<p>{_tip(kind)}</p>")
            box.toggled.connect(lambda _: self.changed.emit())
            grid.addWidget(box, i // COLUMNS, i % COLUMNS)
            self.boxes[kind] = box

    @property
    def chosen(self) -> frozenset[Kind]:
        """Kinds that are listed."""
        return frozenset(kind for kind, box in self.boxes.items() if box.isChecked())

    def show(self, review: Review | None = None) -> None:
        """Show how many suspects each kind has."""
        known = review is not None and review.found is not None
        for kind, box in self.boxes.items():
            count = f" ({review.count(kind)})" if review and known else ""
            box.setText(f"{_title(kind)}{count}")


def _title(kind: Kind) -> str:
    return ReviewParameters.model_fields[kind].title or kind


def _tip(kind: Kind) -> str:
    """Say what a weight is of."""
    words = ReviewParameters.model_fields[kind].description or ""
    words = words.removeprefix("Weight of ").removesuffix(" (0 to 1).")
    return f"List cells for {words}."
