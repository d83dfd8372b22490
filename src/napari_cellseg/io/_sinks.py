"""Where label frames go one by one: a multi-page TIFF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import tifffile

from napari_cellseg.io._atomic import remove, replace
from napari_cellseg.io._metadata import LABELS, NUMBERS

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.io._records import Stack

_BIG = 2**34
"""Uncompressed bytes from which a TIFF gets 64-bit offsets: labels shrink 10 times."""


class Sink(Protocol):
    """Takes the frames of one stack into `part`; `commit` gives it its name."""

    part: Path
    target: Path

    def add(self, t: int, labels: np.ndarray) -> None:
        """Write frame t."""

    def commit(self) -> None:
        """Complete the result and rename it."""

    def close(self) -> None:
        """Leave `part` readable."""


class TiffSink:
    """One page a frame, zlib, OME metadata; uint16, or uint32 once an id needs it."""

    def __init__(self, target: Path, like: Stack) -> None:
        self.target = target
        self.part = target.with_name(f"{target.stem}.partial.tif")
        self.like = like
        self.dtype: np.dtype[Any] = np.dtype(np.uint16)
        self.count = 0
        remove(self.part)
        self._writer = self._open(self.part)

    def _open(self, path: Path) -> tifffile.TiffWriter:
        size = int(np.prod(self.like.shape)) * self.dtype.itemsize
        return tifffile.TiffWriter(path, bigtiff=size > _BIG)

    def add(self, t: int, labels: np.ndarray) -> None:
        """Write the next frame."""
        if largest(labels) > np.iinfo(self.dtype).max:
            self._widen()
        self._write(labels)

    def _write(self, labels: np.ndarray) -> None:
        self._writer.write(
            labels.astype(self.dtype, copy=False),
            compression="zlib",
            photometric="minisblack",
            metadata=None,
            software=False,
            description=LABELS if self.count == 0 else None,
        )
        self.count += 1

    def _widen(self) -> None:
        """Write what is there again as uint32."""
        self._writer.close()
        narrow = self.part.with_name(f".{self.part.name}")
        self.part.replace(narrow)
        self.dtype = np.dtype(np.uint32)
        self._writer = self._open(self.part)
        written, self.count = self.count, 0
        if written:
            with tifffile.TiffFile(narrow) as tif:
                for page in tif.pages:
                    self._write(page.asarray())
        remove(narrow)

    def close(self) -> None:
        """Leave the pages that are there readable."""
        self._writer.close()

    def commit(self) -> None:
        """Write the metadata and rename."""
        self.close()
        tifffile.tiffcomment(self.part, self._ome().encode())
        replace(self.part, self.target)

    def _ome(self) -> str:
        like = self.like
        t, y, x = like.shape
        metadata: dict[str, Any] = {"Name": like.name, "Description": LABELS}
        if like.pixel_size:
            metadata |= {"PhysicalSizeX": like.pixel_size}
            metadata |= {"PhysicalSizeY": like.pixel_size}
        if like.time_step:
            metadata["TimeIncrement"] = like.time_step
        if like.numbers:
            metadata["MapAnnotation"] = {NUMBERS: " ".join(map(str, like.numbers))}
        xml = tifffile.OmeXml()
        xml.addimage(
            self.dtype,
            (y, x) if like.single else (t, y, x),
            (t, 1, 1, y, x, 1),
            axes="YX" if like.single else "TYX",
            **metadata,
        )
        return str(xml.tostring(declaration=True))


def largest(labels: np.ndarray) -> int:
    """Return the largest id of a frame; 0 for one without pixels."""
    return int(labels.max(initial=0))
