"""Widgets side by side."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QWidget


def line(*widgets: QWidget, stretch: int = 0) -> QWidget:
    """Widgets in a row; the one numbered ``stretch`` takes what is left."""
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    for i, widget in enumerate(widgets):
        row.addWidget(widget, int(i == stretch))
    return line
