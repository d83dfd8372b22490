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
TILE = 256
"""The picture is of whole tiles of so many pixels: it seldom gets another size."""


class Provenance:
    """One picture for the frame on screen; it follows what it is shown.

    It lies on all frames, so that it takes the memory of one, and only where cells were
    edited: drawing it takes as long as it is large. Layers whose last axes are not Y
    and X have none.

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
        self._box: tuple[slice, slice] | None = None

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
            # it tells of the layer's scale and place, too
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
        if self._frame is None or self._frame.shape != size:
            self.remove()
            self._frame, self._t = np.zeros(size, np.uint8), corrected.t
        elif self._t != corrected.t:
            self._frame[:] = 0
            self._drawn, self._t = {}, corrected.t
        redraw(self._frame, self._drawn, marks)
        self._drawn = marks
        box = tiles(marks, size)
        if self.layer is None or self.layer not in self.viewer.layers:
            self._add(corrected.layer, box)
        else:
            self._lay(corrected.layer, box)
        self._set_visible(True)

    def _lay(self, masks: LabelsLayer, box: tuple[slice, slice]) -> None:
        """Show a part of the frame, where it lies on the masks."""
        assert self.layer is not None
        assert self._frame is not None
        if box == self._box:
            self.layer.refresh(thumbnail=False, highlight=False, extent=False)
        else:
            self._box = box
            self.layer.data = self._frame[box]
        for name, value in _place(masks, box).items():
            if not np.array_equal(getattr(self.layer, name), value):
                setattr(self.layer, name, value)

    def _set_visible(self, on: bool) -> None:
        if self.layer is not None and self.layer.visible != on:
            self.layer.visible = on

    def _add(self, masks: LabelsLayer, box: tuple[slice, slice]) -> None:
        assert self._frame is not None
        chosen = self.viewer.layers.selection.active
        self._box = box
        self.layer = self.viewer.add_image(
            self._frame[box],
            name=f"{masks.name} edited",
            colormap=Colormap(COLOURS, name="provenance"),
            contrast_limits=(0, len(COLOURS) - 1),
            blending="translucent",
            metadata={OURS: {"kind": "provenance"}},
            **_place(masks, box),
        )
        # the user keeps working on what was selected
        self.viewer.layers.selection.active = chosen


def _place(masks: LabelsLayer, box: tuple[slice, slice]) -> dict[str, Any]:
    """Where a part of the masks' frames lies in the world, as of a 2D layer."""
    corner = [0] * masks.ndim
    corner[-2:] = box[0].start, box[1].start
    return {
        "scale": masks.scale[-2:],
        "translate": masks.data_to_world(corner)[-2:],
        "rotate": masks.rotate[-2:, -2:],
        "shear": np.ravel(masks.shear)[-1:],
        "units": masks.units[-2:],
    }


def tiles(marks: dict[int, Mark], size: tuple[int, ...]) -> tuple[slice, slice]:
    """Box of the tiles of a frame that hold marked cells; of one tile if none does.

    Examples
    --------
    >>> from napari_cellseg.correction.marks import Mark
    >>> from napari_cellseg.correction.shape import Shape
    >>> cell = Shape.of(np.ones((9, 9), bool), y=300, x=250)
    >>> tiles({1: Mark(cell)}, (400, 900))
    (slice(256, 400, None), slice(0, 512, None))
    """
    cells = [mark.cell for mark in marks.values() if mark.cell is not None]
    spans = (
        [(cell.y, cell.y + cell.height) for cell in cells],
        [(cell.x, cell.x + cell.width) for cell in cells],
    )
    rows, columns = (
        _whole_tiles(span, length) for span, length in zip(spans, size, strict=True)
    )
    return rows, columns


def _whole_tiles(spans: list[tuple[int, int]], length: int) -> slice:
    first = min((low for low, _ in spans), default=0)
    last = max((high for _, high in spans), default=1)
    return slice(first // TILE * TILE, min(-(-last // TILE) * TILE, length))


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
