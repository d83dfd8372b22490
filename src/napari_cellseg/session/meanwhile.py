"""Corrections made before those found are restored, done again on top of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.correction.compose import compose
from napari_cellseg.correction.derive import protected
from napari_cellseg.correction.journal import CheckedRecord, VerdictRecord
from napari_cellseg.correction.patch import patch_of
from napari_cellseg.session.restoring import retrace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellseg.correction.journal import Record
    from napari_cellseg.correction.marks import Edit, Mark
    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.session.corrections import Corrections

    Labels = NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True)
class _Step:
    """What an edit did to pixels and to locks."""

    words: str
    pixels: dict[int, tuple[Labels, Labels]]
    """By frame, before and after."""
    locks: dict[tuple[int, bool], list[int]]
    """By frame and whether they were locked, the cells."""


class Meanwhile:
    """What was done to new corrections, as pixels: marks would hide what is restored.

    Parameters
    ----------
    corrections : Corrections
        As they are.
    records : sequence of Record
        All that was done to them. What was undone is not done again.
    """

    def __init__(self, corrections: Corrections, records: Sequence[Record]) -> None:
        self._corrections = corrections
        self._notes = [
            r for r in records if isinstance(r, CheckedRecord | VerdictRecord)
        ]
        self._marks: dict[int, dict[int, Mark]] = {}
        past, _ = retrace([(corrections, records)])
        self._steps = [self._step(made.edit) for made in past]
        self._numbers: dict[tuple[int, int], int] = {}
        """By frame (0 for all where numbers are those of all) and number, that now."""

    def do_again(self) -> None:
        """Do it on top of what the corrections are now; locked cells stay."""
        corrections = self._corrections
        for step in self._steps:
            pixels = step.pixels.items()
            patches = {t: self._patch(t, *labels) for t, labels in pixels}
            corrections.edit(step.words, patches)
            for (t, on), labels in step.locks.items():
                corrections.lock({t: [self._number(t, label) for label in labels]}, on)
        for note in self._notes:
            if isinstance(note, CheckedRecord):
                corrections.check(note.t, note.on)
            else:
                corrections.judge(note.key, note.verdict)

    def _step(self, edit: Edit) -> _Step:
        before = {t: self._shown(t) for t in edit.frames}
        locks: dict[tuple[int, bool], list[int]] = {}
        for t, label, old, new in (
            (c.t, c.label, c.before, c.after) for c in edit.changes
        ):
            marks = self._marks.setdefault(t, {})
            marks.pop(label, None)
            if new is not None:
                marks[label] = new
            if _locked(old) != _locked(new):
                locks.setdefault((t, _locked(new)), []).append(label)
        pixels = {t: (labels, self._shown(t)) for t, labels in before.items()}
        return _Step(edit.words, pixels, locks)

    def _shown(self, t: int) -> Labels:
        auto = self._corrections.automatic(t)
        return compose(auto, self._marks.get(t, {})).labels

    def _patch(self, t: int, before: Labels, after: Labels) -> Patch:
        shown, differs = self._corrections.frames.read(t), before != after
        made = np.setdiff1d(after[differs], before)
        for label in made[made > 0].tolist():
            self._find_number(t, label, shown)
        wanted = shown.astype(np.uint32)
        numbers, places = np.unique(after[differs], return_inverse=True)
        new = [self._number(t, label) for label in numbers.tolist()]
        wanted[differs] = np.array(new, np.uint32)[places]
        marks = self._corrections.marks.get(t, {})
        return patch_of(shown, protected(shown, wanted, marks))

    def _find_number(self, t: int, label: int, shown: Labels) -> None:
        """Give a cell that was made another number where its own is taken."""
        taken = label in self._corrections.marks.get(t, {}) or (shown == label).any()
        key = self._key(t, label)
        if taken and key not in self._numbers:
            self._numbers[key] = self._corrections.new_label(t)

    def _number(self, t: int, label: int) -> int:
        return self._numbers.get(self._key(t, label), label)

    def _key(self, t: int, label: int) -> tuple[int, int]:
        return (0 if self._corrections.by_number else t, label)


def _locked(mark: Mark | None) -> bool:
    return mark is not None and mark.status == "locked"
