"""The Export dock: from label layers to files."""

from __future__ import annotations

from napari_cellseg.widgets.export.dock import ExportWidget

__all__ = ["ExportWidget"]
