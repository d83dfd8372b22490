"""napari's door to `io.images`: microscopy stacks as lazy layers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellseg.io.images import Image

    LayerData = tuple[Any, dict[str, Any], str]
    Reader = Callable[[str | Sequence[str]], list[LayerData]]

_FILES = {".tif", ".tiff"}
_NAMES = {"T": "t", "C": "c", "Z": "z", "Y": "y", "X": "x"}
_FRAME = re.compile(r"\.(tiff?|png)$", re.IGNORECASE)


def get_reader(path: str | Sequence[str]) -> Reader | None:
    """Return a reader if the path is one that `io.images.open_image` opens.

    Parameters
    ----------
    path : str or sequence of str
        TIFF files, folders of frames, OME-Zarr.

    Returns
    -------
    callable or None
        Takes the path; returns a layer a channel, or one Labels layer.
    """
    paths = [Path(path)] if isinstance(path, str) else [Path(p) for p in path]
    return _read if paths and all(map(_takes, paths)) else None


def _takes(path: Path) -> bool:
    if path.suffix.lower() == ".zarr" or (path / "zarr.json").exists():
        return True
    if path.is_dir():
        return any(_FRAME.search(p.name) for p in path.iterdir())
    return path.suffix.lower() in _FILES


def _read(path: str | Sequence[str]) -> list[LayerData]:
    from napari_cellseg.io.images import open_image

    paths = [path] if isinstance(path, str) else path
    return [layer for p in paths for layer in _layers(open_image(p))]


def _layers(image: Image) -> list[LayerData]:
    if image.labels and "C" not in image.axes and image.data.dtype.kind in "ui":
        return [_layer(image, image.data, image.axes, image.name, "labels")]
    if "C" not in image.axes:
        return [_layer(image, image.data, image.axes, image.name, "image")]
    c = image.axes.index("C")
    left = image.axes.replace("C", "")
    if image.rgb:
        layer = _layer(image, np.moveaxis(image.data, c, -1), left, image.name, "image")
        layer[1]["rgb"] = True
        return [layer]
    layers = []
    for index in range(image.size("C")):
        data = image.data[(slice(None),) * c + (index,)]
        name = f"{image.name} channel {index}"
        layers.append(_layer(image, data, left, name, "image"))
        layers[-1][1]["blending"] = "additive"
    return layers


def _layer(image: Image, data: Any, axes: str, name: str, kind: str) -> LayerData:
    size = image.pixel_size
    meta: dict[str, Any] = {
        "name": name,
        "axis_labels": tuple(_NAMES[a] for a in axes),
        "metadata": {
            "napari-cellseg": {
                "source": str(image.source) if image.source else None,
                "files": [str(f) for f in image.files],
                "frame_numbers": image.frame_numbers,
                "pixel_size": size,
                "time_step": image.time_step,
            }
        },
    }
    if size:
        # time stays in frames: layers made from this one then align with it
        meta["scale"] = tuple(size if a in "YX" else 1.0 for a in axes)
        meta["units"] = tuple("micrometer" if a in "YX" else "pixel" for a in axes)
    return data, meta, kind
