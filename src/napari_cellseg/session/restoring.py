"""Corrections that were written down are had again, and their order with them."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING

from napari_cellseg.correction.journal import EditRecord, StateRecord, replay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cellseg.correction.history import Step
    from napari_cellseg.correction.journal import Record
    from napari_cellseg.correction.marks import Change, Edit, Mark
    from napari_cellseg.session.corrections import Corrections

    Found = tuple[Corrections, Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Made:
    """An edit in the timeline."""

    corrections: Corrections
    edit: Edit

    @property
    def words(self) -> str:
        """What was done."""
        return self.edit.words

    @property
    def nbytes(self) -> int:
        """Memory that it takes (bytes)."""
        return self.edit.nbytes

    @property
    def frames(self) -> list[int]:
        """Frames that it changes."""
        return self.edit.frames

    def undo(self) -> None:
        """Take it back."""
        self.corrections.apply(self.edit.inverse, "undo")

    def redo(self) -> None:
        """Do it again."""
        self.corrections.apply(self.edit, "redo")


def restore(found: Sequence[Found]) -> None:
    """Do again what was written down, without writing it down again.

    Parameters
    ----------
    found : sequence of (Corrections, sequence of Record)
        Corrections of one timeline, and what takes the place of all that they hold.
        Their edits are undone in the order in which they were made, those of one
        before those of the next where that cannot be told. Steps of others stay, as
        made later.
    """
    for corrections, records in found:
        corrections.become(replay(records))
    ours, timeline = {corrections for corrections, _ in found}, found[0][0].timeline

    def others(steps: Iterable[Step]) -> list[Step]:
        return [s for s in steps if not (isinstance(s, Made) and s.corrections in ours)]

    past, future = retrace(found)
    later, undone = others(timeline.past), others(timeline.future)
    done_since = later or undone
    timeline.take([*past, *later], undone if done_since else future)


def retrace(found: Iterable[Found]) -> tuple[list[Made], list[Made]]:
    """Follow records through time.

    Parameters
    ----------
    found : iterable of (Corrections, sequence of Record)
        Whose records they are.

    Returns
    -------
    past, future : list of Made
        Steps that can be undone, and done again, in the order of a timeline. Only such
        as begin where the steps before them end.
    """
    trace = _Trace()
    for _, corrections, record in merge(*map(_timed, found), key=itemgetter(0)):
        if isinstance(record, StateRecord):
            trace.begin(corrections, record)
        elif isinstance(record, EditRecord):
            trace.add(corrections, record)
    return trace.past, trace.future


def _timed(found: Found) -> Iterator[tuple[float, Corrections, Record]]:
    """Give records their time; a clock that was put back changes no order."""
    corrections, records = found
    when = 0.0
    for record in records:
        when = max(when, record.when)
        yield when, corrections, record


class _Trace:
    """Steps so far, and the marks that they came to."""

    def __init__(self) -> None:
        self.past: list[Made] = []
        self.future: list[Made] = []
        self._marks: dict[tuple[Corrections, int, int], Mark] = {}

    def begin(self, corrections: Corrections, state: StateRecord) -> None:
        """Take a sum of records, whose steps are not known."""
        for t, marks in state.marks.items():
            for label, mark in marks.items():
                self._marks[corrections, t, label] = mark

    def add(self, corrections: Corrections, record: EditRecord) -> None:
        """Take one record."""
        edit, kind = record.edit, record.kind
        fits = [self._change(corrections, change) for change in edit.changes]
        if kind == "edit" or not all(fits):
            self.future.clear()
        if not all(fits):
            self.past.clear()
        elif kind == "edit":
            self.past.append(Made(corrections, edit))
        elif kind == "undo":
            self._move(Made(corrections, edit.inverse), self.past, self.future)
        else:
            self._move(Made(corrections, edit), self.future, self.past)

    def _change(self, corrections: Corrections, change: Change) -> bool:
        """Set a mark; whether it was what it is said to have been."""
        place = (corrections, change.t, change.label)
        before = self._marks.pop(place, None)
        if change.after is not None:
            self._marks[place] = change.after
        return before == change.before

    def _move(self, step: Made, source: list[Made], target: list[Made]) -> None:
        """Move a step; one that is older than the journal comes in by this alone."""
        for i in reversed(range(len(source))):
            if source[i].corrections is step.corrections:
                if source[i] == step:
                    del source[i]
                else:
                    source.clear()
                break
        target.append(step)
