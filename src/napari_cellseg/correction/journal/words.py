"""What the user is told of a journal."""

from __future__ import annotations

import errno
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.correction.journal.records import Header, StateRecord

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}


def found_words(state: StateRecord) -> str:
    """Say what was restored: ``43 corrections in 12 frames, last 2026-11-20 21:14``.

    Examples
    --------
    >>> from napari_cellseg.correction.journal.records import StateRecord
    >>> found_words(StateRecord({}, frozenset({3, 4}), when=0))[:16]
    '2 frames checked'
    """
    if state.empty:
        return ""
    parts = []
    if state.marks:
        count, frames = max(state.edits, 1), len(state.marks)
        parts.append(f"{_of(count, 'correction')} in {_of(frames, 'frame')}")
    if state.checked:
        parts.append(f"{_of(len(state.checked), 'frame')} checked")
    if state.verdicts:
        parts.append(f"{_of(len(state.verdicts), 'suspect')} reviewed")
    last = datetime.fromtimestamp(state.when).astimezone()
    return ", ".join([*parts, f"last {last:%Y-%m-%d %H:%M}"])


def damaged_words(path: Path, kept: Path) -> str:
    """Say that the end of a journal was left out."""
    return (
        f"The end of {path.name} is damaged and left out; all before it is here. The "
        f"damaged file is kept as {kept.name}."
    )


def other_words(path: Path, theirs: Header, ours: Header) -> str:
    """Say that a journal is of another image, and which."""
    of, here = theirs.fingerprint, ours.fingerprint
    pixels = ": other pixels" if of.words == here.words else ""
    return (
        f"{path} has the corrections of another image: of {theirs.name} ({of.words}), "
        f"not of {ours.name} ({here.words}){pixels}. It is left as it is."
    )


def claimed_words(path: Path) -> str:
    """Say that another window writes a journal."""
    return f"{path.name} is in use: the image is open in another window, too."


def unreadable_words(path: Path, error: OSError) -> str:
    """Say that a journal cannot be read."""
    return f"{path} cannot be read ({error.strerror or error}). It is left as it is."


def goes_to_words(path: Path) -> str:
    """Say where corrections go instead."""
    return f"Corrections made now go to {path}."


def more_words(paths: list[Path]) -> str:
    """Say where corrections lie that were not taken up."""
    places = ", ".join(map(str, paths))
    return f"Older corrections of this image lie in {places}."


def moved_words(meant: Path, path: Path) -> str:
    """Say that a name was taken in the meantime."""
    return f"{meant.name} is in use by another window. {goes_to_words(path)}"


def trouble_words(path: Path, error: OSError) -> str:
    """Say why records stay in memory, and what to do."""
    if error.errno in _FULL:
        why, until = "The disk is full", "there is space"
    elif error.errno in _REFUSED:
        why, until = f"{path.parent} may not be written to", "it may"
    elif error.errno == errno.ENOENT:
        why, until = f"{path} is no longer there", "it is back"
    else:
        why, until = f"{path} cannot be written ({error.strerror})", "it can"
    return (
        f"{why}: corrections are kept in memory and written as soon as {until}. "
        "Keep the window open until then."
    )


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
