"""Undo and redo by their keys, on a corrected layer and on its viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_cellseg.widgets.layers.corrected import Corrected

UNDO, REDO, NEW = "Control-Z", "Control-Shift-Z", "M"


def bind_keys(corrected: Corrected, layer: LabelsLayer) -> None:
    """Bind the keys of a layer and of its viewer, in front of napari's own.

    The layer holds on to its corrections by them.
    """

    def undo(_: Any) -> None:
        corrected.undo()

    def redo(_: Any) -> None:
        corrected.redo()

    def new(_: Any) -> None:
        corrected.new_label()

    for key, does in ((UNDO, undo), (REDO, redo), (NEW, new)):
        layer.bind_key(key, does, overwrite=True)
    corrected.viewer.bind_key(UNDO, undo_last, overwrite=True)
    corrected.viewer.bind_key(REDO, redo_last, overwrite=True)


def unbind_keys(layer: LabelsLayer) -> None:
    """Give the keys of a layer back to napari."""
    for key in (UNDO, REDO, NEW):
        layer.bind_key(key, None)


def undo_last(viewer: Viewer) -> None:
    """Undo on the corrected layer that is selected, else on the one used last."""
    if (corrected := _last_used(viewer)) is not None:
        corrected.undo()


def redo_last(viewer: Viewer) -> None:
    """Redo on the corrected layer that is selected, else on the one used last."""
    if (corrected := _last_used(viewer)) is not None:
        corrected.redo()


def _last_used(viewer: Viewer) -> Corrected | None:
    # that module binds these keys
    from napari_cellseg.widgets.layers.corrected import last_used

    return last_used(viewer)
