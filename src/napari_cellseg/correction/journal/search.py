"""Which journal of an image is taken up: of several, the newest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cellseg import __version__
from napari_cellseg.correction.journal.claim import claimed
from napari_cellseg.correction.journal.file import Content, read
from napari_cellseg.correction.journal.opened import Opened, stamp_of
from napari_cellseg.correction.journal.place import (
    existing,
    in_data_folder,
    may_write,
    names,
    present,
    previous,
)
from napari_cellseg.correction.journal.records import Header
from napari_cellseg.correction.journal.replay import replay
from napari_cellseg.correction.journal.words import (
    claimed_words,
    damaged_words,
    goes_to_words,
    more_words,
    other_words,
    unreadable_words,
)
from napari_cellseg.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.correction.journal.fingerprint import Fingerprint

_NOTHING = Content(None, (), 0, False)


def open_journal(
    path: Path, fingerprint: Fingerprint, name: str, kind: str = ""
) -> Opened:
    """Look for the journal of an image; nothing is written.

    There may be several: another window writes beside the first, and where an image
    may only be read its journal lies in the data folder. The one whose last record is
    the newest is taken up, and it is said where the others lie.

    Parameters
    ----------
    path : Path
        Where it lies, see `place`. One that cannot be used (another image's, a newer
        version's, no journal at all, in use by another window) is left as it is, and a
        new one gets the next name: ``movie.tif-2.corrections``.
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
    found: list[Opened] = []
    problems: list[str] = []
    for each in dict.fromkeys((*existing(path), *existing(aside))):
        try:
            opened = _read(each, path, header, aside)
        except JournalError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(unreadable_words(each, error))
        else:
            theirs = opened.content.header
            if theirs is not None and theirs.fingerprint != fingerprint:
                problems += [] if found else [other_words(each, theirs, header)]
            elif claimed(each):
                problems.append(claimed_words(each))
            else:
                found.append(opened)
    if found:
        return _newest(found, problems)
    free = next(each for each in names(path) if not present(each))
    if problems:
        problems.append(goes_to_words(free))
    problem = " ".join(problems)
    return Opened(free, path, header, _NOTHING, replay(()), problem, aside, ())


def _read(path: Path, home: Path, header: Header, aside: Path) -> Opened:
    stamp, content = stamp_of(path), read(path)
    return Opened(
        path, home, header, content, replay(content.records), "", aside, stamp
    )


def _newest(found: list[Opened], problems: list[str]) -> Opened:
    """Choose that with the newest corrections, and say what the user must know."""
    newest = max(found, key=lambda each: (each.found, each.state.when))
    words, path = [*problems], newest.path
    if not may_write(path):
        words.append(goes_to_words(newest.aside))
    else:
        if newest.content.torn:
            words.append(damaged_words(path, previous(path)))
        if problems:
            words.append(goes_to_words(path))
    more = [each.path for each in found if each.found and each is not newest]
    if more:
        words.append(more_words(more))
    return replace(newest, problem=" ".join(words))
