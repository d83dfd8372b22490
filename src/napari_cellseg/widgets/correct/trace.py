"""The line of a gesture and its seeds, drawn over a layer while they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.widgets.layers.drawn import DARK, hide, lay_on, node_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from napari.viewer import Viewer

    Points = Sequence[tuple[float, float]]

COLOUR = "#ffe14d"
ABOVE = 10
"""Of what else is drawn over the layer."""


class Trace:
    """A line and points above a layer, in its own pixels: it moves with the picture.

    It has no layer of its own, which would clutter the list and take the selection.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._parts: list[Any] = []
        self._lines: list[Any] = []
        self._points: Any = None

    def show(self, layer: Layer, line: Points, seeds: Points) -> None:
        """Draw a line and points (y, x) of a layer, and no more those of before."""
        self.clear()
        node = node_of(self.viewer, layer) if line or seeds else None
        if node is None:
            return
        if len(line) > 1:
            self._parts += self._lines_of(line)
        if seeds:
            self._parts.append(self._points_at(seeds))
        for i, part in enumerate(self._parts):
            lay_on(node, part, ABOVE + i)

    def clear(self) -> None:
        """Draw nothing."""
        for part in self._parts:
            hide(part)
        self._parts.clear()

    def _lines_of(self, line: Points) -> list[Any]:
        from vispy.scene.visuals import Line  # type: ignore[import-untyped]

        if not self._lines:
            looks = (DARK, 5), (COLOUR, 2.5)
            self._lines = [Line(color=c, width=w, antialias=True) for c, w in looks]
        for part in self._lines:
            part.set_data(_xy(line))
        return self._lines

    def _points_at(self, seeds: Points) -> Any:
        from vispy.scene.visuals import Markers

        if self._points is None:
            self._points = Markers()
        look = {"face_color": COLOUR, "edge_color": DARK, "edge_width": 1.5}
        self._points.set_data(_xy(seeds), size=11, **look)
        return self._points


def _xy(points: Points) -> Any:
    return np.array([(x, y) for y, x in points], np.float32)


def canvas_of(viewer: Viewer) -> Any:
    """Return the widget that napari draws on; None where it is elsewhere by now."""
    window = getattr(viewer.window, "_qt_viewer", None)
    return getattr(getattr(window, "canvas", None), "native", None)
