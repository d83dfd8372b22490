"""A choice among the viewer's layers of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QComboBox, QSizePolicy

from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.real import real
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

BESIDE = ("foreground", "nuclei")
"""Kinds of results that there are beside the cells."""


class LayerChoice(QComboBox):
    """Names of the layers of a kind; a choice stays while its layer does.

    Parameters
    ----------
    viewer : Viewer
        Whose layers.
    kind : str
        "image" or "labels".
    previews : bool
        Whether pictures that this plugin made are offered too.
    moves_on : bool
        Whether another layer is chosen when the one chosen is gone; else none is, until
        one is added or chosen.

    Attributes
    ----------
    chosen : Signal
        The layer chosen, or None.
    rescaled : Signal
        The layer chosen got another scale or other units.
    """

    chosen = Signal(object)
    rescaled = Signal()

    def __init__(
        self,
        viewer: Viewer,
        kind: str,
        previews: bool = False,
        moves_on: bool = True,
    ) -> None:
        super().__init__()
        self.viewer = real(viewer)
        self.kind = kind
        self.previews, self.moves_on = previews, moves_on
        self.layer: Layer | None = None
        self.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._layers: list[Layer] = []
        self._closed = False
        # napari goes to the layer beside one that is deleted: the user did not
        self._bereft = QTimer(self)
        self._bereft.setSingleShot(True)
        for event in self._events():
            event.connect(self.refresh)
        self.activated.connect(self._on_activated)
        self.refresh()

    def close_down(self) -> None:
        """Listen to the viewer no more."""
        if not self._closed:
            self._closed = True
            self._listen(None)
            for event in self._events():
                event.disconnect(self.refresh)

    def choose(self, layer: Layer | None) -> None:
        """Choose a layer."""
        layer = real(layer)
        if layer is not self.layer:
            self._listen(layer)
            self.layer = layer
            self.chosen.emit(layer)
        listed = layer in self._layers
        self.setCurrentIndex(self._layers.index(layer) if listed else -1)

    def follow(self, layer: Layer) -> None:
        """Choose a layer that the user went to, if it is listed, not beside cells."""
        layer = real(layer)
        if self._bereft.isActive():
            return
        if layer in self._layers and _shows(layer) not in BESIDE:
            self.choose(layer)

    def refresh(self, event: Any = None) -> None:
        """List the layers anew; if the chosen one is gone, choose as `moves_on` says.

        Of images the last that is seen, if one is. What lies beside the cells is chosen
        by hand only.
        """
        self._layers = [a for a in self.viewer.layers if self._fits(a)]
        self.clear()
        self.addItems([layer.name for layer in self._layers])
        if self.layer in self._layers:
            self.choose(self.layer)
            return
        unasked = [a for a in self._layers if _shows(a) not in BESIDE]
        if not self.moves_on and event is not None:
            if self.layer is not None:
                self._bereft.start(0)
            added = real(event.value) if event.type == "inserted" else None
            unasked = [a for a in unasked if a is added]
        seen = [a for a in unasked if a.visible and self.kind == "image"] or unasked
        self.choose(seen[-1] if seen else None)

    def _fits(self, layer: Layer) -> bool:
        ours = bool(_shows(layer))
        # a subclass counts as well: readers may bring their own
        kinds = {kind.__name__.lower() for kind in type(layer).__mro__}
        return self.kind in kinds and (self.previews or not ours)

    def _events(self) -> list[Any]:
        events = self.viewer.layers.events
        return [events.inserted, events.removed, events.renamed, events.reordered]

    def _listen(self, layer: Layer | None) -> None:
        """Follow the scale of a layer, and no more that of the one before."""
        if self.layer is not None:
            self.layer.events.scale.disconnect(self._on_scale)
            self.layer.events.units.disconnect(self._on_scale)
        if layer is not None:
            layer.events.scale.connect(self._on_scale)
            layer.events.units.connect(self._on_scale)

    def _on_scale(self, event: Any = None) -> None:
        self.rescaled.emit()

    def _on_activated(self, index: int) -> None:
        self.choose(self._layers[index])


def _shows(layer: Layer) -> str:
    """Which result a layer shows; empty where it is not ours."""
    return str(layer.metadata.get(OURS, {}).get("kind", ""))
