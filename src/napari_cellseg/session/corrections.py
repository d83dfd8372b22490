"""The corrections of one movie of labels: what was marked, undone, written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_cellseg.correction import derive
from napari_cellseg.correction.compose import compose
from napari_cellseg.correction.history import Timeline
from napari_cellseg.correction.journal import (
    BaseRecord,
    CheckedRecord,
    EditRecord,
    RecipeRecord,
    VerdictRecord,
)
from napari_cellseg.correction.marks import Change, Edit
from napari_cellseg.correction.numbers import first_gap
from napari_cellseg.correction.packed import PackedFrames, pack
from napari_cellseg.correction.patch import Patch, patch_of
from napari_cellseg.errors import EditError
from napari_cellseg.session.restoring import Made, restore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cellseg.correction.compose import Conflict
    from napari_cellseg.correction.journal import Record, StateRecord
    from napari_cellseg.correction.journal.records import EditKind
    from napari_cellseg.correction.marks import Mark, Status
    from napari_cellseg.session.places import Frames, Log

    Labels = NDArray[np.unsignedinteger]


class Corrections:
    """Marks of every frame, laid over automatic labels that may change at any time.

    Called in one thread, the window's.

    Parameters
    ----------
    frames : Frames
        Where labels are shown. What they show at first is automatic.
    timeline : Timeline, optional
        Where edits can be undone; its own if absent.
    by_number : bool
        A cell has the same number in every frame, as tracked masks have: a new number
        is free in all of them. Otherwise it is free in its frame.

    Attributes
    ----------
    changed : Signal
        The frame whose labels or marks are other than before; its labels are written.
    noted : Signal
        A frame was checked, a suspect judged, or other labels bring other conflicts.
    put_back : Signal
        The frame on which a locked cell was painted over, and is as it was.
    marks : dict
        By frame, the marks of its cells by number. Frames without marks are absent.
    checked : set of int
        Frames that the user said are done.
    verdicts : dict of str to str
        What the user said of suspects, by their key.
    log : Log or None
        Where what is done is written down.
    recipe : str
        The recipe that was last written down, as TOML; empty if none was.
    """

    changed = Signal(int)
    noted = Signal()
    put_back = Signal(int)

    def __init__(
        self,
        frames: Frames,
        timeline: Timeline | None = None,
        by_number: bool = False,
    ) -> None:
        self.frames = frames
        self.timeline = timeline or Timeline()
        self.by_number = by_number
        self.marks: dict[int, dict[int, Mark]] = {}
        self.checked: set[int] = set()
        self.verdicts: dict[str, str] = {}
        self.log: Log | None = None
        self.recipe = ""
        self._autos = PackedFrames()
        self._based: set[int] = set()
        """Frames whose automatic labels are written down."""
        self._conflicts: dict[int, tuple[Conflict, ...]] = {}
        self._top: int | None = None

    @property
    def kept(self) -> int:
        """Memory that the automatic labels of corrected frames take (bytes)."""
        return self._autos.nbytes

    def automatic(self, t: int) -> Labels:
        """Frame t without corrections, unsigned (Y, X); not to be written to."""
        return self._autos[t] if t in self._autos else self._shown(t)

    def status(self, t: int, label: int) -> Status | str:
        """``auto``, ``edited`` or ``locked``: how a cell of frame t came about."""
        mark = self.marks.get(t, {}).get(label)
        return mark.status if mark is not None and mark.cell is not None else "auto"

    def conflicts(self, t: int) -> tuple[Conflict, ...]:
        """Where frame t's automatic labels and corrections do not agree."""
        return self._conflicts.get(t, ())

    def take(self, t: int, auto: Labels) -> Labels:
        """Take other automatic labels for frame t.

        Parameters
        ----------
        t : int
            The frame.
        auto : unsigned array of shape (Y, X)
            Not written to by anyone from now on.

        Returns
        -------
        unsigned array of shape (Y, X)
            What is to be shown: whoever calls this shows it.

        Raises
        ------
        EditError
            If the frame has corrections, and they are for another size.
        """
        self._based.discard(t)
        marks = self.marks.get(t)
        if not marks:
            self._autos.drop(t)
            return auto
        self._check_size(t, auto)
        self._autos[t] = auto
        composed = compose(auto, marks)
        before, self._conflicts[t] = self.conflicts(t), composed.conflicts
        if composed.conflicts != before:
            # the frame may be out of sight: nothing else tells of it
            self.noted.emit()
        return composed.labels

    def new_label(self, t: int) -> int:
        """Return a number that is free in frame t.

        Where cells have the same number in every frame it is free in all of them. It is
        above all others, or, where there is none, begins a gap between them.

        Raises
        ------
        EditError
            If there is none at all.
        """
        taken = self._top_of(t)
        if self.by_number:
            if self._top is None:
                self._top = self.frames.top()
            taken = self._top = max(self._top, taken)
        return taken + 1 if taken < self.frames.limit else self._gap(t)

    def _gap(self, t: int) -> int:
        parts = self._numbers_of(t)
        if self.by_number:
            parts.append(self.frames.used())
        return first_gap(np.concatenate(parts, dtype=np.int64), self.frames.limit)

    def renumber(self) -> None:
        """Look anew for numbers that are free: other frames are shown."""
        self._top = None

    def edit(self, words: str, patches: Mapping[int, Patch]) -> Edit | None:
        """Do what a tool did to the pixels of some frames.

        Parameters
        ----------
        words : str
            What was done, for the user.
        patches : mapping of int to Patch
            By frame.

        Returns
        -------
        Edit or None
            None if no pixel changes.

        Raises
        ------
        EditError
            If a locked cell would change, or a frame has another size than before.
            Nothing is changed then.
        """
        changes: list[Change] = []
        for t, patch in patches.items():
            shown, marks = self._shown(t), self.marks.get(t, {})
            changes += derive.changes(t, self.automatic(t), shown, patch, marks)
        return self._do(words, changes)

    def stroke(self, t: int, before: Labels, words: str = "Paint") -> Edit | None:
        """Take note of what was painted on frame t where it is shown.

        Parameters
        ----------
        t : int
            The frame.
        before : unsigned array of shape (Y, X)
            As it was; not written to by anyone from now on.
        words : str
            What was done, for the user.

        Returns
        -------
        Edit or None
            None if no pixel changed, but for those of locked cells: they are put back.
        """
        patch = patch_of(before, self._shown(t))
        if patch.empty:
            return None
        marks = self.marks.get(t, {})
        kept = derive.protected(patch.before, patch.after, marks)
        refused = not np.array_equal(kept, patch.after)
        patch = Patch(patch.y, patch.x, patch.before, kept)
        if refused:
            self.frames.write(t, patch.applied(before))
            self.put_back.emit(t)
        auto = self._autos.get(t, before)
        edit = Edit(
            f"{words} in frame {t}", derive.changes(t, auto, before, patch, marks)
        )
        if edit.changes:
            self._autos[t] = auto
            self._base(t)
            self._set(edit.changes)
            self._write(EditRecord("edit", edit))
            self.timeline.push(Made(self, edit))
        self.changed.emit(t)
        return edit if edit.changes else None

    def lock(
        self, cells: Mapping[int, Sequence[int]], on: bool = True, words: str = ""
    ) -> Edit | None:
        """Lock cells, or unlock them; None if they are so already.

        Parameters
        ----------
        cells : mapping of int to sequence of int
            By frame, their numbers.
        on : bool
            Whether they are locked.
        words : str
            What is done, for the user; the cells of the first frame are named if empty.
        """
        changes: list[Change] = []
        for t, labels in cells.items():
            auto, shown, marks = (
                self.automatic(t),
                self._shown(t),
                self.marks.get(t, {}),
            )
            changes += derive.lock(t, auto, shown, labels, marks, on)
        if changes and not words:
            t, labels = next(iter(cells.items()))
            words = f"{'Lock' if on else 'Unlock'} {_names(labels)} in frame {t}"
        return self._do(words, changes)

    def release(self, t: int, labels: Iterable[int]) -> Edit | None:
        """Give cells of frame t up to what is automatic; None if they are so."""
        marks, labels = self.marks.get(t, {}), list(labels)
        ours = {label: marks[label] for label in labels if label in marks}
        derive.refuse_locked(ours, marks)
        changes = [Change(t, label, mark, None) for label, mark in ours.items()]
        return self._do(f"Release {_names(labels)} in frame {t}", changes)

    def check(self, t: int, on: bool = True) -> None:
        """Say that frame t is done, or is not."""
        if (t in self.checked) != on:
            (self.checked.add if on else self.checked.discard)(t)
            self._write(CheckedRecord(t, on))
            self.noted.emit()

    def judge(self, key: str, verdict: str) -> None:
        """Say of a suspect what it is; an empty word takes that back."""
        if self.verdicts.get(key, "") != verdict:
            self.verdicts[key] = verdict
            if not verdict:
                del self.verdicts[key]
            self._write(VerdictRecord(key, verdict))
            self.noted.emit()

    def use_recipe(self, text: str) -> None:
        """Write down the recipe that is worked with, as TOML."""
        if text != self.recipe:
            self.recipe = text
            self._write(RecipeRecord(text))

    def undo(self) -> bool:
        """Take the last step back; whether there was one."""
        return self.timeline.undo() is not None

    def redo(self) -> bool:
        """Do the step again that was undone last; whether there was one."""
        return self.timeline.redo() is not None

    def apply(self, edit: Edit, kind: EditKind = "edit") -> None:
        """Change marks, show the frames, and write it down as ``kind``."""
        for t in edit.frames:
            # all are looked at before any is changed
            self._shown(t)
        for t in edit.frames:
            self._hold(t)
            self._base(t)
        self._set(edit.changes)
        self._write(EditRecord(kind, edit))
        for t in edit.frames:
            self._show(t)

    def restore(self, records: Iterable[Record]) -> None:
        """Do again what was written down, without writing it down again."""
        restore([(self, list(records))])

    def become(self, state: StateRecord) -> None:
        """Take over what records came to, in place of all that was done."""
        frames = sorted({*self.marks, *state.marks, *state.bases})
        for t in frames:
            self._hold(t)
        for t, base in state.bases.items():
            self._autos[t] = base.unpack()
        self.marks = {t: dict(marks) for t, marks in state.marks.items()}
        self.checked, self.verdicts = set(state.checked), dict(state.verdicts)
        self.recipe, self._based = state.recipe, set(state.bases)
        for t in frames:
            self._show(t)
        self.noted.emit()

    def _do(self, words: str, changes: Iterable[Change]) -> Edit | None:
        edit = Edit(words, tuple(changes))
        if not edit.changes:
            return None
        self.apply(edit)
        self.timeline.push(Made(self, edit))
        return edit

    def _set(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if self._top is not None:
                self._top = max(self._top, change.label)
            marks = self.marks.setdefault(change.t, {})
            if change.after is None:
                marks.pop(change.label, None)
            else:
                marks[change.label] = change.after
            if not marks:
                del self.marks[change.t]

    def _hold(self, t: int) -> None:
        """Keep what is automatic in frame t before it is covered."""
        if t not in self._autos:
            self._autos[t] = self._shown(t).copy()

    def _base(self, t: int) -> None:
        """Write down what is automatic where the edits reach the file of the labels.

        It is written once a frame: some 20 to 60 kB for 1024 x 1024 pixels.
        """
        if getattr(self.frames, "written_back", False) and t not in self._based:
            self._based.add(t)
            self._write(BaseRecord(t, pack(self._autos[t])))

    def _show(self, t: int) -> None:
        composed = compose(self._autos[t], self.marks.get(t, {}))
        self._conflicts[t] = composed.conflicts
        if t not in self.marks:
            self._autos.drop(t)
            self._conflicts.pop(t, None)
        self.frames.write(t, composed.labels)
        self.changed.emit(t)

    def _shown(self, t: int) -> Labels:
        shown = self.frames.read(t)
        self._check_size(t, shown)
        return shown

    def _check_size(self, t: int, labels: Labels) -> None:
        size = self.frames.shape[1:]
        if labels.shape != size:
            raise EditError(
                f"Frame {t} is {labels.shape[0]}x{labels.shape[1]} now, and its "
                f"corrections are for {size[0]}x{size[1]}: they cannot be made here."
            )

    def _top_of(self, t: int) -> int:
        return max(int(part.max(initial=0)) for part in self._numbers_of(t))

    def _numbers_of(self, t: int) -> list[NDArray[Any]]:
        """Return the numbers of frame t: shown, marked and found automatically."""
        parts = [self._shown(t).reshape(-1), np.array([*self.marks.get(t, {})], int)]
        if t in self._autos:
            parts.append(self._autos[t].reshape(-1))
        return parts

    def _write(self, record: Record) -> None:
        if self.log is not None:
            self.log.append(record)


def _names(labels: Sequence[int]) -> str:
    return ", ".join(map(str, labels))
