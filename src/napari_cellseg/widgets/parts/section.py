"""A titled part of a dock, which may fold."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget


class Section(QWidget):
    """A title above some widgets.

    Parameters
    ----------
    title : str
        A word or two.
    folded : bool or None
        Whether it begins folded; None: it cannot fold.
    *widgets : QWidget
        The first one uppermost.
    """

    def __init__(self, title: str, folded: bool | None, *widgets: QWidget) -> None:
        super().__init__()
        self.body = QWidget()
        rows = QVBoxLayout(self.body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        for widget in widgets:
            rows.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading(title, folded))
        column.addWidget(self.body)
        self.body.setVisible(not folded)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _heading(self, title: str, folded: bool | None) -> QWidget:
        if folded is None:
            label = QLabel(title)
            label.setStyleSheet("font-weight: bold")
            return label
        button = QToolButton()
        button.setText(title)
        button.setToolTip(f"Show or hide: {title}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setStyleSheet("font-weight: bold; border: none; background: transparent")
        button.setCheckable(True)
        button.setChecked(not folded)

        def unfold(open_: bool) -> None:
            arrow = Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow
            button.setArrowType(arrow)
            self.body.setVisible(open_)

        button.toggled.connect(unfold)
        unfold(not folded)
        return button
