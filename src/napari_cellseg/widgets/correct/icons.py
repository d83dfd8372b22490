"""Signs for how a cell came about, as its outline is drawn."""

from __future__ import annotations

from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from napari_cellseg.widgets.layers.provenance import COLOURS

SIZE = 14
"""px."""
GROUND = QColor(90, 90, 90)
"""Behind a white outline, in a light theme as well."""


def status_icons() -> dict[str, QIcon]:
    """Make a sign for each status."""
    solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
    return {
        "auto": _sign(None),
        "edited": _sign(QPen(QColor(COLOURS["edited"]), 2, solid)),
        "locked": _sign(QPen(QColor(COLOURS["locked"]), 2, dashed)),
    }


def _sign(pen: QPen | None) -> QIcon:
    pixmap = QPixmap(SIZE, SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    if pen is not None:
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(GROUND)
        painter.setPen(pen)
        painter.drawEllipse(QRectF(1, 1, SIZE - 2, SIZE - 2))
        painter.end()
    return QIcon(pixmap)
