"""What is found when an image is opened, and how its journal goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg.correction.journal.claim import Claim
from napari_cellseg.correction.journal.file import framed, opening
from napari_cellseg.correction.journal.place import may_write, writable
from napari_cellseg.correction.journal.target import Fresh, Same, Successor, Target
from napari_cellseg.correction.journal.words import found_words
from napari_cellseg.correction.journal.writer import JournalWriter, unsaid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari_cellseg.correction.journal.file import Content
    from napari_cellseg.correction.journal.records import Header, Record, StateRecord


LARGE = 16 * 1024**2
"""A journal beyond this goes on in a new generation (bytes)."""


@dataclass(frozen=True)
class Opened:
    """The journal of an image as it was found; nothing is written yet.

    Attributes
    ----------
    path : Path
        Where it is, or will be.
    home : Path
        Its first name; others are made of it where that is taken.
    header : Header
        What a new generation begins with.
    content : Content
        What it holds; no records where there is no journal.
    state : StateRecord
        What its records come to.
    problem : str
        What the user must know: another image's journal, a newer version's, a damaged
        end, another window, other corrections. "" if there is nothing.
    aside : Path
        Where corrections go if the journal may be read only.
    stamp : tuple of int
        Size and time of the file when it was read; empty if there was none.
    """

    path: Path
    home: Path
    header: Header
    content: Content
    state: StateRecord
    problem: str
    aside: Path
    stamp: tuple[int, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """All that could be read, in order."""
        return self.content.records

    @property
    def found(self) -> bool:
        """Whether there is anything of the user's to restore."""
        return not self.state.empty

    @property
    def words(self) -> str:
        """What there is to restore, in words; "" if there is nothing."""
        return found_words(self.state)

    def go_on(
        self,
        on_trouble: Callable[[str], None] = unsaid,
        on_note: Callable[[str], None] = unsaid,
    ) -> JournalWriter:
        """Write on where the journal ends, or in a new one if there is none.

        Parameters
        ----------
        on_trouble, on_note : callable
            See `JournalWriter`.
        """
        return JournalWriter(self._target(keep=True), on_trouble, on_note)

    def anew(
        self,
        on_trouble: Callable[[str], None] = unsaid,
        on_note: Callable[[str], None] = unsaid,
    ) -> JournalWriter:
        """Begin a new one as `go_on` does; the old one gets the suffix .1 then."""
        return JournalWriter(self._target(keep=False), on_trouble, on_note)

    def put_beside(self, records: Iterable[Record]) -> Path:
        """Write records into a new journal, and wait for the disk; return its file.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        target = self._fresh(self._empty)
        try:
            for record in records:
                target.write(framed(record))
            target.sync()
        finally:
            target.close()
        return target.path

    def _target(self, keep: bool) -> Target:
        content = self._from_state if keep and self.records else self._empty
        if not self.stamp:
            return Fresh(self.path, self.home, content)
        try:
            claim = Claim.take(self.path) if may_write(self.path) else None
        except OSError:
            claim = None
        if claim is None:
            return self._fresh(content)
        if stamp_of(self.path) != self.stamp:
            claim.release()
            return self._fresh(content)
        return self._claimed(claim, keep)

    def _claimed(self, claim: Claim, keep: bool) -> Target:
        size, torn = self.content.good_bytes, self.content.torn
        if size and not torn and not self.records:
            return Same(self.path, claim, size)
        if not keep or not size:
            return Successor(self.path, claim, self._empty)
        if size > LARGE:
            return Successor(self.path, claim, self._smaller)
        if torn:
            return Successor(self.path, claim, self._good)
        return Same(self.path, claim, size)

    def _fresh(self, content: Callable[[], bytes]) -> Target:
        home = self.home if writable(self.home.parent) else self.aside
        first = self.path if self.path.parent == home.parent else home
        return Fresh(first, home, content)

    def _empty(self) -> bytes:
        return opening(self.header)

    def _from_state(self) -> bytes:
        return opening(self.header) + framed(self.state)

    def _good(self) -> bytes:
        return self.path.read_bytes()[: self.content.good_bytes]

    def _smaller(self) -> bytes:
        return min(self._from_state(), self._good(), key=len)


def stamp_of(path: Path) -> tuple[int, ...]:
    """Size and time of a file."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
