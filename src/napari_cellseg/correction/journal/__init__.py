"""The journal of corrections: a file that survives whatever ends the program."""

from napari_cellseg.correction.journal.file import Content, read
from napari_cellseg.correction.journal.fingerprint import Fingerprint, fingerprint
from napari_cellseg.correction.journal.opened import Opened
from napari_cellseg.correction.journal.place import place
from napari_cellseg.correction.journal.records import (
    BaseRecord,
    CheckedRecord,
    EditRecord,
    Header,
    RecipeRecord,
    Record,
    StateRecord,
    VerdictRecord,
)
from napari_cellseg.correction.journal.replay import replay
from napari_cellseg.correction.journal.search import open_journal
from napari_cellseg.correction.journal.writer import JournalWriter

__all__ = [
    "BaseRecord",
    "CheckedRecord",
    "Content",
    "EditRecord",
    "Fingerprint",
    "Header",
    "JournalWriter",
    "Opened",
    "RecipeRecord",
    "Record",
    "StateRecord",
    "VerdictRecord",
    "fingerprint",
    "open_journal",
    "place",
    "read",
    "replay",
]
