"""Undo and redo by their keys, on a corrected layer and on its viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_cellseg.widgets.layers.corrected import Corrected

UNDO, REDO, NEW = "Control-Z", "Control-Shift-Z", "M"


def bind_keys(
    corrected: Corrected,
    layer: LabelsLayer,
    last_used: Callable[[Viewer], Corrected | None],
) -> None:
    """Bind the keys of a layer and of its viewer, in front of napari's own.

    The layer holds on to its corrections by them.

    Parameters
    ----------
    corrected, layer : Corrected, Labels layer
        Whose keys they are.
    last_used : callable
        Whose the viewer's are: of several layers, whose steps are undone.
    """

    def undo(_: Any) -> None:
        corrected.undo()

    def redo(_: Any) -> None:
        corrected.redo()

    def new(_: Any) -> None:
        corrected.new_label()

    def undo_last(viewer: Viewer) -> None:
        if (last := last_used(viewer)) is not None:
            last.undo()

    def redo_last(viewer: Viewer) -> None:
        if (last := last_used(viewer)) is not None:
            last.redo()

    for key, does in ((UNDO, undo), (REDO, redo), (NEW, new)):
        layer.bind_key(key, does, overwrite=True)
    corrected.viewer.bind_key(UNDO, undo_last, overwrite=True)
    corrected.viewer.bind_key(REDO, redo_last, overwrite=True)


def unbind_keys(layer: LabelsLayer) -> None:
    """Give the keys of a layer back to napari."""
    for key in (UNDO, REDO, NEW):
        layer.bind_key(key, None)
