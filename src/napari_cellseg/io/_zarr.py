"""OME-Zarr 0.4 and 0.5, and plain Zarr arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zarr
from zarr.errors import BaseZarrError

from napari_cellseg.errors import ImageError
from napari_cellseg.io._axes import override
from napari_cellseg.io._lazy import as_dask
from napari_cellseg.io._metadata import LENGTHS, TIMES, convert, unequal
from napari_cellseg.io._names import stem
from napari_cellseg.io._records import Image

if TYPE_CHECKING:
    from pathlib import Path

_TROUBLE = (OSError, ValueError, KeyError, TypeError, IndexError, BaseZarrError)


def open_zarr(path: Path, axes: str | None = None) -> Image:
    """Open level 0 of an OME-Zarr image, its first labels, or a plain Zarr array.

    A scale without a unit is taken as µm and s unless it is 1.

    Raises
    ------
    ImageError
        If it is none of them or its metadata do not fit its data.
    """
    try:
        node = zarr.open(path, mode="r")
        array, found, attributes = _image(node)
        names = "".join(a["name"] for a in _axes(found)).upper() if found else ""
        names = names or {2: "YX", 3: "TYX"}.get(array.ndim, "")
    except _TROUBLE as error:
        raise ImageError(
            f"{path}: is no OME-Zarr image ({error}): name the folder that holds "
            "the multiscales metadata"
        ) from error
    letters = override(axes or names, tuple(array.shape), path)
    scale = _scale(found, names) if found else {}
    ours = attributes.get("napari-cellseg", {})
    numbers = ours.get("frame_numbers")
    return Image(
        data=as_dask(array),
        axes=letters,
        name=stem(path),
        source=path,
        pixel_size=scale.get("X"),
        pixel_height=unequal(scale.get("Y"), scale.get("X")),
        time_step=scale.get("T"),
        frame_numbers=tuple(numbers) if numbers else None,
        labels="image-label" in attributes,
    )


def _image(node: Any) -> tuple[Any, dict[str, Any] | None, dict[str, Any]]:
    """Find the array, its multiscale and the attributes of its group."""
    if isinstance(node, zarr.Array):
        return node, None, {}
    attributes = dict(node.attrs)
    attributes |= attributes.get("ome", {})
    if "multiscales" in attributes:
        multiscale = attributes["multiscales"][0]
        return node[multiscale["datasets"][0]["path"]], multiscale, attributes
    labels = attributes.get("labels")
    if labels:
        return _image(node[labels[0]])
    if "labels" in node:
        return _image(node["labels"])
    raise KeyError("no multiscales in its attributes")


def _axes(multiscale: dict[str, Any]) -> list[dict[str, str]]:
    axes = multiscale.get("axes", [])
    return [{"name": a} if isinstance(a, str) else a for a in axes]


def _scale(multiscale: dict[str, Any], names: str) -> dict[str, float]:
    """Scale of level 0 by axis, in µm and s."""
    total = [1.0] * len(names)
    level = multiscale["datasets"][0].get("coordinateTransformations", [])
    for step in [*level, *multiscale.get("coordinateTransformations", [])]:
        if step.get("type") == "scale" and len(step["scale"]) == len(names):
            total = [a * b for a, b in zip(total, step["scale"], strict=True)]
    scale = {}
    for axis, value in zip(_axes(multiscale), total, strict=True):
        units = TIMES if axis["name"] == "t" else LENGTHS
        default = None if value == 1 else "s" if units is TIMES else "um"
        found = convert(value, axis.get("unit", default), units)
        if found:
            scale[axis["name"].upper()] = found
    return scale
