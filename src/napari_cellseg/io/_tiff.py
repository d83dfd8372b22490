"""TIFF, OME-TIFF and ImageJ hyperstacks, page by page."""

from __future__ import annotations

import logging
import struct
import threading
import weakref
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tifffile

from napari_cellseg.errors import ImageError
from napari_cellseg.io._axes import from_file
from napari_cellseg.io._lazy import pages
from napari_cellseg.io._metadata import Calibration, imagej, ome

if TYPE_CHECKING:
    from pathlib import Path


SUFFIXES = frozenset({".tif", ".tiff"})
_TROUBLE = (OSError, ValueError, RuntimeError, IndexError, KeyError, TypeError,
            struct.error, tifffile.TiffFileError)  # fmt: skip

# what tifffile logs is raised here, with a remedy: once is enough unless asked for
logging.getLogger("tifffile").addHandler(logging.NullHandler())


class Header(NamedTuple):
    """What is known of a file before its pixels are read."""

    shape: tuple[int, ...]
    axes: str
    dtype: np.dtype[Any]


class TiffPages:
    """The pages of a TIFF's first image; each is read when asked for.

    The file is opened when the first page is read and closed with the object. Reading
    is serialised, as the file has one position. Pickles as its path.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._tif: tifffile.TiffFile | None = None

    def __reduce__(self) -> tuple[type[TiffPages], tuple[Path]]:
        return TiffPages, (self.path,)

    def _open(self) -> tifffile.TiffFile:
        if self._tif is None:
            self._tif = _open(self.path)
            weakref.finalize(self, self._tif.close)
        return self._tif

    def header(self, named: bool = True) -> Header:
        """Shape, axes and type.

        Parameters
        ----------
        named : bool
            The axes must be clear from the file; else they are as it says.

        Raises
        ------
        ImageError
            If they must be and are not.
        """
        with self._lock:
            series = self._open().series[0]
            shape = tuple(int(n) for n in series.shape)
            axes = from_file(series.axes, shape, self.path) if named else series.axes
            return Header(shape, axes, np.dtype(series.dtype.newbyteorder("=")))

    def calibration(self) -> Calibration:
        """Read what the file says of scale, time and frames."""
        with self._lock:
            tif = self._open()
            if tif.ome_metadata:
                return ome(tif.ome_metadata)
            if tif.imagej_metadata:
                page = tif.pages.first
                sides = _resolution(page, "X"), _resolution(page, "Y")
                return imagej(tif.imagej_metadata, *sides)
            return Calibration()

    def data(self) -> Any:
        """Lazy array, a chunk a page."""
        with self._lock:
            tif = self._open()
            shape = tuple(int(n) for n in tif.series[0].shape)
            n = _leading(tif.series[0])
        return pages(self.read, shape[:n], shape[n:], self.header(False).dtype)

    def whole(self) -> np.ndarray:
        """Decode every page: the file as one array."""
        shape = self.header(False).shape
        with self._lock:
            count = prod(shape[: _leading(self._open().series[0])])
        return np.stack([self.read(i) for i in range(count)]).reshape(shape)

    def read(self, index: int) -> np.ndarray:
        """Decode one page.

        Raises
        ------
        ImageError
            If the file ends within it or its data are damaged.
        """
        with self._lock:
            try:
                return self._decode(index)
            except ImageError:
                raise
            except _TROUBLE as error:
                raise self._damaged(index, str(error)) from error

    def _decode(self, index: int) -> np.ndarray:
        series = self._open().series[0]
        n = _leading(series)
        if series.dataoffset is not None:
            return self._contiguous(series, prod(series.shape[n:]), index)
        page = series.pages[index]
        if page is None:
            raise self._damaged(index, "its file or page is absent")
        handle = page.parent.filehandle
        if handle.closed:
            handle.open()
        ends = (o + b for o, b in zip(page.dataoffsets, page.databytecounts,
                                      strict=False))  # fmt: skip
        if max(ends, default=0) > handle.size:
            raise self._damaged(index, "the file ends within it")
        return np.asarray(page.asarray())

    def _contiguous(self, series: Any, count: int, index: int) -> np.ndarray:
        handle = self._open().filehandle
        stored = np.dtype(self._open().byteorder + series.dtype.char)
        offset = series.dataoffset + index * count * stored.itemsize
        if offset + count * stored.itemsize > handle.size:
            raise self._damaged(index, "the file ends within it")
        found = handle.read_array(stored, count=count, offset=offset)
        return np.asarray(found).astype(stored.newbyteorder("="), copy=False)

    def _damaged(self, index: int, why: str) -> ImageError:
        return ImageError(
            f"{self.path}: page {index} cannot be read: {why}. The file is truncated "
            "or damaged: copy it again from its source"
        )


def header(path: Path) -> Header:
    """Shape, axes and type of a TIFF, without its pixels."""
    return TiffPages(path).header()


def _open(path: Path) -> tifffile.TiffFile:
    if not path.stat().st_size:
        raise ImageError(f"{path}: is empty (0 bytes): copy it again from its source")
    try:
        tif = tifffile.TiffFile(path)
    except _TROUBLE as error:
        raise ImageError(
            f"{path}: is not a TIFF, or is truncated or damaged ({error}): "
            "copy it again from its source"
        ) from error
    try:
        _check(tif, path)
    except _TROUBLE as error:
        tif.close()
        if isinstance(error, ImageError):
            raise
        raise ImageError(
            f"{path}: is truncated or damaged ({error}): copy it again from its source"
        ) from error
    return tif


def _check(tif: tifffile.TiffFile, path: Path) -> None:
    if _chain_broken(tif):
        raise ImageError(
            f"{path}: is truncated: it ends before page {len(tif.pages)}, which it "
            "announces. Copy it again from its source"
        )
    if not tif.series or not tif.series[0].size:
        raise ImageError(f"{path}: holds no image")
    if tif.is_ome or tif.series[0].is_pyramidal:
        return
    sizes = {s.shape[-2:]: s for s in tif.series if not s.keyframe.is_reduced}
    if len(sizes) > 1:
        first, other = list(sizes)[:2]
        page = sizes[other].keyframe.index
        raise ImageError(
            f"{path}: its pages differ in size: page 0 is {first[0]} x {first[1]}, "
            f"page {page} is {other[0]} x {other[1]}. Save each size as a file"
        )


def _chain_broken(tif: tifffile.TiffFile) -> bool:
    """Whether the last page points to one that lies beyond the end of the file."""
    where = tif.pages.next_page_offset
    if not where:
        return False
    tif.filehandle.seek(where)
    raw = tif.filehandle.read(tif.tiff.offsetsize)
    if len(raw) < tif.tiff.offsetsize:
        return True
    return bool(struct.unpack(tif.tiff.offsetformat, raw)[0] >= tif.filehandle.size)


def _leading(series: Any) -> int:
    """Count the dimensions that number the pages."""
    if series.dataoffset is not None:
        return len(series.shape) - (3 if series.axes.endswith("S") else 2)
    count, done = len(series.pages), 1
    for n, length in enumerate(series.shape):
        if done == count:
            return n
        done *= length
    return len(series.shape)


def _resolution(page: Any, axis: str) -> float | None:
    tag = page.tags.get(f"{axis}Resolution")
    if tag is None or not all(tag.value):
        return None
    return float(tag.value[1] / tag.value[0])
