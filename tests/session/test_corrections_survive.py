"""Any sequence of edits, undos, new results and crashes, against a plain model."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from napari_cellseg.correction.edits import erase, merge, renew
from napari_cellseg.correction.journal import Header, fingerprint, replay
from napari_cellseg.correction.journal.file import framed, opening, read
from napari_cellseg.errors import EditError
from napari_cellseg.session.corrections import Corrections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.correction.journal import Content, Record

SHAPE = (2, 5, 7)
TIMES = st.integers(0, SHAPE[0] - 1)
NUMBERS = st.integers(1, 5)
BOXES = st.tuples(
    st.integers(0, SHAPE[1] - 1),
    st.integers(0, SHAPE[2] - 1),
    st.integers(1, 4),
    st.integers(1, 4),
)
SEEDS = st.integers(0, 2**16)


class Movie:
    """Labels (T, Y, X) in memory."""

    limit = 65535

    shape = SHAPE

    def __init__(self, labels: NDArray[np.uint16]) -> None:
        self.labels = labels

    def read(self, t: int) -> NDArray[np.uint16]:
        return self.labels[t]

    def write(self, t: int, labels: NDArray[Any]) -> None:
        self.labels[t] = labels

    def top(self) -> int:
        return int(self.labels.max())

    def used(self) -> Any:
        return np.unique(self.labels)[1:]


def noise(seed: int) -> NDArray[np.uint16]:
    """A frame of small cells and background, the same for a seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 5, (3, 4)) * rng.integers(0, 2, (3, 4))
    return np.kron(coarse, np.ones((2, 2)))[: SHAPE[1], : SHAPE[2]].astype(np.uint16)


@dataclass
class Plain:
    """One mark: its pixels, those taken from it, and whether it is locked."""

    cell: set[tuple[int, int]]
    void: set[tuple[int, int]] = field(default_factory=set)
    locked: bool = False


def pixels(frame: NDArray[Any], label: int) -> set[tuple[int, int]]:
    return {(int(y), int(x)) for y, x in np.argwhere(frame == label)}


def lay(auto: NDArray[np.uint16], marks: dict[int, Plain]) -> NDArray[np.uint16]:
    """Compose a frame in the plainest way."""
    covered = set().union(*(m.cell | m.void for m in marks.values()), set())
    present = set(np.unique(auto).tolist()) - {0}
    out = np.zeros_like(auto)
    free = (n for n in count(1) if n not in present and n not in marks)
    for label in sorted(present):
        own = pixels(auto, label)
        if 2 * len(own & covered) > len(own):
            continue
        number = next(free) if label in marks else label
        for place in own - covered:
            out[place] = number
    for label, mark in marks.items():
        for place in mark.cell:
            out[place] = label
    return out


class Model:
    """What the corrections must come to, kept whole at every step."""

    def __init__(self, autos: list[NDArray[np.uint16]]) -> None:
        self.autos = autos
        self.marks: list[dict[int, Plain]] = [{} for _ in autos]
        self.past: list[tuple[Any, Any, int]] = []
        self.future: list[tuple[Any, Any, int]] = []
        self.made = self.moved = 0

    def shown(self, t: int) -> NDArray[np.uint16]:
        return lay(self.autos[t], self.marks[t])

    def locked(self, t: int) -> set[int]:
        return {label for label, mark in self.marks[t].items() if mark.locked}

    def note(self, before: list[dict[int, Plain]]) -> None:
        self.made += 1
        self.moved = self.made
        self.past.append((before, deepcopy(self.marks), self.made))
        self.future.clear()

    def change(self, t: int, after: NDArray[Any]) -> None:
        """Make frame t look like ``after``; no locked cell differs there."""
        before, shown = deepcopy(self.marks), self.shown(t)
        differs = shown != after
        if not differs.any():
            return
        touched = {*shown[differs].tolist(), *after[differs].tolist()} - {0}
        for label in touched:
            old = self.marks[t].get(label, Plain(set()))
            lost = pixels(shown, label) & pixels(after, 0)
            self.marks[t][label] = Plain(pixels(after, label), old.void | lost)
        self.note(before)

    def undo(self) -> None:
        if self.past:
            step = self.past.pop()
            self.marks, self.moved = deepcopy(step[0]), step[2]
            self.future.append(step)

    def redo(self) -> None:
        if self.future:
            step = self.future.pop()
            self.marks, self.moved = deepcopy(step[1]), step[2]
            self.past.append(step)

    def know(self, steps: set[int]) -> None:
        """Forget all steps but some."""
        self.past = [step for step in self.past if step[2] in steps]
        self.future = [step for step in self.future if step[2] in steps]


class Bytes:
    """A journal's file in memory, and where its records end."""

    def __init__(self, data: bytes, ends: list[int]) -> None:
        self.data, self.ends = bytearray(data), ends

    def append(self, record: Record) -> None:
        self.data += framed(record)
        self.ends.append(len(self.data))


def content_of(data: bytes) -> Content:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "movie.corrections"
        path.write_bytes(data)
        return read(path)


class Surviving(RuleBasedStateMachine):
    """Edits, undos, new automatic labels, and crashes that cut the journal."""

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        self.autos = [noise(seed), noise(seed + 1)]
        mark = fingerprint(SHAPE, "uint16", lambda t: self.autos[t])
        self.head = opening(Header(mark, "movie", "0"))
        self.plain = len(self.head)
        self.log = Bytes(self.head, [])
        self.sums = 0
        self.model = Model([auto.copy() for auto in self.autos])
        # what the model was after each record
        self.states = [deepcopy(self.model)]
        self.open()

    def open(self) -> None:
        self.movie = np.stack(self.model.autos)
        self.corrections = Corrections(Movie(self.movie))
        self.corrections.log = self.log

    def recorded(self) -> None:
        """Note what the model was with each record that was written."""
        while len(self.states) <= len(self.log.ends):
            self.states.append(deepcopy(self.model))

    @rule(t=TIMES, box=BOXES, label=st.integers(0, 6))
    def paint(self, t: int, box: tuple[int, int, int, int], label: int) -> None:
        before = self.movie[t].copy()
        y, x, height, width = box
        self.movie[t, y : y + height, x : x + width] = label
        locked = list(self.model.locked(t))
        after = self.movie[t].copy()
        kept = np.isin(before, locked) | np.isin(after, locked)
        self.corrections.stroke(t, before)
        self.model.change(t, np.where(kept, before, after))
        self.recorded()

    @rule(t=TIMES, box=BOXES)
    def erase(self, t: int, box: tuple[int, int, int, int]) -> None:
        y, x, height, width = box
        height, width = min(height, SHAPE[1] - y), min(width, SHAPE[2] - x)
        mask = np.ones((height, width), np.bool_)
        self.use(t, lambda shown: erase(shown, mask, y, x))

    @rule(t=TIMES, one=NUMBERS, other=NUMBERS)
    def merge(self, t: int, one: int, other: int) -> None:
        self.use(t, lambda shown: merge(shown, [one, other]))

    @rule(t=TIMES, label=NUMBERS)
    def renew(self, t: int, label: int) -> None:
        new = self.corrections.new_label(t)
        self.use(t, lambda shown: renew(shown, label, new))

    def use(self, t: int, tool: Any) -> None:
        shown = self.movie[t].copy()
        try:
            patch = tool(shown)
            self.corrections.edit("tool", {t: patch})
        except EditError:
            assert np.array_equal(self.movie[t], shown)
            return
        after = patch.applied(shown)
        differs = shown != after
        touched = {*shown[differs].tolist(), *after[differs].tolist()}
        assert not touched & self.model.locked(t)
        self.model.change(t, after)
        self.recorded()

    @rule(t=TIMES, label=NUMBERS, on=st.booleans())
    def lock(self, t: int, label: int, on: bool) -> None:
        before, shown = deepcopy(self.model.marks), self.model.shown(t)
        made = self.corrections.lock({t: [label]}, on)
        old, there = self.model.marks[t].get(label), (shown == label).any()
        if made is None:
            assert not there or (old is not None and old.locked) == on
            return
        void = old.void if old else set()
        self.model.marks[t][label] = Plain(pixels(shown, label), void, on)
        automatic = pixels(self.model.autos[t], label)
        if not on and not void and pixels(shown, label) == automatic:
            del self.model.marks[t][label]
        self.model.note(before)
        self.recorded()

    @rule(t=TIMES, label=NUMBERS)
    def release(self, t: int, label: int) -> None:
        if label in self.model.locked(t) or label not in self.model.marks[t]:
            return
        before = deepcopy(self.model.marks)
        self.corrections.release(t, [label])
        del self.model.marks[t][label]
        self.model.note(before)
        self.recorded()

    @rule(t=TIMES, seed=SEEDS)
    def run_again(self, t: int, seed: int) -> None:
        auto = noise(seed)
        self.movie[t] = self.corrections.take(t, auto.copy())
        # a result has no record: what comes back after a crash is laid over the newest
        for model in {id(m): m for m in (self.model, *self.states)}.values():
            model.autos[t] = auto

    @rule()
    def undo(self) -> None:
        assert self.corrections.undo() == bool(self.model.past)
        self.model.undo()
        self.recorded()

    @rule()
    def redo(self) -> None:
        assert self.corrections.redo() == bool(self.model.future)
        self.model.redo()
        self.recorded()

    @rule(share=st.just(1.0) | st.floats(0, 1))
    def crash(self, share: float) -> None:
        """Cut the journal anywhere after its header, and open the movie again."""
        cut = len(self.head) + round(share * (len(self.log.data) - len(self.head)))
        content = content_of(bytes(self.log.data[:cut]))
        survived = sum(end <= cut for end in self.log.ends)
        assert len(content.records) == self.sums + survived
        good = bytes(self.log.data[: content.good_bytes])
        self.log = Bytes(good, self.log.ends[:survived])
        self.states = self.states[: survived + 1]
        # no step that is older than the journal is known
        known = {state.moved for state in self.states[1:]}
        self.model = deepcopy(self.states[-1])
        self.model.know(known)
        self.open()
        self.corrections.restore(content.records)
        timeline, model = self.corrections.timeline, self.model
        assert len(timeline.past) == len(model.past)
        assert len(timeline.future) == len(model.future)

    @rule()
    def begin_a_generation(self) -> None:
        """Go on in a journal that begins with what the one so far comes to."""
        state = replay(content_of(bytes(self.log.data)).records)
        self.head, self.sums = self.head[: self.plain] + framed(state), 1
        self.log = self.corrections.log = Bytes(self.head, [])
        self.states = [deepcopy(self.model)]

    @invariant()
    def shows_what_the_model_shows(self) -> None:
        for t in range(SHAPE[0]):
            assert np.array_equal(self.movie[t], self.model.shown(t))


Surviving.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None
)
TestSurviving = Surviving.TestCase
