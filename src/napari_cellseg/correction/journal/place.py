"""Where the journal of an image lies."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from uuid import uuid4

from napari_cellseg.settings import corrections_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellseg.correction.journal.fingerprint import Fingerprint

SUFFIX = ".corrections"
OLD = ".1"
"""Added to the name of the generation before."""
LONGEST_NAME = 240
"""Of 255 bytes that file systems allow."""
LONGEST = 50
"""Letters of an image's name that a journal's takes in the data folder."""
_UNFIT = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
"""What a file's name cannot hold on some system."""


def place(
    source: Path | None, name: str, fingerprint: Fingerprint, kind: str = ""
) -> Path:
    """Say where the journal of an image lies, or would.

    Beside the image: ``movie.tif.corrections``, ``01.corrections`` for a folder of
    frames. In the user's data folder where that cannot be written to, or the image
    came from memory.

    Parameters
    ----------
    source : Path or None
        The image's file or folder; None if it has none.
    name : str
        The image's.
    fingerprint : Fingerprint
        Of the image: in the data folder, images of one name do not meet.
    kind : str
        What is corrected, where an image has several: ``movie.tif.nuclei.corrections``.

    Returns
    -------
    Path
        The journal's. Nothing is made.
    """
    aside = in_data_folder(name, fingerprint, kind)
    if source is None:
        return aside
    beside = _beside(source, kind)
    may_be_made = _short_enough(beside.name) and writable(beside.parent)
    return beside if may_be_made or present(beside) else aside


def _beside(source: Path, kind: str) -> Path:
    source = source.absolute()
    return source.with_name(source.name + (kind and f".{kind}") + SUFFIX)


def _short_enough(name: str) -> bool:
    """Whether a name leaves room for the suffixes of the files beside it."""
    return len(os.fsencode(name)) <= LONGEST_NAME


def in_data_folder(name: str, fingerprint: Fingerprint, kind: str = "") -> Path:
    """Say where the journal of an image lies that cannot have one beside it."""
    stem = _UNFIT.sub("_", name).strip(" .")[:LONGEST] or "image"
    file = f"{stem}-{fingerprint.short}{kind and f'.{kind}'}{SUFFIX}"
    return corrections_folder() / file


def names(path: Path) -> Iterator[Path]:
    """Yield a journal's name, and those to take where it cannot be used.

    Examples
    --------
    >>> from pathlib import Path
    >>> found = names(Path("a.tif.corrections"))
    >>> [next(found).name for _ in range(3)]
    ['a.tif.corrections', 'a.tif-2.corrections', 'a.tif-3.corrections']
    """
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1


def existing(path: Path) -> list[Path]:
    """Find the files of a journal's `names`, in their order; gaps do not matter."""
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    numbered = re.compile(rf"{stem}-(\d{{1,9}}){suffix}")
    try:
        matches = [numbered.fullmatch(name) for name in os.listdir(path.parent)]
    except OSError:
        matches = []
    found = sorted((int(match[1]), match[0]) for match in matches if match)
    return [path] * present(path) + [path.with_name(name) for _, name in found]


def previous(path: Path) -> Path:
    """Name the generation before: ``movie.tif.corrections.1``."""
    return path.with_name(path.name + OLD)


def present(path: Path) -> bool:
    """Whether there is a file, or anything else, of that name."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def make_room(path: Path) -> None:
    """Make the data folder; the folder of an image is there, or its disk is not."""
    if path.parent == corrections_folder():
        path.parent.mkdir(parents=True, exist_ok=True)


def may_write(path: Path) -> bool:
    """Whether a file that is there can be written, and others beside it."""
    return os.access(path, os.W_OK) and writable(path.parent)


def writable(folder: Path) -> bool:
    """Whether a file can be made in a folder: tried, as rights do not tell all."""
    probe = folder / f".{uuid4().hex}"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True
