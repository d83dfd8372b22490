"""The Correct dock: masks changed by hand, and what is in doubt."""

from __future__ import annotations

from napari_cellseg.widgets.correct.dock import CorrectWidget

__all__ = ["CorrectWidget"]
