"""Tools and their keys, shown over the picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel

from napari_cellseg.widgets.correct.trace import canvas_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.viewer import Viewer

    from napari_cellseg.widgets.correct.keymap import KeyMap
    from napari_cellseg.widgets.correct.tools.tool import Tool

EDGE = 12
"""From the edges of the picture (px)."""
LOOK = (
    "background: rgba(20, 22, 28, 215); color: #f0f0f0; border-radius: 6px;"
    "padding: 10px; font-size: 12px"
)


class Sheet:
    """A list of tools and keys over the picture, which takes no clicks.

    Parameters
    ----------
    viewer : Viewer
        Over whose picture.
    groups : mapping of str to tuple of Tool
        Tools by what they are for.
    keys : KeyMap
        Their keys.
    """

    def __init__(
        self, viewer: Viewer, groups: Mapping[str, tuple[Tool, ...]], keys: KeyMap
    ) -> None:
        self.viewer, self.groups, self.keys = viewer, groups, keys
        self.label: QLabel | None = None

    @property
    def shown(self) -> bool:
        """Whether it is on screen."""
        return self.label is not None

    def toggle(self) -> None:
        """Show it, or hide it."""
        if self.shown:
            self.hide()
        else:
            self.show()

    def show(self) -> None:
        """Show it, or the keys as they are now."""
        canvas = canvas_of(self.viewer)
        if canvas is None:
            return
        self.hide()
        label = QLabel(text(self.groups, self.keys), canvas)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.setStyleSheet(LOOK)
        label.adjustSize()
        label.move(EDGE, EDGE)
        label.show()
        label.raise_()
        self.label = label

    def hide(self) -> None:
        """Hide it."""
        if self.label is not None:
            self.label.hide()
            self.label.deleteLater()
            self.label = None


def text(groups: Mapping[str, tuple[Tool, ...]], keys: KeyMap) -> str:
    """Write the tools and their keys as a table of two columns."""
    parts = [_group(title, tools, keys) for title, tools in groups.items()]
    sizes = [len(tools) + 1 for tools in groups.values()]
    # where both columns are of about the same height
    cut = min(range(len(parts)), key=lambda i: abs(2 * sum(sizes[:i]) - sum(sizes)))
    left, right = "".join(parts[:cut]), "".join(parts[cut:])
    cells = "".join(
        f'<td valign="top" style="padding-right: 18px"><table>{half}</table></td>'
        for half in (left, right)
    )
    ends = "Esc ends a tool · Space held moves the picture"
    return f"<table><tr>{cells}</tr></table><div>{ends}</div>"


def _group(title: str, tools: tuple[Tool, ...], keys: KeyMap) -> str:
    key = '<td align="right" style="padding-right: 8px"><b>{}</b></td>'
    rows = "".join(
        f"<tr>{key.format(escape(keys[tool.name]))}<td>{escape(tool.title)}</td></tr>"
        for tool in tools
    )
    head = f'<td></td><td style="color: #8ab4f8">{escape(title)}</td>'
    return f"<tr>{head}</tr>{rows}"
