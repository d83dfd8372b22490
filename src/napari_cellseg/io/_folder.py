"""A folder of frames: one file a frame, in the natural order of their names."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.io import _flat, _tiff
from napari_cellseg.io._axes import override
from napari_cellseg.io._lazy import pages
from napari_cellseg.io._names import frame_numbers, natural_key, stem
from napari_cellseg.io._records import Image

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = _tiff.SUFFIXES | _flat.SUFFIXES
_LABEL_FRAME = re.compile(r"(mask|man_seg|man_track)_?\d+", re.IGNORECASE)


def image_files(folder: Path) -> list[Path]:
    """List the image files in a folder, hidden ones left out, in natural order.

    Raises
    ------
    ImageError
        If there is none; it names the folders to choose from. If one is a link to
        nothing.
    """
    entries = sorted(folder.iterdir(), key=natural_key)
    named = [
        e
        for e in entries
        if e.suffix.lower() in SUFFIXES and not e.name.startswith(".")
    ]
    for link in (e for e in named if e.is_symlink() and not e.exists()):
        raise ImageError(
            f"{link}: is a link to {link.readlink()}, which is not there: bring that "
            "file back, or take the link out"
        )
    files = [e for e in named if e.is_file()]
    if files:
        return files
    inside = [e.name for e in entries if e.is_dir() and not e.name.startswith(".")]
    hint = (
        f"It holds the folders {', '.join(inside[:8])}: name one of them"
        if inside
        else f"Name a folder with files of {', '.join(sorted(SUFFIXES))}"
    )
    raise ImageError(f"{folder}: holds no images. {hint}")


def header(path: Path) -> _tiff.Header:
    """Shape, axes and type of one image file."""
    if path.suffix.lower() in _tiff.SUFFIXES:
        return _tiff.header(path)
    return _flat.FlatFile(path).header()


def open_folder(folder: Path, axes: str | None = None) -> Image:
    """Open a folder of frames of one size. Pages within a file are z planes.

    Raises
    ------
    ImageError
        If it is empty, or the files differ in kind or size; it names the first that
        does.
    """
    files = image_files(folder)
    _same_kind(folder, files)
    headers = [header(f) for f in files]
    first = headers[0]
    _same_size(folder, files, headers)
    dtype = np.result_type(*{h.dtype for h in headers})
    inner = first.axes.replace("T", "Z") if "Z" not in first.axes else first.axes
    if "T" in inner:
        raise ImageError(
            f"{folder}: {files[0].name} is a stack of its own: open the files one by "
            "one (--independent)"
        )
    reader = _Files(tuple(files), first.shape, dtype)
    data = pages(reader.read, (len(files),), first.shape, dtype)
    data, letters, rgb = samples_to_channels(data, "T" + inner)
    return Image(
        data=data,
        axes=override(axes, data.shape, folder) if axes else letters,
        name=stem(folder.resolve()),
        source=folder,
        files=tuple(files),
        frame_numbers=frame_numbers([f.stem for f in files]),
        rgb=rgb,
        labels=dtype.kind in "ui" and all(_LABEL_FRAME.match(f.name) for f in files),
    )


def samples_to_channels(data: Any, axes: str) -> tuple[Any, str, bool]:
    """Make colour samples the channels, without alpha; grey and alpha is grey.

    Returns
    -------
    data, axes, rgb
        ``rgb`` says that the channels are red, green and blue.
    """
    if "S" not in axes:
        return data, axes, False
    s = axes.index("S")
    count = 1 if data.shape[s] < 3 else 3
    data = data[(slice(None),) * s + (slice(count),)]
    if count == 1:
        return data.squeeze(s), axes.replace("S", ""), False
    if "C" in axes:
        c = axes.index("C")
        data = np.moveaxis(data, s, c + 1)
        axes = axes.replace("S", "").replace("C", "CS")
        data = data.reshape(*data.shape[:c], -1, *data.shape[c + 2 :])
        return data, axes.replace("S", ""), False
    to = axes.replace("S", "").index("Y")
    left = axes.replace("S", "")
    return np.moveaxis(data, s, to), left[:to] + "C" + left[to:], True


class _Files:
    """Frames of a folder, decoded when asked for."""

    def __init__(
        self,
        files: tuple[Path, ...],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        self.files = files
        self.shape = shape
        self.dtype = dtype

    def read(self, index: int) -> np.ndarray:
        path = self.files[index]
        if path.suffix.lower() in _tiff.SUFFIXES:
            found = _tiff.TiffPages(path).whole()
        else:
            found = _flat.FlatFile(path).read()
        if found.shape != self.shape:
            raise ImageError(
                f"{path}: is now {found.shape}, was {self.shape} when its folder was "
                "opened: open the folder again"
            )
        return found.astype(self.dtype, copy=False)


def _same_kind(folder: Path, files: list[Path]) -> None:
    kinds = Counter(".tif" if f.suffix.lower() == ".tiff" else f.suffix.lower()
                    for f in files)  # fmt: skip
    if len(kinds) > 1:
        held = " and ".join(f"{n} {kind}" for kind, n in kinds.most_common())
        raise ImageError(
            f"{folder}: holds {held} files: keep the frames of one kind only, or open "
            "them as unrelated images (--independent)"
        )


def _same_size(folder: Path, files: list[Path], headers: list[_tiff.Header]) -> None:
    first = headers[0]
    for file, other in zip(files, headers, strict=True):
        if (other.shape, other.axes) != (first.shape, first.axes):
            raise ImageError(
                f"{folder}: its images differ in size: {files[0].name} is "
                f"{_size(first)}, {file.name} is {_size(other)}. Open unrelated images "
                "with --independent, or take out the one that does not belong"
            )


def _size(header: _tiff.Header) -> str:
    return f"{' x '.join(map(str, header.shape))} ({header.axes})"
