"""From an image layer and the names of its axes to a stack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4
from weakref import WeakKeyDictionary

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.io._metadata import LENGTHS, convert, unequal

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Layer

    from napari_cellseg.io.images import Stack

LETTERS = "TCZYX"
READ = "napari-cellseg"
"""Key of the metadata that our reader gives its layers: where they come from."""
_NAMES = {"time": "T", "channel": "C", "c": "C", "ch": "C", "depth": "Z", "frame": "T"}


@dataclass(frozen=True)
class Choice:
    """What of a layer is segmented.

    Attributes
    ----------
    axes : str
        A letter of ``TCZYX`` for each of the layer's dimensions.
    channel : int
        Index along C, if there is one.
    z : int, "max" or "mean"
        Plane or projection along Z, if there is one.
    """

    axes: str
    channel: int = 0
    z: int | Literal["max", "mean"] = "max"


_CHOICES: WeakKeyDictionary[Stack, Choice] = WeakKeyDictionary()
_CHANNELS = 4
"""An axis that is not longer is rather of channels than of planes."""


def guess_axes(layer: ImageLayer) -> str:
    """Letters for a layer's axes, from its labels as far as they say something.

    Axes without a telling label are Y and X at the end and T first; between them C
    where they are short, else Z.
    """
    found = [_letter(label) for label in layer.axis_labels]
    said = [letter for letter in found if letter]
    if len(set(said)) < len(said):
        found = [""] * layer.ndim
    free = [a for a in "XYTZC" if a not in found]
    for i in reversed(range(layer.ndim)):
        if not found[i] and free and free[0] in "XY":
            found[i] = free.pop(0)
    for i, size in enumerate(layer.data.shape[: layer.ndim]):
        if not found[i]:
            wanted = ("T", "C", "Z") if size <= _CHANNELS else ("T", "Z", "C")
            found[i] = next((a for a in wanted if a in free), "C")
            free = [a for a in free if a != found[i]]
    return "".join(found)


def stack_of(layer: ImageLayer, choice: Choice) -> Stack:
    """Make the stack that a choice of axes, channel and z gives.

    Raises
    ------
    ImageError
        If the axes cannot be so, or the values are no grey levels.
    """
    # the reading of files comes with much that takes time to import
    from napari_cellseg.io._records import Image

    _check(choice.axes)
    data, axes = _full_resolution(layer), choice.axes
    if layer.rgb:
        data, axes = data[..., :3], axes + "C"
    image = Image(
        data=_lazy(data, axes),
        axes=axes,
        name=layer.name,
        pixel_size=pixel_size(layer, choice.axes),
        pixel_height=pixel_height(layer, choice.axes),
        rgb=bool(layer.rgb),
        **_origin(layer),
    )
    channel = choice.channel if "C" in choice.axes else None
    stack = image.stack(channel, choice.z)
    z = choice.z if "Z" in choice.axes else "max"
    _CHOICES[stack] = Choice(choice.axes, channel or 0, z)
    return stack


def choice_of(stack: Stack) -> Choice | None:
    """Return the choice that a stack was made by; None where it is no layer's."""
    return _CHOICES.get(stack)


def pixel_size(layer: Layer, axes: str) -> float | None:
    """Size of a pixel (µm), where the layer's scale and units say so."""
    i = axes.index("X") if "X" in axes else -1
    size: float | None = convert(float(layer.scale[i]), str(layer.units[i]), LENGTHS)
    return size


def pixel_height(layer: Layer, axes: str) -> float | None:
    """Height of a pixel (µm), where it is not the size of one."""
    height = pixel_size(layer, axes.replace("X", "-").replace("Y", "X"))
    return unequal(height, pixel_size(layer, axes))


def time_step(layer: Layer, unsaid: float | None = None) -> float | None:
    """Time from frame to frame (s), where the layer's metadata say so."""
    said = layer.metadata.get("time_step", unsaid)
    step: float | None = layer.metadata.get(READ, {}).get("time_step", said)
    return step


def calibrated(stack: Stack, layer: Layer, axes: str) -> Stack:
    """Return the same frames with the pixel size and time step of a layer."""
    size, step = pixel_size(layer, axes), time_step(layer)
    height = pixel_height(layer, axes)
    new = replace(stack, pixel_size=size, pixel_height=height, time_step=step)
    if stack in _CHOICES:
        _CHOICES[new] = _CHOICES[stack]
    return new


def frame_on_screen(layer: ImageLayer, axes: str, point: tuple[float, ...]) -> int:
    """Index of the frame that a viewer's point lies in; 0 without a time axis."""
    if "T" not in axes:
        return 0
    return round(float(layer.world_to_data(point)[axes.index("T")]))


def _letter(label: str) -> str:
    word = label.strip().lower()
    if word in _NAMES:
        return _NAMES[word]
    return word.upper() if len(word) == 1 and word.upper() in LETTERS else ""


def _check(axes: str) -> None:
    if len(set(axes)) < len(axes):
        raise ImageError("Two dimensions have the same letter: choose one letter each.")
    if not {"Y", "X"} <= set(axes):
        raise ImageError("Y and X are missing: choose which dimensions they are.")


def _origin(layer: ImageLayer) -> dict[str, Any]:
    """Files, numbers and time step of the frames, where the reader left them.

    Those of another number of frames are left out when the stack is made.
    """
    read = layer.metadata.get(READ, {})
    source, numbers = read.get("source"), read.get("frame_numbers")
    return {
        "source": Path(source) if source else None,
        "files": tuple(Path(file) for file in read.get("files", ())),
        "frame_numbers": tuple(numbers) if numbers else None,
        "time_step": time_step(layer),
    }


def _full_resolution(layer: ImageLayer) -> Any:
    return layer.data[0] if layer.multiscale else layer.data


def _lazy(data: Any, axes: str) -> Any:
    """Wrap data of many axes so that projections are computed a frame at a time."""
    if not isinstance(data, np.ndarray) or not {"C", "Z"} & set(axes):
        return data
    import dask.array

    da: Any = dask.array
    lead = data.shape[0]
    chunks = ((1,) * lead, *((n,) for n in data.shape[1:]))
    return da.from_array(data, chunks, name=f"layer-{uuid4().hex}")
