"""Between the layer of the cells, the keyboard, and what is chosen in the dock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellseg.widgets.parts.keys import BEFORE, HeldKey

if TYPE_CHECKING:
    from napari.layers import Labels
    from napari.viewer import Viewer

    from napari_cellseg.widgets.segment.look_box import LookBox

OUTLINE = 2
"""Width of an outline (px of the image)."""


class Look:
    """Shows the cells filled or as outlines, and hears the key for before.

    Parameters
    ----------
    viewer : Viewer
        Where the key is heard.
    box : LookBox
        What is chosen; it shows, too, what is chosen in napari's own controls.
    """

    def __init__(self, viewer: Viewer, box: LookBox) -> None:
        self.box = box
        self.layer: Labels | None = None
        self.nuclei: Labels | None = None
        self._closed = False
        self.key = HeldKey(viewer, BEFORE, box.hold)
        box.outlines_toggled.connect(self._on_toggled)

    def show(self, layer: Labels | None, nuclei: Labels | None = None) -> None:
        """Take the layers that show the cells and their nuclei, new ones or not.

        What is chosen in napari's controls of one counts for both.
        """
        if self._closed:
            return
        if nuclei is not self.nuclei:
            self._let_nuclei_go()
            self.nuclei = nuclei
            if nuclei is not None:
                self.key.bind(nuclei)
                nuclei.contour = OUTLINE if self.box.outlines.isChecked() else 0
                nuclei.events.contour.connect(self._on_nuclei_contour)
        if layer is self.layer:
            return
        self._let_go()
        self.layer = layer
        if layer is None:
            return
        self.key.bind(layer)
        if self.box.outlines.isChecked():
            layer.contour = OUTLINE
        layer.events.contour.connect(self._on_contour)
        self._on_contour()

    def close(self) -> None:
        """Hear the key no more, and leave the layer as it is."""
        self._closed = True
        self.key.close()
        self._let_go()
        self._let_nuclei_go()

    def _let_nuclei_go(self) -> None:
        if self.nuclei is not None:
            self.nuclei.events.contour.disconnect(self._on_nuclei_contour)
            self.nuclei = None

    def _let_go(self) -> None:
        if self.layer is not None:
            self.layer.events.contour.disconnect(self._on_contour)
            self.layer = None

    def _on_toggled(self, on: bool) -> None:
        for layer in (self.layer, self.nuclei):
            if layer is not None:
                layer.contour = OUTLINE if on else 0

    def _on_nuclei_contour(self, event: Any = None) -> None:
        # napari tells of a number that is the same, too
        layer, nuclei = self.layer, self.nuclei
        if layer is None or nuclei is None:
            return
        if layer.contour != nuclei.contour:
            layer.contour = nuclei.contour

    def _on_contour(self, event: Any = None) -> None:
        box, layer = self.box.outlines, self.layer
        if layer is not None:
            blocked = box.blockSignals(True)
            box.setChecked(layer.contour > 0)
            box.blockSignals(blocked)
            nuclei = self.nuclei if event is not None else None
            if nuclei is not None and nuclei.contour != layer.contour:
                nuclei.contour = layer.contour
