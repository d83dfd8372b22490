"""Whether a dock was closed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


def leaves(widget: QWidget, event: QEvent | None) -> bool:
    """Whether an event tells a dock's widget that napari let go of it.

    napari's cross takes the widget out of its dock and deletes the dock: the widget
    gets no close event, and is destroyed when Python happens to collect it. A dock that
    floats, is hidden or lies behind another keeps its widget.
    """
    if event is None or event.type() != QEvent.Type.ParentChange:
        return False
    return widget.parent() is None
