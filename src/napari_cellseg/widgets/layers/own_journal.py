"""The journal of masks that came from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from qtpy.QtCore import QObject, Qt

from napari_cellseg.correction.journal import Fingerprint, fingerprint
from napari_cellseg.session.keeping import keep_image, keep_stack
from napari_cellseg.session.lazy_frames import LazyFrames
from napari_cellseg.widgets.layers.below import stack_below
from napari_cellseg.widgets.layers.source import READ
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.session.keeping import Keeping
    from napari_cellseg.widgets.layers.own_masks import OwnFrames

LONGEST = 40
"""Letters of a layer's name that its journal's takes."""


class Bell(QObject):
    """Calls something in the window's thread, whichever thread rings.

    Parameters
    ----------
    call : callable
        What is called.
    """

    rung = Signal()

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call
        self.rung.connect(self._ring, Qt.ConnectionType.QueuedConnection)

    def ring(self) -> None:
        """Call it soon."""
        self.rung.emit()

    def _ring(self) -> None:
        self._call()


def keep_masks(
    viewer: Viewer, layer: LabelsLayer, corrections: Corrections, frames: OwnFrames
) -> Keeping | str:
    """Write down the corrections of masks; where that cannot be, words for why.

    They belong to the image below the masks that has as many frames of the same size.
    Without one they belong to the masks' own file.

    Parameters
    ----------
    viewer, layer : Viewer, Labels layer
        Where the masks are shown.
    corrections : Corrections
        Of them, new ones.
    frames : OwnFrames
        The masks.
    """
    stack = stack_below(viewer, layer, frames.shape)
    if stack is not None:
        name = re.sub(r"\W+", "-", layer.name).strip("-")[:LONGEST]
        return keep_stack(corrections, stack, f"masks-{name}")
    own = frames.frames
    if isinstance(own, LazyFrames) and own.written_back:
        # its pixels change with the corrections
        found = Fingerprint(own.shape, own.dtype.name, (made(own.source),))
    else:
        found = fingerprint(frames.shape, frames.dtype, frames.read)
    return keep_image(corrections, found, _file_of(layer), layer.name)


def made(array: Any) -> int:
    """Tell a zarr array from another of the same size that took its place.

    Parameters
    ----------
    array : zarr array
        Its pixels may change.

    Returns
    -------
    int
        Checksum of its description and the time when that was written, which is when
        the array was made; elsewhere than on a disk, of its address.
    """
    root = getattr(array.store, "root", None)
    if not isinstance(root, Path):
        return crc32(str(array.store_path).encode())
    files = (root / array.path / name for name in ("zarr.json", ".zarray"))
    found = [
        (file.read_bytes(), file.stat().st_mtime_ns) for file in files if file.exists()
    ]
    return crc32(repr(found).encode())


def _file_of(layer: LabelsLayer) -> Path | None:
    source = layer.metadata.get(READ, {}).get("source") or layer.source.path
    return Path(source) if isinstance(source, str | Path) and source else None
