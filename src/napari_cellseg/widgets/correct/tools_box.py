"""Buttons of the tools, by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_cellseg.widgets.correct.tool_button import ToolButton
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.widgets.correct.keymap import KeyMap
    from napari_cellseg.widgets.correct.tools.tool import Tool


class ToolsBox(QWidget):
    """A button a tool, a row what they are for.

    Parameters
    ----------
    groups : mapping of str to tuple of Tool
        Tools by what they are for.
    keys : KeyMap
        Their keys.

    Attributes
    ----------
    pressed : Signal
        The tool whose button was pressed.
    """

    pressed = Signal(object)

    def __init__(self, groups: Mapping[str, tuple[Tool, ...]], keys: KeyMap) -> None:
        super().__init__()
        self.keys = keys
        self.buttons: dict[str, ToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for title, tools in groups.items():
            if title:
                label = QLabel(title)
                label.setStyleSheet("color: #a0a4aa; font-size: 11px")
                column.addWidget(label)
            column.addLayout(self._row(tools))
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys as they are now."""
        for name, button in self.buttons.items():
            button.show_key(self.keys[name])

    def show_armed(self, tool: Tool | None) -> None:
        """Hold the button of the armed tool down, and no other."""
        for button in self.buttons.values():
            button.setChecked(button.tool is tool)

    def enable(self, on: bool) -> None:
        """Let tools be used, or not."""
        for button in self.buttons.values():
            button.setEnabled(on)

    def _row(self, tools: tuple[Tool, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(3)
        for tool in tools:
            button = ToolButton(tool)
            button.clicked.connect(lambda _=False, tool=tool: self.pressed.emit(tool))
            self.buttons[tool.name] = button
            row.addWidget(button, 1)
        return row
