"""A challenge result from frames that are not linked yet."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Self

from napari_cellseg.io._ctc_files import PARTIAL
from napari_cellseg.io._names import NUCLEI
from napari_cellseg.io.ctc import tracks_of, write_steps
from napari_cellseg.pipeline.spool import Spool
from napari_cellseg.tracking import Linked, Linking, link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.tracking import Track


class ChallengeWriter:
    """Collect label frames, link them when the last is there, and write the result.

    A context manager. If the block ends before `finish` is begun, the frames that are
    there are linked and written as a result of their own, ``folder/partial``; if it
    ends before `finish` is through, they are kept as they are, all of them, in
    ``folder/unlinked``, and what was linked and written of them is taken away again.

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
    nuclei : bool
        Every frame has a second layer of the same ids. It is not linked but follows
        the first, and is a result of its own in ``folder/nuclei``.
    """

    def __init__(
        self,
        folder: Path,
        like: Stack,
        linking: Linking,
        tracks: Sequence[Track] | None = None,
        overwrite: bool = False,
        nuclei: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.like = like
        self.linking = linking
        self.tracks = tracks
        self.overwrite = overwrite
        self._spools = [Spool(folder) for _ in range(1 + nuclei)]
        self._finishing = False

    def add(self, *layers: NDArray[Any]) -> None:
        """Collect the next frame of every layer."""
        for spool, labels in zip(self._spools, layers, strict=True):
            spool.append(labels)

    @property
    def kept(self) -> Path | None:
        """Where the finished frames go if the work stops now."""
        return self.folder / PARTIAL if len(self._spools[0]) else None

    def finish(self) -> Iterator[None]:
        """Link the frames and write the result, yielding after each frame written."""
        self._finishing = True
        yield from self._write(self.folder, self.tracks, self.overwrite)
        self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if not len(self._spools[0]):
                return
            if self._finishing:
                self._keep(self.folder, error)
                return
            known = None if self.tracks is None else tracks_of(self._spools[0])
            for _ in self._write(self.folder / PARTIAL, known, overwrite=True):
                pass
        except BaseException as failure:
            self._keep(self.folder / PARTIAL, failure)
            raise
        finally:
            self._remove()

    def _write(
        self, folder: Path, tracks: Sequence[Track] | None, overwrite: bool
    ) -> Iterator[None]:
        count = len(self._spools[0])
        layers: list[Sequence[NDArray[Any]] | _Relabelled] = [*self._spools]
        if tracks is None:
            linked = link(self._spools[0], self.linking)
            layers = [_Relabelled(spool, linked) for spool in self._spools]
            tracks = linked.tracks
        numbers = self.like.numbers
        numbers = numbers[:count] if numbers else None
        places = (folder, folder / NUCLEI)[: len(layers)]
        with ExitStack() as stack:
            steps = []
            for place, frames in zip(places, layers, strict=True):
                writing = write_steps(place, frames, tracks, overwrite, numbers)
                stack.callback(writing.close)
                steps.append(writing)
            # to the end of each: that is where its files are put in their place
            for _ in zip_longest(*steps):
                yield

    def _keep(self, written: Path, failure: BaseException | None) -> None:
        """Keep the frames as they are, and not also some of them linked."""
        for folder in (written / NUCLEI, written):
            shutil.rmtree(folder / PARTIAL, ignore_errors=True)
        with suppress(OSError):
            (written / NUCLEI).rmdir()
        first, *others = self._spools
        place = first.keep(self.folder / "unlinked")
        for spool in others:
            spool.keep(place / NUCLEI)
        if failure is not None:
            failure.add_note(f"The label frames, not linked yet, are kept in {place}.")

    def _remove(self) -> None:
        for spool in self._spools:
            spool.remove()


@dataclass(frozen=True)
class _Relabelled:
    """Frames under the labels of their tracks, made when asked for."""

    frames: Sequence[NDArray[Any]]
    linked: Linked

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self.linked.relabel(t, f) for t, f in enumerate(self.frames))
