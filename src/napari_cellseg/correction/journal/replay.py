"""What the records of a journal come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.correction.journal.records import (
    BaseRecord,
    CheckedRecord,
    EditRecord,
    RecipeRecord,
    Record,
    StateRecord,
    VerdictRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellseg.correction.marks import Edit, Mark


class _Sum:
    """The records so far."""

    def __init__(self) -> None:
        self.take(StateRecord({}, when=0))

    def take(self, state: StateRecord) -> None:
        self.marks = {t: dict(marks) for t, marks in state.marks.items()}
        self.checked = set(state.checked)
        self.verdicts = dict(state.verdicts)
        self.bases = dict(state.bases)
        self.recipe, self.edits, self.when = state.recipe, state.edits, state.when

    def add(self, record: Record) -> None:
        match record:
            case EditRecord(kind, edit):
                self.edits += -1 if kind == "undo" else 1
                self._apply(edit)
            case RecipeRecord(text):
                self.recipe = text
            case CheckedRecord(t, on):
                (self.checked.add if on else self.checked.discard)(t)
            case VerdictRecord(key, verdict):
                self.verdicts.pop(key, None)
                if verdict:
                    self.verdicts[key] = verdict
            case BaseRecord(t, labels):
                self.bases[t] = labels
            case StateRecord():
                self.take(record)
        self.when = record.when

    def _apply(self, edit: Edit) -> None:
        for change in edit.changes:
            marks: dict[int, Mark] = self.marks.setdefault(change.t, {})
            if change.after is None:
                marks.pop(change.label, None)
            else:
                marks[change.label] = change.after


def replay(records: Iterable[Record]) -> StateRecord:
    """Add up records, in order.

    Parameters
    ----------
    records : iterable of Record
        As they were written. No records: nothing is marked, `when` is 0.

    Returns
    -------
    StateRecord
        What they come to; frames without marks are left out.

    Examples
    --------
    >>> replay([CheckedRecord(3, True), CheckedRecord(5, True)]).checked
    frozenset({3, 5})
    """
    total = _Sum()
    for record in records:
        total.add(record)
    return StateRecord(
        {t: marks for t, marks in total.marks.items() if marks},
        frozenset(total.checked),
        total.verdicts,
        total.recipe,
        total.edits,
        total.bases,
        total.when,
    )
