"""Which layers are corrected, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from napari_cellseg.correction.tracked import tracked
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.widgets.layers.corrected import Corrected
from napari_cellseg.widgets.layers.own_journal import keep_masks
from napari_cellseg.widgets.layers.own_masks import OwnFrames, axes_of
from napari_cellseg.widgets.layers.real import real
from napari_cellseg.widgets.layers.undo_keys import bind_keys
from napari_cellseg.widgets.parts.restore import offer

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

_BOUND: WeakKeyDictionary[LabelsLayer, ref[Corrected]] = WeakKeyDictionary()


def bind(
    viewer: Viewer, layer: LabelsLayer, corrections: Corrections, axes: str
) -> Corrected:
    """Bind corrections to the layer that shows them; again if they have a new layer.

    Parameters
    ----------
    viewer, layer, corrections, axes
        As of a `Corrected`.
    """
    viewer, layer = real(viewer), real(layer)
    for shown in list(_BOUND):
        known = find(shown)
        if known is None:
            continue
        if shown is layer and known.corrections is corrections:
            return known
        if shown is layer or known.corrections is corrections:
            known.release()
    corrected = Corrected(viewer, layer, corrections, axes)
    bind_keys(corrected, layer, last_used)
    _BOUND[layer] = ref(corrected)
    return corrected


def find(layer: LabelsLayer | None) -> Corrected | None:
    """Return what a layer is bound to; None if it is not."""
    maker = _BOUND.get(real(layer)) if layer is not None else None
    corrected = maker() if maker is not None else None
    return corrected if corrected is not None and corrected.bound else None


def last_used(viewer: Viewer) -> Corrected | None:
    """Return the selected layer's, else that of the viewer's layers used last."""
    chosen = find(viewer.layers.selection.active)
    if chosen is not None:
        return chosen
    bound = [find(layer) for layer in viewer.layers]
    return max((c for c in bound if c), key=lambda c: c.used, default=None)


def adopt(viewer: Viewer, layer: LabelsLayer) -> Corrected:
    """Return what a layer is bound to, or bind one that came from elsewhere.

    Its labels as they are count as automatic, and it is looked whether cells keep their
    numbers over time. Where corrections of them are found, the user is asked whether
    they are to be restored.

    Raises
    ------
    ImageError
        If it cannot be corrected, in words.
    """
    viewer, layer = real(viewer), real(layer)
    if (known := find(layer)) is not None:
        return known
    axes = axes_of(layer)
    frames = OwnFrames(viewer, layer, axes)
    by_number = tracked(frames.read, frames.shape[0])
    corrections = Corrections(frames, by_number=by_number)
    corrected = bind(viewer, layer, corrections, axes)
    keeping = keep_masks(viewer, layer, corrections, frames)
    corrected.keep(keeping)
    if frames.narrowed:
        corrected.tell(" ".join((frames.narrowed, corrected.words)).strip())
    if keeping.found:
        offer(viewer.window._qt_window, layer.name, [keeping], keeping.restore)
    return corrected
