"""The file: a line that names the format, then records, each with its checksum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING
from zlib import crc32

from napari_cellseg import __version__
from napari_cellseg.correction.journal.encoding import decode, encode
from napari_cellseg.correction.journal.records import Header, Record
from napari_cellseg.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 1
"""Raised when a version writes what the ones before cannot read."""
_NAME = b"napari-cellseg corrections, format "
_LINE = re.compile(re.escape(_NAME) + rb"(\d{1,9}), by version ([^\n]{1,80})\n")
_LONGEST = 200
"""More bytes than the first line has."""
_FRAMING = Struct("<II")
"""Length and CRC-32 of the payload that follows."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a journal holds.

    Attributes
    ----------
    header : Header or None
        None if the file ends before it.
    records : tuple of Record
        All that are whole, in order.
    good_bytes : int
        Up to the end of the last of them.
    torn : bool
        Whether something follows that is no whole record, and is left out.
    """

    header: Header | None
    records: tuple[Record, ...]
    good_bytes: int
    torn: bool


def opening(header: Header) -> bytes:
    """Return the bytes that a journal begins with."""
    line = _NAME + f"{FORMAT}, by version {__version__}\n".encode()
    return line + framed(header)


def framed(record: Header | Record) -> bytes:
    """Return a record as the file has it: length, checksum, payload."""
    payload = encode(record)
    return _FRAMING.pack(len(payload), crc32(payload)) + payload


def read(path: Path) -> Content:
    """Read a journal; nothing is written.

    Parameters
    ----------
    path : Path
        The file. An empty one is a journal without records.

    Returns
    -------
    Content
        All before the first record that is damaged or not whole.

    Raises
    ------
    JournalError
        If it is no journal, or was written by a version whose format is newer.
    OSError
        If it cannot be read.
    """
    data = path.read_bytes()
    start = _after_line(path, data)
    if start is None:
        return Content(None, (), 0, bool(data))
    header, records, good = None, [], start
    for record, end in _whole(data, start):
        if isinstance(record, Header) is not (header is None):
            break
        if isinstance(record, Header):
            header = record
        else:
            records.append(record)
        good = end
    if header is None:
        good = 0
    return Content(header, tuple(records), good, good < len(data))


def _after_line(path: Path, data: bytes) -> int | None:
    """Where the first line ends; None if the file ends within it."""
    found = _LINE.match(data)
    if found is None:
        if _NAME.startswith(data[: len(_NAME)]) and b"\n" not in data[:_LONGEST]:
            return None
        message = (
            f"{path} is not a journal of corrections. It is left as it is; move it "
            "elsewhere to use the name."
        )
        raise JournalError(message)
    if int(found[1]) > FORMAT:
        version = found[2].decode("utf-8", "replace")
        message = (
            f"{path} was written by napari-cellseg {version} (format {int(found[1])}); "
            f"this is napari-cellseg {__version__} (format {FORMAT}). It is left as it "
            "is; update napari-cellseg to use it."
        )
        raise JournalError(message)
    return found.end()


def _whole(data: bytes, start: int) -> Iterator[tuple[Header | Record, int]]:
    """Yield records and where they end, up to the first that is not whole."""
    view = memoryview(data)
    while start + _FRAMING.size <= len(data):
        length, checksum = _FRAMING.unpack_from(data, start)
        begin = start + _FRAMING.size
        start = begin + length
        payload = view[begin:start]
        if len(payload) < length or crc32(payload) != checksum:
            return
        try:
            record = decode(bytes(payload))
        except ValueError:
            return
        yield record, start
