"""A review under way: its queue, the suspect one is at, and what was said of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from weakref import ref

from psygnal import Signal

from napari_cellseg.correction.edits import label_at
from napari_cellseg.correction.review import KINDS, VERDICTS, Queue
from napari_cellseg.session.conflicts import keep, unsettled
from napari_cellseg.session.reviewing import checksum

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellseg.correction.marks import Mark
    from napari_cellseg.correction.review import Kind, Suspect, Verdict
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.session.reviewing import Found


class Review:
    """The queue of one movie, in step with what its corrections write down.

    A suspect whose cell is edited counts as corrected, until that is undone.

    Parameters
    ----------
    corrections : Corrections
        The movie's. They keep the verdicts.

    Attributes
    ----------
    changed : Signal
        The queue, the suspect that one is at, or a verdict is other than before.
    queue : Queue
        The suspects of the kinds chosen.
    current : Suspect or None
        The one that one is at.
    kinds : frozenset of str
        The kinds chosen.
    """

    changed = Signal()

    def __init__(self, corrections: Corrections) -> None:
        # they are the key that reviews are kept by
        self._corrections = ref(corrections)
        self.queue = Queue()
        self.current: Suspect | None = None
        self.kinds: frozenset[Kind] = frozenset(KINDS)
        self.found: Found | None = None
        self._corrected: set[str] = set()
        self._automatic: dict[int, int] = {}
        self._counts: Counter[Kind] = Counter()
        self._frames: dict[int, list[Suspect]] = {}
        # to look for the verdict of every suspect anew takes long
        self._done: dict[int, int] = {}
        self._ours = False
        corrections.changed.connect(self._on_changed)
        corrections.noted.connect(self._on_noted)
        self._read()

    @property
    def corrections(self) -> Corrections:
        """The movie's; they live as long as they are reviewed."""
        corrections = self._corrections()
        assert corrections is not None
        return corrections

    @property
    def position(self) -> int:
        """Which of the suspects one is at, from 1; 0: none."""
        if self.current not in self.queue.suspects:
            return 0
        return self.queue.suspects.index(self.current) + 1

    @property
    def progress(self) -> tuple[int, int]:
        """How many of the suspects have a verdict, and how many there are."""
        for t in self._frames.keys() - self._done.keys():
            said = (self.queue.verdict(suspect) for suspect in self._frames[t])
            self._done[t] = sum(verdict is not None for verdict in said)
        return sum(self._done.values()), len(self.queue.suspects)

    @property
    def hidden(self) -> int:
        """How many suspects are not listed, as their kinds are not chosen."""
        found = len(self.found.suspects) if self.found else 0
        return found - len(self.queue.suspects)

    def outdated(self, suspect: Suspect) -> bool:
        """Whether the suspect was found in other automatic labels than there are."""
        known = self._automatic.get(suspect.t)
        return known is not None and known != self._checksum(suspect.t)

    def number(self, suspect: Suspect) -> int:
        """Return the number that a suspect's cell has now, 0 if there is none."""
        if not suspect.area or not self.outdated(suspect):
            return suspect.label if suspect.area else 0
        # the numbers of other automatic labels are others
        y, x = suspect.place
        return label_at(self.corrections.frames.read(suspect.t), y, x)

    def take(self, found: Found) -> None:
        """Go on with the suspects of a new review."""
        self.found, self.current = found, None
        # what lies below corrections is read in one thread alone
        below = {t: self._checksum(t) for t, marks in found.marks.items() if marks}
        self._automatic = found.checksums | below
        self._corrected.clear()
        self._counts = Counter(
            kind
            for suspect in found.suspects
            for kind in {reason.kind for reason in suspect.reasons}
        )
        self._list()

    def choose(self, kinds: Iterable[Kind]) -> None:
        """List only suspects that are doubted for one of some kinds of reasons."""
        self.kinds = frozenset(kinds)
        self._list()

    def count(self, kind: Kind) -> int:
        """Count the suspects that are doubted for a kind of reason."""
        return self._counts[kind]

    def next(self) -> Suspect | None:
        """Go to the next suspect without a verdict; None if there is none."""
        return self._go(self.queue.next(self.current))

    def previous(self) -> Suspect | None:
        """Go to the suspect before, judged or not; None if there is none."""
        return self._go(self.queue.previous(self.current))

    def judge(self, verdict: Verdict) -> Suspect | None:
        """Say something of the suspect one is at, and go to the next."""
        if self.current is None:
            return None
        self._corrected.discard(self.current.key)
        self._say(self.current, verdict)
        self._write()
        if verdict == "accepted":
            self._settle(self.current)
        return self.next()

    def _go(self, suspect: Suspect | None) -> Suspect | None:
        if suspect is not None:
            self.current = suspect
            self.changed.emit()
        return suspect

    def _checksum(self, t: int) -> int:
        return checksum(self.corrections.automatic(t))

    def _list(self) -> None:
        found = self.found.suspects if self.found else []
        self.queue.replace(
            suspect
            for suspect in found
            if any(reason.kind in self.kinds for reason in suspect.reasons)
        )
        self._frames, self._done = {}, {}
        for suspect in self.queue.suspects:
            self._frames.setdefault(suspect.t, []).append(suspect)
        if self.current not in self.queue.suspects:
            self.current = None
        self.changed.emit()

    def _say(self, suspect: Suspect, verdict: Verdict | None) -> None:
        """Say something of a suspect, or take back what was said."""
        if verdict is None:
            self.queue.withdraw(suspect)
        else:
            self.queue.judge(suspect, verdict)
        self._done.pop(suspect.t, None)

    def _write(self) -> None:
        """Write down what was said, and take back what that replaces."""
        said, known = self.queue.verdicts, _verdicts(self.corrections)
        self._ours = True
        for key in known.keys() - said.keys():
            self.corrections.judge(key, "")
        for key, word in said.items():
            self.corrections.judge(key, word)
        self._ours = False
        self.changed.emit()

    def _settle(self, suspect: Suspect) -> None:
        """Settle conflicts about a cell that is right as it is."""
        corrections = self.corrections
        for conflict in unsettled(corrections, suspect.t):
            if conflict.label == suspect.label:
                keep(corrections, suspect.t, conflict)

    def _on_changed(self, t: int) -> None:
        """Judge suspects of a frame whose cells were edited, or are as before again."""
        if self.found is None:
            return
        said = self.queue.verdicts
        before, now = self.found.marks.get(t, {}), self.corrections.marks.get(t, {})
        for suspect in self.found.suspects:
            if suspect.t != t:
                continue
            edited = _edited(before.get(suspect.label), now.get(suspect.label))
            if edited and self.queue.verdict(suspect) is None:
                self._corrected.add(suspect.key)
                self._say(suspect, "corrected")
            elif not edited and suspect.key in self._corrected:
                self._corrected.discard(suspect.key)
                self._say(suspect, None)
        if self.queue.verdicts != said:
            self._write()

    def _on_noted(self) -> None:
        if not self._ours:
            self._read()
            self.changed.emit()

    def _read(self) -> None:
        """Take the verdicts from where they are written down."""
        at = self.queue.suspects
        verdicts, checked = _verdicts(self.corrections), self.corrections.checked
        self.queue = Queue(at, verdicts, checked)
        self._done.clear()


def _verdicts(corrections: Corrections) -> dict[str, Verdict]:
    """Find what was said of suspects among all that is written down."""
    said = corrections.verdicts.items()
    return {key: word for key, word in said if word in VERDICTS}


def _edited(before: Mark | None, now: Mark | None) -> bool:
    """Whether a cell has other pixels: one that was only locked has not."""
    if before is not None and now is not None:
        return (before.cell, before.void) != (now.cell, now.void)
    mark = before or now
    return mark is not None and mark.status == "edited"
