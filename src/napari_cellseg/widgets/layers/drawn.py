"""Drawing over a layer without another layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

DARK = (0, 0, 0, 0.8)
"""Under what is drawn, so that it shows on any colour."""
ORDER = 1_000_000
"""Drawn after all else of its layer."""
MIDDLE = np.eye(4)
MIDDLE[3, :2] = 0.5
"""The layer's own pixels begin at their corner (as a row that is multiplied)."""

_SHOWN: WeakSet[Any] = WeakSet()
"""All that is drawn now."""


def node_of(viewer: Viewer, layer: Layer) -> Any:
    """Return vispy's node of a layer; None where napari has it elsewhere by now."""
    viewer.layers.events.removing.connect(_clear)
    # napari has no public way to draw on the canvas without a layer
    window = getattr(viewer.window, "_qt_viewer", None)
    visuals = getattr(getattr(window, "canvas", None), "layer_to_visual", {})
    return getattr(visuals.get(layer), "node", None)


def lay_on(node: Any, part: Any, order: int = 0) -> None:
    """Draw a vispy visual over a layer: it moves with it.

    Parameters
    ----------
    node : vispy node
        The layer's, see `node_of`.
    part : vispy visual
        In pixels (x, y) of the layer; whole numbers are the middle of a pixel.
    order : int
        The greatest of the parts of a layer is drawn last.
    """
    from vispy.visuals.transforms import (  # type: ignore[import-untyped]
        MatrixTransform,
    )

    part.visible = True
    _SHOWN.add(part)
    if part.parent is not node.parent:
        part.transform = MatrixTransform()
        part.order = ORDER + order
        part.set_gl_state("translucent", depth_test=False)
        # beside the layer's node, so that they do not go with it
        part.parent = node.parent
    # of its own and in place: another transform is another program to compile
    part.transform.matrix = MIDDLE @ node.transform.matrix


def hide(part: Any) -> None:
    """Draw a visual no more, until it is laid on a layer again."""
    part.visible = False
    _SHOWN.discard(part)


def _clear(event: Any = None) -> None:
    """Take everything off the screen before napari removes a layer.

    Software drivers crash at the next picture if both go between two pictures. Whoever
    draws still draws again when the layers have changed.
    """
    canvases = {part.canvas.native for part in _SHOWN if part.canvas is not None}
    for part in list(_SHOWN):
        hide(part)
    for canvas in canvases:
        # at once, before the layer goes
        canvas.repaint()
