"""Outlines of edited and of locked cells, above the layer that is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.colormaps import Colormap

from napari_cellseg.widgets.layers.canvas import OURS
from napari_cellseg.widgets.layers.real import real

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.correction.marks import Mark
    from napari_cellseg.widgets.layers.corrected import Corrected

EDITED, LOCKED = 1, 2
COLOURS = [[1, 1, 1, 0], [1, 1, 1, 1], [1, 0.55, 0, 1]]
"""Nothing, white where a cell is edited, orange where it is locked."""
DASH = 3
"""Length of a dash, and of what lies between two (px)."""


class Provenance:
    """One picture for the frame on screen; it follows what it is shown.

    It is of the size of a frame and lies on all of them, so that it takes the memory of
    one. Layers whose last axes are not Y and X have none.

    Parameters
    ----------
    viewer : Viewer
        Where it is shown.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = real(viewer)
        self.layer: ImageLayer | None = None
        self._corrected: Corrected | None = None
        self._on = True
        self._frame: NDArray[np.uint8] | None = None
        self._drawn: dict[int, Mark] = {}
        self._t = 0

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
        """Take the layer away, if it is still there."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.viewer.layers.remove(self.layer)
        self.layer = self._frame = None
        self._drawn = {}

    def update(self) -> None:
        """Draw the outlines of the frame on screen as they are now."""
        corrected = self._corrected
        if corrected is None or not self._can_be_seen(corrected):
            self._set_visible(False)
            return
        marks = dict(corrected.corrections.marks.get(corrected.t, {}))
        if not marks:
            self._set_visible(False)
            return
        self._draw(corrected, marks)

    def _can_be_seen(self, corrected: Corrected) -> bool:
        return (
            self._on
            and corrected.axes.endswith("YX")
            and not corrected.lacking
            and corrected.layer.visible
        )

    def _draw(self, corrected: Corrected, marks: dict[int, Mark]) -> None:
        size = corrected.corrections.frames.shape[1:]
        if self._frame is None or self._t != corrected.t or self._frame.shape != size:
            if self._frame is None or self._frame.shape != size:
                self.remove()
                self._frame = np.zeros(size, np.uint8)
            else:
                self._frame[:] = 0
            self._drawn, self._t = {}, corrected.t
        redraw(self._frame, self._drawn, marks)
        self._drawn = marks
        if self.layer is None or self.layer not in self.viewer.layers:
            self._add(corrected.layer)
        assert self.layer is not None
        self.layer.refresh(thumbnail=False, highlight=False, extent=False)
        self._set_visible(True)

    def _set_visible(self, on: bool) -> None:
        if self.layer is not None and self.layer.visible != on:
            self.layer.visible = on

    def _add(self, layer: LabelsLayer) -> None:
        chosen = self.viewer.layers.selection.active
        placed: dict[str, Any] = {
            "scale": layer.scale[-2:],
            "translate": layer.translate[-2:],
            "rotate": layer.rotate[-2:, -2:],
            "shear": np.ravel(layer.shear)[-1:],
            "units": layer.units[-2:],
        }
        self.layer = self.viewer.add_image(
            self._frame,
            name=f"{layer.name} edited",
            colormap=Colormap(COLOURS, name="provenance"),
            contrast_limits=(0, len(COLOURS) - 1),
            blending="translucent",
            metadata={OURS: {"kind": "provenance"}},
            **placed,
        )
        # the user keeps working on what was selected
        self.viewer.layers.selection.active = chosen


def redraw(
    frame: NDArray[np.uint8], before: dict[int, Mark], after: dict[int, Mark]
) -> None:
    """Draw the outlines of the marks that are other than before.

    Cells share no pixel, so that each outline can be drawn and taken away by itself.

    Parameters
    ----------
    frame : uint8 array of shape (Y, X)
        Outlines of the marks before; those after are written to it.
    before, after : dict of int to Mark
        By the number of the cell.

    Examples
    --------
    >>> from napari_cellseg.correction.marks import Mark
    >>> from napari_cellseg.correction.shape import Shape
    >>> frame = np.zeros((3, 4), np.uint8)
    >>> cell = Shape.of(np.ones((3, 3), bool), x=1)
    >>> redraw(frame, {}, {1: Mark(cell)})
    >>> frame
    array([[0, 1, 1, 1],
           [0, 1, 0, 1],
           [0, 1, 1, 1]], dtype=uint8)
    """
    for label, mark in before.items():
        if mark.cell is not None and after.get(label) is not mark:
            mark.cell.paint(frame, 0)
    for label, mark in after.items():
        if mark.cell is None or before.get(label) is mark:
            continue
        box = mark.cell.box
        line = outline(mark.cell.mask)
        if mark.status == "locked":
            line &= _dashes(mark.cell.y, mark.cell.x, line.shape)
        frame[box][line] = LOCKED if mark.status == "locked" else EDITED


def outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of a cell that have a neighbour beside, above or below outside of it.

    Examples
    --------
    >>> outline(np.ones((3, 3), bool)).astype(int)
    array([[1, 1, 1],
           [1, 0, 1],
           [1, 1, 1]])
    """
    line = mask.copy()
    line[1:-1, 1:-1] &= ~(
        mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    )
    return line


def _dashes(y: int, x: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rows = np.arange(y, y + shape[0])[:, np.newaxis]
    columns = np.arange(x, x + shape[1])
    dashes: NDArray[np.bool_] = (rows + columns) // DASH % 2 == 0
    return dashes
