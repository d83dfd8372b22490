"""One result of every frame, in a layer of its own: made anew when it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from napari_cellseg.widgets.layers.aside import aside
from napari_cellseg.widgets.layers.placed import place
from napari_cellseg.widgets.layers.source import READ, frame_on_screen

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Layer
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.widgets.layers.source import Choice

OURS = "napari-cellseg result"
"""Key of the metadata of layers that show results: images do not bear it."""
PICTURES = ("contrast", "changes")
"""Kinds that are no labels: they are not offered for export."""


class Canvas:
    """One result of every frame, in a layer of its own.

    It keeps neither the viewer nor the image alive.

    Parameters
    ----------
    viewer : Viewer
        Where it is shown.
    image : Image layer
        What it lies on: its axes, scale and place.
    axes : str
        Letters of the image's axes.
    kind : str
        What it shows, the end of the layer's name.
    frames : array of shape (T, Y, X)
        Zeros.
    choice : Choice or None
        What of the image is segmented.
    style : Any
        Further settings of the layer.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: ImageLayer,
        axes: str,
        kind: str,
        frames: NDArray[Any],
        choice: Choice | None = None,
        **style: Any,
    ) -> None:
        self._viewer = ref(viewer)
        self._image = ref(image)
        self.axes = axes
        self.kind = kind
        self.frames = frames
        self.choice = choice
        self.style = style
        self.layer: Layer | None = None
        self._shape = tuple(image.data.shape[: image.ndim])
        self._shown: NDArray[Any] | None = None

    @property
    def viewer(self) -> Viewer:
        """Where it is shown."""
        viewer = self._viewer()
        assert viewer is not None
        return viewer

    @property
    def image(self) -> ImageLayer:
        """What it lies on."""
        image = self._image()
        assert image is not None
        return image

    @property
    def on_screen(self) -> int:
        """Index of the frame that the viewer shows."""
        layer: Any = self.layer if self.layer is not None else self.image
        return frame_on_screen(layer, self.axes, self.viewer.dims.point)

    def write(self, t: int, frame: NDArray[Any], visible: bool) -> None:
        """Write frame t, in a new layer if need be; refresh if it is on screen."""
        self.fill(t, frame, visible)
        self.show()

    def fill(self, t: int, frame: NDArray[Any], visible: bool) -> None:
        """Write frame t, be there a layer or not; refresh if it is on screen."""
        self.widen(frame.dtype)
        self.frames[t] = frame
        if visible and self.is_there():
            assert self.layer is not None
            self.layer.refresh(thumbnail=False, highlight=False, extent=False)

    def show(self) -> None:
        """Make the layer if there is none, unless the image is gone."""
        if not self.is_there() and self._image() is not None:
            self._make()

    def widen(self, dtype: Any) -> None:
        """Let the frames hold what a type holds."""
        if np.dtype(dtype).itemsize <= self.frames.dtype.itemsize:
            return
        there, self.frames = self.is_there(), self.frames.astype(dtype)
        if there:
            assert self.layer is not None
            data = self._view()
            # told of the new data, one looks whether they are these
            self.layer.metadata[OURS]["data"] = data
            self.layer.data = data

    def clear(self) -> None:
        """Begin again with zeros."""
        self.frames = np.zeros(self.frames.shape, self.frames.dtype)
        self.layer = self._shown = None

    def remove(self) -> None:
        """Take the layer away, if it is still there."""
        if self.layer is not None and self.layer in self.viewer.layers:
            self.viewer.layers.remove(self.layer)
        self.layer = None

    def withdraw(self) -> None:
        """Show nothing: without the layer, or those that it would have replaced."""
        self.remove()
        for layer in self._made_earlier():
            if not _is_corrected(layer):
                self.viewer.layers.remove(layer)
        self.clear()

    def is_there(self) -> bool:
        """Whether its layer is in the viewer, and shows these frames."""
        if self.layer is None or self.layer not in self.viewer.layers:
            return False
        # whoever gave the layer other data made it their own
        return self.layer.data is self._shown

    def _view(self) -> NDArray[Any]:
        self._shown = place(self.frames, self.axes, self._shape)
        return self._shown

    def _made_earlier(self) -> list[Layer]:
        """Layers of this result of the image; not those that got other data since."""
        image = str(self.image.unique_id)
        notes = [(layer, layer.metadata.get(OURS, {})) for layer in self.viewer.layers]
        return [
            layer
            for layer, note in notes
            if (note.get("kind"), note.get("image")) == (self.kind, image)
            and layer.data is note["data"]
            and layer.data.shape == self._shape
        ]

    def _describe(self, data: NDArray[Any]) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "axes": self.axes,
            "image": str(self.image.unique_id),
            "choice": self.choice,
            "data": data,
        }

    def _make(self) -> None:
        """Show the frames: in place of those of another choice, or in a new layer."""
        for layer in self._made_earlier():
            if not _is_corrected(layer):
                data = self._view()
                layer.metadata[OURS] = self._describe(data)
                layer.data = data
                self.layer = layer
                return
        self._add()

    def _add(self) -> None:
        data = self._view()
        placed: dict[str, Any] = {
            "name": f"{self.image.name} {self.kind}",
            "scale": self.image.scale,
            "translate": self.image.translate,
            "rotate": self.image.rotate,
            "shear": self.image.shear,
            "units": self.image.units,
            "axis_labels": self.image.axis_labels,
            "metadata": {OURS: self._describe(data)},
        }
        if READ in self.image.metadata:
            # the writer takes the numbers of the frames from here
            placed["metadata"][READ] = self.image.metadata[READ]
        picture = self.kind in PICTURES
        add = self.viewer.add_image if picture else self.viewer.add_labels
        with aside(self.viewer):
            self.layer = add(data, **placed, **self.style)
        if self.kind == "contrast":
            # right above its image, or it would cover the cells
            layers = self.viewer.layers
            layers.move(layers.index(self.layer), layers.index(self.image) + 1)


def _is_corrected(layer: Layer) -> bool:
    corrections = layer.metadata[OURS].get("corrections")
    return corrections is not None and bool(corrections.marks)
