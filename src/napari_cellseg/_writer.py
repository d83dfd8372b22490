"""napari's door to `io.results`: a Labels layer as TIFF or OME-Zarr."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_labels_tiff(path: str, data: Any, meta: dict[str, Any]) -> list[str]:
    """Write a Labels layer ``(Y, X)`` or ``(T, Y, X)`` as a TIFF, a page a frame.

    Raises
    ------
    OutputError
        If it cannot be written; what was there is then as it was.
    """
    return _write(Path(path), ".tif", data, meta)


def write_labels_zarr(path: str, data: Any, meta: dict[str, Any]) -> list[str]:
    """Write a Labels layer ``(Y, X)`` or ``(T, Y, X)`` as an OME-Zarr label image.

    Raises
    ------
    OutputError
        If it cannot be written; what was there is then as it was.
    """
    return _write(Path(path), ".zarr", data, meta)


def _write(path: Path, suffix: str, data: Any, meta: dict[str, Any]) -> list[str]:
    from napari_cellseg.io.images import Stack
    from napari_cellseg.io.results import write_labels

    known = {".tif": {".tif", ".tiff"}}.get(suffix, {suffix})
    if path.suffix.lower() not in known:
        path = path.with_name(path.name + suffix)
    ours = meta.get("metadata", {}).get("napari-cellseg", {})
    like = Stack.from_array(
        data,
        name=meta.get("name", path.stem),
        pixel_size=_pixel_size(meta),
        time_step=ours.get("time_step"),
        numbers=ours.get("frame_numbers"),
    )
    frames = (like.frame(t) for t in range(len(like)))
    # napari's dialog has asked whether to replace
    return [str(write_labels(path, frames, like, overwrite=True))]


def _pixel_size(meta: dict[str, Any]) -> float | None:
    """Scale of the last axis (µm), where its unit is a length."""
    from napari_cellseg.io._metadata import LENGTHS, convert

    scale, units = meta.get("scale"), meta.get("units")
    if scale is None or units is None:
        return None
    size: float | None = convert(float(scale[-1]), str(units[-1]), LENGTHS)
    return size
