"""Outlines of edited and of locked cells, above the layer that is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.widgets.layers.drawn import DARK, hide, lay_on, node_of
from napari_cellseg.widgets.layers.outline import outline
from napari_cellseg.widgets.layers.real import real

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Mark
    from napari_cellseg.widgets.layers.corrected import Corrected

COLOURS = {"edited": "#ffffff", "locked": "#ff8c00"}
WIDTH, UNDER = 3, 5
"""Of the lines, and of the dark ones under them (px of the screen)."""


class Provenance:
    """Outlines on the frame on screen; they follow what they are shown.

    They have no layer of their own, which would clutter the list, be saved with the
    others and take the selection.

    Parameters
    ----------
    viewer : Viewer
        Where they are shown.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = real(viewer)
        self._corrected: Corrected | None = None
        self._on = True
        self._parts: dict[str, Any] = {}
        self._there: dict[str, bool] = {}
        self._drawn: tuple[str, dict[int, Mark]] = ("", {})

    @property
    def on(self) -> bool:
        """Whether outlines are wanted."""
        return self._on

    @on.setter
    def on(self, on: bool) -> None:
        self._on = on
        self.update()

    def show(self, corrected: Corrected | None) -> None:
        """Outline the cells of a layer from now on; None: of no layer."""
        if corrected is self._corrected:
            return
        if self._corrected is not None:
            self._corrected.changed.disconnect(self.update)
        self.remove()
        self._corrected = corrected
        if corrected is not None:
            corrected.changed.connect(self.update)
            self.update()

    def remove(self) -> None:
        """Draw nothing."""
        # kept: what is drawn again is not made anew
        for part in self._parts.values():
            hide(part)

    def update(self) -> None:
        """Draw the outlines of the frame on screen as they are now."""
        corrected, marks = self._corrected, {}
        if corrected is not None and self._on and not corrected.lacking:
            marks = dict(corrected.corrections.marks.get(corrected.t, {}))
        if corrected is None or not marks:
            self.remove()
            return
        node = node_of(self.viewer, corrected.layer)
        if node is None:
            return
        self._draw(corrected.shown_axes, marks)
        for order, (kind, part) in enumerate(self._parts.items()):
            # napari gives a layer that was away another node
            if self._there[kind] and corrected.layer.visible:
                lay_on(node, part, order)
            else:
                hide(part)

    def _draw(self, axes: str, marks: dict[int, Mark]) -> None:
        """Set the lines, if they are other than those that are there."""
        if self._parts and self._drawn == (axes, marks):
            return
        self._drawn = axes, marks
        if not self._parts:
            self._parts = _parts()
        kinds = {
            kind: [mark.cell for mark in marks.values() if mark.status == kind]
            for kind in COLOURS
        }
        lines = {
            kind: _joined(outline(c, kind == "locked") for c in cells if c is not None)
            for kind, cells in kinds.items()
        }
        whole = _joined(outline(c) for c in kinds["locked"] if c is not None)
        lines["under"] = _joined([lines["edited"], whole])
        for kind, found in lines.items():
            part = self._parts[kind]
            self._there[kind] = bool(len(found))
            if len(found):
                ends = found if axes == "XY" else found[..., ::-1]
                part.set_data(ends.reshape(-1, 2))


def _parts() -> dict[str, Any]:
    from vispy.scene.visuals import Line  # type: ignore[import-untyped]

    looks = {"under": (DARK, UNDER), **{k: (c, WIDTH) for k, c in COLOURS.items()}}
    return {
        kind: Line(color=colour, width=width, connect="segments")
        for kind, (colour, width) in looks.items()
    }


def _joined(lines: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([np.zeros((0, 2, 2), np.float32), *lines])
