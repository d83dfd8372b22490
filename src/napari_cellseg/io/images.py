"""Open images: files, folders of frames, challenge folders and OME-Zarr, lazily."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellseg.errors import ImageError
from napari_cellseg.io import _flat, _tiff
from napari_cellseg.io._axes import override
from napari_cellseg.io._folder import (
    SUFFIXES,
    image_files,
    open_folder,
    samples_to_channels,
)
from napari_cellseg.io._names import is_zarr, stem
from napari_cellseg.io._records import Image, Stack

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SUFFIXES", "Image", "Stack", "image_paths", "open_image"]


def open_image(path: str | Path, axes: str | None = None) -> Image:
    """Open an image without reading its pixels.

    Parameters
    ----------
    path : str or Path
        A TIFF (also OME, ImageJ), PNG, JPEG or BMP file, a folder of frames such as
        those of the Cell Tracking Challenge (``01``, ``01_GT/SEG``, ``01_RES``), or an
        OME-Zarr.
    axes : str or None
        Letters of ``TCZYX``, one a dimension, where they are other than the file says.
        Pages of a TIFF that names no axes are time.

    Returns
    -------
    Image
        Lazy: a frame is decoded when it is asked for. Colour samples are channels,
        alpha is left out. ``pixel_size`` only where the file gives a unit of length.

    Raises
    ------
    ImageError
        If there is nothing there, nothing that can be read, the frames differ in size
        or `axes` do not fit. A frame that turns out damaged raises when it is read.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise _absent(path)
    try:
        return _open(path, axes)
    except PermissionError as error:
        raise ImageError(f"{path}: may not be read: check its permissions") from error


def image_paths(paths: Iterable[str | Path], independent: bool = False) -> list[Path]:
    """Paths for `open_image`, one an image.

    Parameters
    ----------
    paths : iterable of path
        Each as `open_image` takes it.
    independent : bool
        Every file in a folder is an image of its own, of any size, not a frame.

    Raises
    ------
    ImageError
        If one does not exist, or a folder of unrelated images holds none.
    """
    found: list[Path] = []
    for path in (Path(p).expanduser() for p in paths):
        if not path.exists():
            raise _absent(path)
        apart = independent and path.is_dir() and not is_zarr(path)
        found += image_files(path) if apart else [path]
    return found


def _absent(path: Path) -> ImageError:
    return ImageError(f"{path}: does not exist: check the path")


def _open(path: Path, axes: str | None) -> Image:
    if path.is_dir():
        return _open_zarr(path, axes) if is_zarr(path) else open_folder(path, axes)
    kind = path.suffix.lower()
    if kind in _tiff.SUFFIXES:
        return _open_tiff(path, axes)
    if kind in _flat.SUFFIXES:
        return _open_flat(path, axes)
    raise ImageError(
        f"{path}: files of type {kind or 'no suffix'} cannot be read: convert it to "
        f"TIFF, or open one of {', '.join(sorted(SUFFIXES))}, .zarr"
    )


def _open_zarr(path: Path, axes: str | None) -> Image:
    # zarr takes longer to import than all the rest
    from napari_cellseg.io._zarr import open_zarr

    return open_zarr(path, axes)


def _open_tiff(path: Path, axes: str | None) -> Image:
    reader = _tiff.TiffPages(path)
    data, letters, rgb = samples_to_channels(
        reader.data(), reader.header(axes is None).axes
    )
    found = reader.calibration()
    return Image(
        data=data,
        axes=override(axes, data.shape, path) if axes else letters,
        name=stem(path),
        source=path,
        pixel_size=found.pixel_size,
        pixel_height=found.pixel_height,
        time_step=found.time_step,
        frame_numbers=found.frame_numbers,
        rgb=rgb,
        labels=found.labels,
    )


def _open_flat(path: Path, axes: str | None) -> Image:
    reader = _flat.FlatFile(path)
    data, letters, rgb = samples_to_channels(reader.data(), reader.header().axes)
    letters = override(axes, data.shape, path) if axes else letters
    return Image(data=data, axes=letters, name=stem(path), source=path, rgb=rgb)
