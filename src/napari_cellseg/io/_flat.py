"""PNG, JPEG and BMP: one picture a file."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import PIL.Image

from napari_cellseg.errors import ImageError
from napari_cellseg.io._lazy import pages
from napari_cellseg.io._tiff import Header

if TYPE_CHECKING:
    from pathlib import Path


SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
_COLOUR = {"RGB", "RGBA", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV"}


class FlatFile:
    """One picture, decoded when asked for. Alpha is left out, palettes are resolved."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def header(self) -> Header:
        """Shape, axes and type, without the pixels."""
        with _open(self.path) as picture:
            size = (picture.height, picture.width)
            if picture.mode in _COLOUR:
                wide = _deep(self.path)
                return Header((*size, 3), "YXS", np.dtype("u2" if wide else "u1"))
            kinds = {"F": "f4", "I": "i4"}
            kind = "u2" if picture.mode.startswith("I;") else "u1"
            kind = kinds.get(picture.mode, kind)
            if picture.mode == "I" and _deep(self.path):
                kind = "u2"
            return Header(size, "YX", np.dtype(kind))

    def data(self) -> Any:
        """Lazy array, one chunk."""
        found = self.header()
        return pages(self.read, (), found.shape, found.dtype)

    def read(self, index: int = 0) -> np.ndarray:
        """Decode the picture: ``(Y, X)`` or ``(Y, X, 3)``.

        Raises
        ------
        ImageError
            If it is truncated or damaged.
        """
        shape, _, dtype = self.header()
        try:
            return self._decode(dtype).reshape(shape)
        except (OSError, ValueError, SyntaxError, cv2.error) as error:
            raise ImageError(
                f"{self.path}: cannot be read: {error}. The file is truncated or "
                "damaged: copy it again from its source"
            ) from error

    def _decode(self, dtype: np.dtype[np.generic]) -> np.ndarray:
        with _open(self.path) as picture:
            picture.load()
            if picture.mode in _COLOUR and dtype == np.uint16:
                # Pillow reads 16-bit colour as 8 bit
                raw = np.frombuffer(self.path.read_bytes(), np.uint8)
                bgr: Any = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
                return np.ascontiguousarray(bgr[..., 2::-1])
            mode = picture.mode
            if mode in _COLOUR:
                return np.asarray(picture.convert("RGB"))
            if mode in {"1", "LA", "La"}:
                return np.asarray(picture.convert("L"))
            return np.asarray(picture).astype(dtype, copy=False)


def _open(path: Path) -> PIL.Image.Image:
    try:
        with warnings.catch_warnings():
            # large pictures are what microscopes make
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            return PIL.Image.open(path)
    except PIL.Image.DecompressionBombError as error:
        raise ImageError(f"{path}: is too large for its format: use TIFF") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageError(
            f"{path}: is not an image, or is damaged ({error}): copy it again"
        ) from error


def _deep(path: Path) -> bool:
    """Whether a PNG has 16 bits a sample: byte 24 of its header says so."""
    with path.open("rb") as file:
        start = file.read(25)
    return start.startswith(b"\x89PNG") and start[24:] == b"\x10"
