"""What is found when an image is opened, and how its journal goes on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellseg import __version__
from napari_cellseg.correction.journal.claim import Claim, claimed
from napari_cellseg.correction.journal.file import Content, framed, opening, read
from napari_cellseg.correction.journal.place import (
    in_data_folder,
    names,
    present,
    previous,
    writable,
)
from napari_cellseg.correction.journal.records import Header, Record, StateRecord
from napari_cellseg.correction.journal.replay import replay
from napari_cellseg.correction.journal.target import Fresh, Same, Successor, Target
from napari_cellseg.correction.journal.words import (
    claimed_words,
    damaged_words,
    found_words,
    goes_to_words,
    other_words,
    unreadable_words,
)
from napari_cellseg.correction.journal.writer import JournalWriter, unsaid
from napari_cellseg.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_cellseg.correction.journal.fingerprint import Fingerprint

LARGE = 16 * 1024**2
"""A journal beyond this goes on in a new generation (bytes)."""
_NOTHING = Content(None, (), 0, False)


@dataclass(frozen=True)
class Opened:
    """The journal of an image as it was found; nothing is written yet.

    Attributes
    ----------
    path : Path
        Where it is, or will be.
    header : Header
        What a new generation begins with.
    content : Content
        What it holds; no records where there is no journal.
    state : StateRecord
        What its records come to.
    problem : str
        What the user must know: another image's journal, a newer version's, a damaged
        end, another window. "" if there is nothing.
    aside : Path
        Where corrections go if the journal may be read only.
    stamp : tuple of int
        Size and time of the file when it was read; empty if there was none.
    """

    path: Path
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
        """Begin a new journal; with its first record the old one gets the suffix .1.

        Parameters
        ----------
        on_trouble, on_note : callable
            See `JournalWriter`.
        """
        return JournalWriter(self._target(keep=False), on_trouble, on_note)

    def _target(self, keep: bool) -> Target:
        content = self._from_state if keep and self.records else self._empty
        if not self.stamp:
            return Fresh(self.path, content)
        try:
            claim = Claim.take(self.path) if _may_write(self.path) else None
        except OSError:
            claim = None
        if claim is None:
            return Fresh(self._elsewhere(), content)
        if _stamp(self.path) != self.stamp:
            claim.release()
            return Fresh(self._elsewhere(), content)
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

    def _elsewhere(self) -> Path:
        return self.path if writable(self.path.parent) else self.aside

    def _empty(self) -> bytes:
        return opening(self.header)

    def _from_state(self) -> bytes:
        return opening(self.header) + framed(self.state)

    def _good(self) -> bytes:
        return self.path.read_bytes()[: self.content.good_bytes]

    def _smaller(self) -> bytes:
        return min(self._from_state(), self._good(), key=len)


def open_journal(
    path: Path, fingerprint: Fingerprint, name: str, kind: str = ""
) -> Opened:
    """Look for the journal of an image; nothing is written.

    Parameters
    ----------
    path : Path
        Where it lies, see `place`. One that cannot be used (another image's, a newer
        version's, no journal at all, in use by another window) is left as it is, and
        the next name is looked at: ``movie.tif-2.corrections``.
    fingerprint : Fingerprint
        Of the image.
    name : str
        The image's.
    kind : str
        What is corrected, as in `place`.

    Returns
    -------
    Opened
        What was found.
    """
    header = Header(fingerprint, name, __version__)
    aside = in_data_folder(name, fingerprint, kind)
    problems: list[str] = []
    for candidate in names(path):
        if not present(candidate):
            break
        try:
            stamp = _stamp(candidate)
            content = _usable(candidate, header)
        except JournalError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(unreadable_words(candidate, error))
        else:
            problems += _warnings(candidate, content, aside, bool(problems))
            state = replay(content.records)
            problem = " ".join(problems)
            return Opened(candidate, header, content, state, problem, aside, stamp)
    if problems:
        problems.append(goes_to_words(candidate))
    problem = " ".join(problems)
    return Opened(candidate, header, _NOTHING, replay(()), problem, aside, ())


def _usable(path: Path, header: Header) -> Content:
    """Read a journal of this image that nobody writes."""
    content = read(path)
    theirs = content.header
    if theirs is not None and theirs.fingerprint != header.fingerprint:
        raise JournalError(other_words(path, theirs, header))
    if claimed(path):
        raise JournalError(claimed_words(path))
    return content


def _warnings(path: Path, content: Content, aside: Path, moved: bool) -> list[str]:
    """Say what the user must know of a journal that can be used."""
    words = []
    if not _may_write(path):
        moved, path = True, aside
    elif content.torn:
        words.append(damaged_words(path, previous(path)))
    return [*words, goes_to_words(path)] if moved else words


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and writable(path.parent)


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
