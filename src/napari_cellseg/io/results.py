"""Write label frames as they are made; read labels and pair them with the truth."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_cellseg.errors import ImageError, OutputError
from napari_cellseg.io._atomic import remove, writing
from napari_cellseg.io._free import check_free, staged
from napari_cellseg.io._labels import check_id, read_labels
from napari_cellseg.io._pairs import Pair, Pairing, pair
from napari_cellseg.io._records import Stack
from napari_cellseg.io._sinks import TiffSink
from napari_cellseg.io.ctc import tracks_of, write_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from napari_cellseg.io._sinks import Sink

__all__ = [
    "SUFFIXES",
    "LabelWriter",
    "LayersWriter",
    "Pair",
    "Pairing",
    "check_free",
    "pair",
    "read_labels",
    "staged",
    "write_labels",
    "writing",
]

_log = logging.getLogger(__name__)

SUFFIXES = {"tiff": ".tif", "zarr": ".zarr"}
"""Of the label file of each format."""


class LabelWriter:
    """Write the label frames of one stack, each as it is made; a context manager.

    The frames go to ``<stem>.partial.tif`` or ``<stem>.partial.zarr``, which takes its
    name when all are there. If the work ends before, the finished frames stay in it.

    Parameters
    ----------
    target : Path
        ``<stem>.tif`` or ``<stem>.zarr``; its folder is made.
    like : Stack
        The stack that is segmented: its shape, scale and frame numbers.
    overwrite : bool
        A result that is there may be replaced, once the new one is complete.

    Raises
    ------
    OutputError
        On making it, so before any work: if the target is there and may not be
        replaced, is the stack's own file, or cannot be written.
    """

    def __init__(self, target: Path, like: Stack, overwrite: bool = False) -> None:
        _spare_source(target, like)
        check_free(target, overwrite)
        self.target = target
        self.like = like
        self.count = 0
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            self._sink = _sink(target, like)
        self._done = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self.count == len(self.like):
            self._commit()
            return
        # an error that is on its way is the one to report
        with suppress(OSError) if kind else writing(self.target):
            self._sink.close()
            if not self.count:
                remove(self._sink.part)
        if self.kept:
            _log.info("%s finished frames are kept in %s", self.count, self.kept)

    @property
    def kept(self) -> Path | None:
        """Where finished frames lie while the result is not complete."""
        return self._sink.part if self.count and not self._done else None

    def add(self, labels: np.ndarray) -> None:
        """Write the next frame.

        Parameters
        ----------
        labels : numpy.ndarray
            ``(Y, X)``, integer, 0 is background. Stored as uint16, or uint32 from the
            first id beyond 65535.

        Raises
        ------
        ValueError
            If it is not a label frame of the stack's size, or the stack is full.
        OutputError
            If it cannot be written, or has an id beyond 32 bits.
        """
        if labels.shape != self.like.shape[1:] or labels.dtype.kind not in "ui":
            raise ValueError(
                f"labels {labels.shape} {labels.dtype} for a stack {self.like.shape}"
            )
        if self.count == len(self.like):
            raise ValueError(f"more label frames than the stack's {self.count}")
        try:
            check_id(labels.max(initial=0))
        except ImageError as error:
            where = self.like.where(self.count)
            raise OutputError(f"{self.target}: {where} {error}") from error
        with writing(self.target):
            self._sink.add(self.count, labels)
        self.count += 1

    def _commit(self) -> None:
        with writing(self.target):
            self._sink.commit()
        self._done = True


class LayersWriter:
    """Write several label layers of one stack, each to its own file.

    A context manager. The files take their names one right after the other, when all
    frames are there.

    Parameters
    ----------
    targets : sequence of Path
        One a layer, as of `LabelWriter`.
    like, overwrite
        As of `LabelWriter`.

    Raises
    ------
    OutputError
        As `LabelWriter`, and then before anything is made.
    """

    def __init__(
        self, targets: Sequence[Path], like: Stack, overwrite: bool = False
    ) -> None:
        for target in targets:
            check_free(target, overwrite)
        self._writers = [LabelWriter(target, like, overwrite) for target in targets]
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for writer in reversed(self._writers):
            self._open.enter_context(writer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)

    @property
    def kept(self) -> Path | None:
        """Where finished frames of the first layer lie while it is not complete."""
        return self._writers[0].kept

    def add(self, *layers: np.ndarray) -> None:
        """Write the next frame of every layer, each as `LabelWriter.add`."""
        for writer, labels in zip(self._writers, layers, strict=True):
            writer.add(labels)


def write_labels(
    target: Path,
    frames: Iterable[np.ndarray],
    like: Stack | None = None,
    overwrite: bool = False,
) -> Path:
    """Write label frames to a file or folder; its suffix says which.

    Parameters
    ----------
    target : Path
        ``name.tif`` (one page a frame), ``name.zarr`` (OME-Zarr), or a folder, which
        gets ``mask000.tif ...`` and ``res_track.txt`` of ids that are linked already.
    frames : iterable of numpy.ndarray
        Labels ``(Y, X)``; or one array, ``(Y, X)`` or ``(T, Y, X)``.
    like : Stack or None
        The stack they belong to. None takes shape and length from `frames`.
    overwrite : bool
        A result that is there may be replaced, once the new one is complete.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    OutputError
        As `LabelWriter` and `ctc.write_result`.
    """
    if not hasattr(frames, "ndim"):
        frames = frames if like is not None else np.stack(list(frames))
    if hasattr(frames, "ndim"):
        found = Stack.from_array(frames, target.stem)
        like, frames = like or found, (found.frame(t) for t in range(len(found)))
    assert like is not None
    if target.suffix not in SUFFIXES.values():
        kept = list(frames)
        return write_result(target, kept, tracks_of(kept), overwrite, like.numbers)
    with LabelWriter(target, like, overwrite) as out:
        for labels in frames:
            out.add(labels)
    if out.kept:
        raise OutputError(
            f"{target}: only {out.count} of {len(like)} frames were made: they are "
            f"kept in {out.kept}"
        )
    return target


def _sink(target: Path, like: Stack) -> Sink:
    if target.suffix != ".zarr":
        return TiffSink(target, like)
    # zarr takes longer to import than all the rest
    from napari_cellseg.io._zarr_sink import ZarrSink

    return ZarrSink(target, like)


def _spare_source(target: Path, like: Stack) -> None:
    sources = [p for p in (like.source, *like.files) if p is not None]
    if target.exists() and any(target.resolve() == p.resolve() for p in sources):
        raise OutputError(
            f"{target}: is the image itself and is never replaced: choose another "
            "folder for the result"
        )
