"""What a viewer shows of a Labels layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

TURNED = "Corrections are made in frames: show Y and X, in 2D."


def shown_axes(viewer: Viewer, layer: LabelsLayer, axes: str) -> str:
    """Letters of the axes on screen, that from left to right last; - is another's."""
    dims = viewer.dims
    across = dims.ndim - layer.ndim
    shown = (dims.order[i] - across for i in range(-dims.ndisplay, 0))
    return "".join(axes[i] if i >= 0 else "-" for i in shown)


def turned(viewer: Viewer, layer: LabelsLayer, axes: str) -> str:
    """Say that other axes are on screen than Y and X; empty if these are."""
    return "" if shown_axes(viewer, layer, axes) in ("YX", "XY") else TURNED


def let_paint(layer: LabelsLayer, on: bool) -> None:
    """Let napari paint on single frames, or not at all."""
    if layer.n_edit_dimensions != 2:
        layer.n_edit_dimensions = 2
    if layer.editable != on:
        layer.editable = on


def bring(viewer: Viewer, layer: LabelsLayer, axes: str, t: int) -> None:
    """Bring frame t of a layer with a time axis on screen."""
    at, dims = axes.index("T"), viewer.dims
    point = [0.0] * layer.ndim
    point[at] = t
    world = layer.data_to_world(point)[at]
    dims.set_point(dims.ndim - layer.ndim + at, float(world))
