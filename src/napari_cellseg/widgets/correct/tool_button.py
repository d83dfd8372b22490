"""The button of a tool: its name, and its key at the right."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy

if TYPE_CHECKING:
    from napari_cellseg.widgets.correct.tools.tool import Tool

PLAIN = "background: transparent; padding: 0; margin: 0"
KEY_COLOUR = "#8ab4f8"
HEIGHT = 26
"""Of a button (px)."""


class ToolButton(QPushButton):
    """Stays down while its tool is armed.

    Parameters
    ----------
    tool : Tool
        What it stands for.
    """

    def __init__(self, tool: Tool) -> None:
        super().__init__()
        self.tool = tool
        self.setCheckable(tool.how != "now")
        # keys are heard where the picture has the focus
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title, self._key = QLabel(tool.title), QLabel()
        self.setAccessibleName(tool.title)
        self._title.setStyleSheet(PLAIN)
        row = QHBoxLayout(self)
        row.setContentsMargins(5, 0, 4, 0)
        row.setSpacing(4)
        row.addWidget(self._title, 1)
        row.addWidget(self._key)
        for label in (self._title, self._key):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.toggled.connect(self._colour)
        self._colour(False)

    def sizeHint(self) -> QSize:
        """Qt's: as wide as its words."""
        layout = self.layout()
        assert layout is not None
        return QSize(layout.sizeHint().width(), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Qt's: as wide as its words."""
        return self.sizeHint()

    def show_key(self, key: str) -> None:
        """Show the key of the tool."""
        tool = self.tool
        self._key.setText(short(key))
        how = f"<br><i>{escape(tool.gesture)}</i>" if tool.gesture else ""
        self.setToolTip(f"<p>{escape(tool.tooltip)}{how}<br>Key: {escape(key)}</p>")

    def _colour(self, down: bool) -> None:
        """Let the key be seen on the button that is down, too."""
        colour = "#ffffff" if down else KEY_COLOUR
        self._key.setStyleSheet(f"color: {colour}; {PLAIN}")

    def setEnabled(self, on: bool) -> None:
        """Qt's: also its words."""
        super().setEnabled(on)
        for label in (self._title, self._key):
            label.setEnabled(on)


def short(key: str) -> str:
    """Write a key in little room.

    Examples
    --------
    >>> short("Shift+R")
    '⇧R'
    """
    return key.replace("Shift+", "⇧").replace("Ctrl+", "^")
