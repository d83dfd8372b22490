"""The journal of masks that came from elsewhere."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from qtpy.QtCore import QObject, Qt

from napari_cellseg.correction.journal import Fingerprint, fingerprint
from napari_cellseg.session.engine import EXPECTED
from napari_cellseg.session.keeping import Keeping, open_image, open_stack
from napari_cellseg.session.lazy_frames import LazyFrames
from napari_cellseg.widgets.layers.below import stack_below
from napari_cellseg.widgets.layers.source import READ
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Labels as LabelsLayer
    from napari.viewer import Viewer

    from napari_cellseg.correction.journal import Opened
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.widgets.layers.own_masks import OwnFrames

_log = logging.getLogger(__name__)

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
) -> Keeping:
    """Write down the corrections of masks.

    They belong to the masks' own file, whatever their layer is called and whichever
    image lies below. Masks from memory belong to that image under the name of their
    layer, and without one to their pixels. Journals are looked for in all these places:
    of several, that with the newest corrections is taken up.

    Parameters
    ----------
    viewer, layer : Viewer, Labels layer
        Where the masks are shown.
    corrections : Corrections
        Of them, new ones.
    frames : OwnFrames
        The masks.
    """
    masks, file = _fingerprint(frames), _file_of(layer)
    found = [open_image(masks, file, file.name, f"masks-{masks.short}")] if file else []
    found += _with_image(viewer, layer, frames.shape)
    if file is None:
        found.append(open_image(masks, None, layer.name))
    return Keeping(corrections, max(found, key=lambda o: (o.found, o.state.when)))


def _with_image(
    viewer: Viewer, layer: LabelsLayer, shape: tuple[int, ...]
) -> list[Opened]:
    """Look for the journal of masks of that name among those of their image."""
    stack = stack_below(viewer, layer, shape)
    name = re.sub(r"\W+", "-", layer.name).strip("-")[:LONGEST]
    try:
        return [open_stack(stack, f"masks-{name}")] if stack is not None else []
    except EXPECTED as error:
        _log.info("journals of the image cannot be looked for: %s", error)
        return []


def _fingerprint(frames: OwnFrames) -> Fingerprint:
    own = frames.frames
    if isinstance(own, LazyFrames) and own.written_back:
        # its pixels change with the corrections
        return Fingerprint(own.shape, own.dtype.name, (made(own.source),))
    return fingerprint(frames.shape, frames.dtype, frames.read)


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
