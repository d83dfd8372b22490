"""A challenge result from frames that are not linked yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from napari_cellseg.io.ctc import tracks_of, write_result
from napari_cellseg.pipeline.spool import Spool
from napari_cellseg.tracking import Linked, Linking, link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.tracking import Track

PARTIAL = "partial"


class ChallengeWriter:
    """Collect label frames, link them when the last is there, and write the result.

    A context manager. If the block raises, the frames that are there are linked and
    written as a result of their own, ``folder/partial``.

    Parameters
    ----------
    folder : Path
        Gets ``mask000.tif ...`` and ``res_track.txt``.
    like : Stack
        The stack that is segmented: its frame numbers.
    linking : Linking
        How cells are followed.
    tracks : sequence of Track, optional
        The lineage of labels whose ids are consistent over time already; nothing is
        linked then.
    overwrite : bool
        Replace the result that is there.
    """

    def __init__(
        self,
        folder: Path,
        like: Stack,
        linking: Linking,
        tracks: Sequence[Track] | None = None,
        overwrite: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.like = like
        self.linking = linking
        self.tracks = tracks
        self.overwrite = overwrite
        self._spool = Spool(folder)

    def add(self, labels: NDArray[Any]) -> None:
        """Collect the next frame."""
        self._spool.append(labels)

    @property
    def kept(self) -> Path | None:
        """Where the finished frames go if the work stops now."""
        return self.folder / PARTIAL if len(self._spool) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._write(self.folder, self.tracks, self.overwrite)
            elif len(self._spool):
                known = None if self.tracks is None else tracks_of(self._spool)
                self._write(self.folder / PARTIAL, known, overwrite=True)
        except BaseException as failure:
            if len(self._spool):
                self._keep(failure)
            raise
        finally:
            self._spool.remove()

    def _write(
        self, folder: Path, tracks: Sequence[Track] | None, overwrite: bool
    ) -> None:
        frames: Sequence[NDArray[Any]] | _Relabelled = self._spool
        if tracks is None:
            linked = link(self._spool, self.linking)
            frames, tracks = _Relabelled(self._spool, linked), linked.tracks
        numbers = self.like.numbers
        numbers = numbers[: len(self._spool)] if numbers else None
        write_result(folder, frames, tracks, overwrite, numbers)

    def _keep(self, failure: BaseException) -> None:
        place = self.folder / "unlinked"
        try:
            self._spool.move(place)
        except OSError:
            return
        failure.add_note(f"The label frames, not linked yet, are kept in {place}.")


@dataclass(frozen=True)
class _Relabelled:
    """Frames under the labels of their tracks, made when asked for."""

    frames: Sequence[NDArray[Any]]
    linked: Linked

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self.linked.relabel(t, f) for t, f in enumerate(self.frames))
