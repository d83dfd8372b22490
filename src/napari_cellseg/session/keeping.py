"""Corrections are written down as they are made, and can be had again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from weakref import WeakMethod, finalize

from psygnal import Signal

from napari_cellseg.correction.journal import (
    RecipeRecord,
    fingerprint,
    open_journal,
    place,
)
from napari_cellseg.session.engine import EXPECTED, explain
from napari_cellseg.session.meanwhile import Meanwhile
from napari_cellseg.session.restoring import restore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari_cellseg.correction.journal import (
        Fingerprint,
        JournalWriter,
        Opened,
        Record,
    )
    from napari_cellseg.io.images import Stack
    from napari_cellseg.session.corrections import Corrections

_log = logging.getLogger(__name__)


def keep_stack(corrections: Corrections, stack: Stack, kind: str) -> Keeping | str:
    """Write down the corrections of a stack; where it cannot be read, words for why.

    Parameters
    ----------
    corrections : Corrections
        New ones: nothing was corrected yet.
    stack : Stack
        The images.
    kind : str
        What is corrected, where an image has several.

    Returns
    -------
    Keeping or str
        Where it has `found` something, nothing is written before `restore` or `anew`.
    """
    try:
        return Keeping(corrections, open_stack(stack, kind))
    except EXPECTED as error:
        return f"Corrections are not written down: {explain(error)}"


def open_image(
    image: Fingerprint, source: Path | None, name: str, kind: str = ""
) -> Opened:
    """Look for the journal of an image; nothing is written.

    Parameters
    ----------
    image : Fingerprint
        Of the image.
    source : Path or None
        The image's file or folder; None if it has none.
    name : str
        The image's.
    kind : str
        What is corrected, where an image has several.
    """
    return open_journal(place(source, name, image, kind), image, name, kind)


def open_stack(stack: Stack, kind: str) -> Opened:
    """Look for the journal of a stack; what reads its frames may raise."""
    found = fingerprint(stack.shape, stack.data.dtype, stack.frame)
    source = stack.source
    if source is None and stack.files:
        source = stack.files[0] if len(stack.files) == 1 else stack.files[0].parent
    return open_image(found, source, stack.name, kind)


class Keeping:
    """The journal of a `Corrections`; its log.

    Nothing is made on the disk before something is corrected: a recipe waits for that.

    Parameters
    ----------
    corrections : Corrections
        What is written down.
    opened : Opened
        The journal as it was found.

    Attributes
    ----------
    changed : Signal
        `words` are other than before; emitted in any thread.
    found : str
        What can be restored, in words; empty if nothing can, or it was decided.
    """

    changed = Signal()

    def __init__(self, corrections: Corrections, opened: Opened) -> None:
        self.corrections = corrections
        self.found = opened.words
        self._opened = opened
        self._problem = opened.problem
        self._note = self._trouble = ""
        # one that waits for a correction
        self._recipe: RecipeRecord | None = None
        self._used = False
        # while it is not decided what becomes of what was found
        self._waiting: list[Record] = []
        self._end: finalize[..., Keeping] = finalize(
            self, _write_beside, opened, self._waiting
        )
        self._writer: JournalWriter | None = None
        if not self.found:
            self._begin(opened.go_on)
        corrections.log = self

    @property
    def path(self) -> Path:
        """The file; it need not be there yet."""
        return self._writer.path if self._writer is not None else self._opened.path

    @property
    def words(self) -> str:
        """What the user should know; empty if all is well."""
        said = (self._problem, self._note, self._trouble)
        return " ".join(words for words in said if words)

    def restore(self) -> None:
        """Take in what was found, and write on after it; see `restore_all`."""
        restore_all([self])

    def anew(self) -> None:
        """Begin anew; the journal so far is kept under another name."""
        if self._writer is None:
            self._begin(self._opened.anew)
            for record in self._waiting:
                self.append(record)

    def append(self, record: Record) -> None:
        """Write a record; the first recipe waits for a correction."""
        if isinstance(record, RecipeRecord) and not self._used:
            self._recipe = record
            return
        self._used = True
        recipe, self._recipe = self._recipe, None
        for each in (recipe, record):
            if each is not None and self._writer is None:
                self._waiting.append(each)
            elif each is not None and self._writer is not None:
                self._writer.append(each)

    def sync(self) -> bool:
        """Wait until all is on the disk; False if it is not, or is not decided."""
        return not self._waiting if self._writer is None else self._writer.sync()

    def close(self) -> None:
        """Write what is to be written, and let others write the journal.

        What was corrected before it was decided is written beside what was found. What
        is corrected afterwards is not written down.
        """
        if self.corrections.log is self:
            self.corrections.log = None
        self._end()

    def _begin(self, start: Callable[..., JournalWriter]) -> None:
        self.found = ""
        self._writer = start(_weak(self._on_trouble), _weak(self._on_note))
        # with the corrections; not before, and not by the thread that writes
        self._end.detach()
        self._end = finalize(self, self._writer.close)

    def _take_recipe(self) -> None:
        """Go on with the newest recipe since where none was found."""
        recipes = [each for each in self._waiting if isinstance(each, RecipeRecord)]
        newest = self._recipe or (recipes[-1] if recipes else None)
        self._recipe = None if self.corrections.recipe else newest
        if self._recipe is not None:
            self.corrections.recipe = self._recipe.text

    def _on_trouble(self, words: str) -> None:
        self._trouble = words
        self.changed.emit()

    def _on_note(self, words: str) -> None:
        self._note = words
        self.changed.emit()


def restore_all(keepings: Iterable[Keeping]) -> None:
    """Take in what was found, in the order in which it was made, and write on after it.

    What was corrected before it was decided is done again on top of it, in order.

    Parameters
    ----------
    keepings : iterable of Keeping
        Of corrections that share a timeline. Those that are decided stay as they are.
    """
    undecided = [keeping for keeping in keepings if keeping._writer is None]
    if not undecided:
        return
    meanwhile = [Meanwhile(each.corrections, each._waiting) for each in undecided]
    restore([(each.corrections, each._opened.records) for each in undecided])
    for each in undecided:
        each._begin(each._opened.go_on)
        each._used = True
        each._take_recipe()
    for work in meanwhile:
        work.do_again()


def _write_beside(opened: Opened, records: list[Record]) -> None:
    """Write what nobody decided about, lest it is lost."""
    if not records:
        return
    try:
        path = opened.put_beside(records)
    except OSError as error:
        _log.warning("%d corrections are lost: %s", len(records), error)
    else:
        _log.info("corrections are in %s", path)


def _weak(method: Callable[[str], None]) -> Callable[[str], None]:
    """Call a method as long as its object lives, which this does not prolong."""
    bound = WeakMethod(method)

    def call(words: str) -> None:
        found = bound()
        if found is not None:
            found(words)

    return call
