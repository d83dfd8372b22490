"""The Segment dock: from a stack to masks, tuned while looking."""

from __future__ import annotations

from napari_cellseg.widgets.segment.dock import SegmentWidget

__all__ = ["SegmentWidget"]
