"""Drawing over a layer without another layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

DARK = (0, 0, 0, 0.8)
"""Under what is drawn, so that it shows on any colour."""
ORDER = 1_000_000
"""Drawn after all else of its layer."""
ATTRIBUTES = 16
"""Of vertices, that every driver has."""


def node_of(viewer: Viewer, layer: Layer) -> Any:
    """Return vispy's node of a layer; None where napari has it elsewhere by now."""
    # napari has no public way to draw on the canvas without a layer
    window = getattr(viewer.window, "_qt_viewer", None)
    visuals = getattr(getattr(window, "canvas", None), "layer_to_visual", {})
    return getattr(visuals.get(layer), "node", None)


def lay_on(node: Any, part: Any, order: int = 0) -> None:
    """Draw a vispy visual over a layer: it moves with it, and is hidden with it.

    Parameters
    ----------
    node : vispy node
        The layer's, see `node_of`.
    part : vispy visual
        In pixels (x, y) of the layer; whole numbers are the middle of a pixel.
    order : int
        The greatest of the parts of a layer is drawn last.
    """
    if part.parent is node:
        return
    from vispy.visuals.transforms import (  # type: ignore[import-untyped]
        MatrixTransform,
    )

    # the layer's own pixels begin at their corner; napari writes the same here
    part.transform = MatrixTransform()
    part.transform.translate((0.5, 0.5))
    part.order = ORDER + order
    part.set_gl_state("translucent", depth_test=False)
    part.parent = node
    draw = node.canvas.events.draw
    if _unbind not in draw.callbacks:
        draw.connect(_unbind, position="last")


def _unbind(event: Any = None) -> None:
    """Unbind the vertices that were drawn last: vispy does not.

    Once they are deleted, with a layer, some drivers crash at what is drawn next.
    """
    from vispy.gloo import gl  # type: ignore[import-untyped]

    for attribute in range(ATTRIBUTES):
        gl.glDisableVertexAttribArray(attribute)
