"""The journal of a stack, as the window opens it."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellseg.correction.edits import delete, draw
from napari_cellseg.correction.history import Timeline
from napari_cellseg.correction.journal import (
    BaseRecord,
    EditRecord,
    RecipeRecord,
    StateRecord,
    fingerprint,
    read,
    replay,
)
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.keeping import Keeping, open_image, restore_all

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Movie:
    """Two cells in each of two frames."""

    limit = 2**32 - 1

    def __init__(self) -> None:
        self.labels = np.zeros((2, 4, 6), np.uint16)
        self.labels[:, 1:3, 0:2], self.labels[:, 1:3, 4:6] = 1, 2
        self.shape = self.labels.shape

    def read(self, t: int) -> NDArray[np.unsignedinteger]:
        return self.labels[t]

    def write(self, t: int, labels: NDArray[np.unsignedinteger]) -> None:
        self.labels[t] = labels

    def top(self) -> int:
        return int(self.labels.max())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "movie.tif"


def opened(
    source: Path,
    value: int = 7,
    kind: str = "",
    timeline: Timeline | None = None,
    frames: Movie | None = None,
) -> Keeping:
    images = np.full((2, 4, 6), value, np.uint8)
    print_ = fingerprint(images.shape, images.dtype, images.__getitem__)
    corrections = Corrections(frames or Movie(), timeline)
    return Keeping(corrections, open_image(print_, source, "movie", kind))


def shown(keeping: Keeping) -> NDArray[np.unsignedinteger]:
    frames = keeping.corrections.frames
    return np.stack([frames.read(t) for t in range(2)])


def remove(keeping: Keeping, label: int, t: int = 0) -> None:
    at = keeping.corrections.frames.read(t)
    keeping.corrections.edit(f"Delete {label}", {t: delete(at, [label])})


def add(keeping: Keeping, y: int, x: int) -> None:
    """Draw a new cell of two pixels in frame 0."""
    ours, mask = keeping.corrections, np.ones((1, 2), np.bool_)
    new = ours.new_label(0)
    ours.edit(f"Draw {new}", {0: draw(ours.frames.read(0), new, mask, y, x)})


def paint(keeping: Keeping, where: tuple[Any, ...], label: int) -> None:
    """Paint as napari does, on the pixels that are shown."""
    t, *place = where
    frame = keeping.corrections.frames.read(t)
    before = frame.copy()
    frame[tuple(place)] = label
    keeping.corrections.stroke(t, before)


def numbers(corrections: Corrections) -> dict[int, set[int]]:
    return {t: set(marks) for t, marks in corrections.marks.items()}


def words(corrections: Corrections) -> list[str]:
    return [step.words for step in corrections.timeline.past]


def steps(timeline: Timeline, of: Keeping) -> list[list[tuple[str, bool]]]:
    """Words of the steps that were done and undone, and whether they are of one."""
    both = timeline.past, timeline.future
    return [[(s.words, s.corrections is of.corrections) for s in each] for each in both]  # type: ignore[attr-defined]


def test_recipes_alone_leave_no_file(source: Path) -> None:
    keeping = opened(source)
    keeping.corrections.use_recipe("name = 'a'")
    keeping.corrections.use_recipe("name = 'b'")
    keeping.close()
    assert list(source.parent.iterdir()) == []


def test_the_newest_recipe_goes_before_the_first_correction(source: Path) -> None:
    keeping = opened(source)
    for name in "ab":
        keeping.corrections.use_recipe(f"name = '{name}'")
    remove(keeping, 1)
    keeping.close()
    first, second = read(keeping.path).records
    assert isinstance(first, RecipeRecord)
    assert first.text == "name = 'b'"
    assert second.edit.frames == [0]  # type: ignore[union-attr]


def test_what_was_corrected_comes_back_and_goes_on(source: Path) -> None:
    first = opened(source)
    first.corrections.use_recipe("name = 'a'")
    remove(first, 1)
    remove(first, 2, t=1)
    first.close()
    second = opened(source)
    assert second.found.startswith("2 corrections in 2 frames")
    second.restore()
    assert second.found == ""
    assert second.corrections.marks == first.corrections.marks
    assert second.corrections.recipe == "name = 'a'"
    second.corrections.undo()
    remove(second, 2)
    second.close()
    third = opened(source)
    third.restore()
    assert third.corrections.marks == second.corrections.marks
    third.close()


def test_beginning_anew_keeps_the_old_journal(source: Path) -> None:
    first = opened(source)
    remove(first, 1)
    first.close()
    second = opened(source)
    second.anew()
    assert not second.corrections.marks
    remove(second, 2)
    second.close()
    names = {path.name for path in source.parent.iterdir()}
    assert names == {"movie.tif.corrections", "movie.tif.corrections.1"}
    third = opened(source)
    third.restore()
    assert set(third.corrections.marks[0]) == {2}
    third.close()


def test_what_is_corrected_before_it_is_decided_is_written_then(source: Path) -> None:
    first = opened(source)
    remove(first, 1)
    first.close()
    second = opened(source)
    second.corrections.use_recipe("name = 'b'")
    remove(second, 2, t=1)
    assert not second.sync()
    second.anew()
    second.close()
    recipe, edit = read(second.path).records
    assert isinstance(recipe, RecipeRecord)
    assert isinstance(edit, EditRecord)
    assert [(c.t, c.label) for c in edit.edit.changes] == [(1, 2)]


@pytest.mark.parametrize("known", [False, True])
def test_a_recipe_chosen_before_it_is_restored_gives_way_to_one_found(
    source: Path, known: bool
) -> None:
    first = opened(source)
    if known:
        first.corrections.use_recipe("name = 'a'")
    remove(first, 1)
    first.close()
    second = opened(source)
    second.corrections.use_recipe("name = 'b'")
    remove(second, 2)
    second.restore()
    second.close()
    expected = "name = 'a'" if known else "name = 'b'"
    assert second.corrections.recipe == expected
    assert replay(read(second.path).records).recipe == expected


def test_what_is_corrected_before_it_is_restored_lies_on_top(source: Path) -> None:
    first = opened(source)
    remove(first, 1)
    first.corrections.check(0)
    first.close()
    second = opened(source)
    remove(second, 2)
    remove(second, 2, t=1)
    remove(second, 1, t=1)
    second.corrections.undo()
    second.corrections.check(1)
    second.restore()
    ours = second.corrections
    expected = {0: {1, 2}, 1: {2}}
    assert numbers(ours) == expected
    assert ours.checked == {0, 1}
    assert second.sync()
    assert words(ours) == ["Delete 1", "Delete 2", "Delete 2"]
    second.close()
    third = opened(source)
    third.restore()
    assert third.corrections.marks == ours.marks
    assert words(third.corrections) == words(ours)
    for left in ({0: {1, 2}}, {0: {1}}, {}):
        assert third.corrections.undo()
        assert numbers(third.corrections) == left
    assert np.array_equal(shown(third), Movie().labels)
    third.close()


def test_cells_of_one_number_both_stay(source: Path) -> None:
    first = opened(source)
    add(first, 0, 2)
    first.close()
    second = opened(source)
    add(second, 3, 2)
    second.corrections.lock({0: [3]})
    before = shown(second)
    second.restore()
    assert shown(second)[0, 0, 2:4].tolist() == [3, 3]
    assert shown(second)[0, 3, 2:4].tolist() == [4, 4]
    assert [second.corrections.status(0, n) for n in (3, 4)] == ["edited", "locked"]
    assert (before[0, 3, 2:4] == 3).all()
    second.close()


def test_locked_cells_stay_under_what_was_done_meanwhile(source: Path) -> None:
    first = opened(source)
    first.corrections.lock({0: [1]})
    first.close()
    second = opened(source)
    remove(second, 1)
    remove(second, 2)
    second.restore()
    assert second.corrections.status(0, 1) == "locked"
    assert set(np.unique(shown(second)[0])) == {0, 1}
    second.close()


@pytest.mark.parametrize("how", ["close", "forget"])
def test_what_nobody_decided_about_lies_beside_what_was_found(
    source: Path, how: str
) -> None:
    first = opened(source)
    remove(first, 1)
    first.close()
    content = first.path.read_bytes()
    second = opened(source)
    remove(second, 2)
    if how == "close":
        second.close()
    del second
    gc.collect()
    assert first.path.read_bytes() == content
    third = opened(source)
    assert third.path.name == "movie.tif-2.corrections"
    assert str(first.path) in third.words
    third.restore()
    assert numbers(third.corrections) == {0: {2}}
    third.close()


def test_undecided_without_a_correction_nothing_is_made(source: Path) -> None:
    first = opened(source)
    remove(first, 1)
    first.close()
    second = opened(source)
    second.corrections.use_recipe("name = 'b'")
    assert second.sync()
    second.close()
    assert [path.name for path in source.parent.iterdir()] == [first.path.name]


def test_steps_of_cells_and_nuclei_come_back_in_their_order(source: Path) -> None:
    def both() -> tuple[Keeping, Keeping]:
        timeline = Timeline()
        return opened(source, timeline=timeline), opened(source, 7, "nuclei", timeline)

    cells, nuclei = both()
    for keeping, label, t in (
        (nuclei, 1, 0),
        (cells, 2, 0),
        (nuclei, 2, 1),
        (cells, 1, 1),
        (nuclei, 2, 0),
    ):
        remove(keeping, label, t)
        time.sleep(0.002)
    for _ in range(2):
        cells.corrections.undo()
        time.sleep(0.002)
    live = steps(cells.corrections.timeline, nuclei)
    assert live[1] == [("Delete 2", True), ("Delete 1", False)]
    for keeping in (cells, nuclei):
        keeping.close()
    again = both()
    restore_all(again)
    assert steps(again[0].corrections.timeline, again[1]) == live
    for keeping in again:
        keeping.close()


def test_steps_of_a_generation_before_never_make_what_was_not(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_cellseg.correction.journal import opened as module

    monkeypatch.setattr(module, "LARGE", 10)
    first = opened(source)
    remove(first, 1)
    paint(first, np.s_[1, 1:3, 0:1], 9)
    for _ in range(3):
        first.corrections.undo()
        first.corrections.redo()
    first.close()
    second = opened(source)
    second.restore()
    remove(second, 9, t=1)
    ours = second.corrections
    states = [shown(second)]
    for _ in range(2):
        assert ours.undo()
        states.append(shown(second))
    second.close()
    assert isinstance(read(second.path).records[0], StateRecord)
    third = opened(source)
    third.restore()
    assert np.array_equal(shown(third), states.pop())
    while states:
        assert third.corrections.redo()
        assert np.array_equal(shown(third), states.pop())
    assert not third.corrections.redo()
    third.close()


class File(Movie):
    """Labels that are written to their file as they are shown."""

    written_back = True


def test_a_file_that_changes_gives_its_first_labels_back(source: Path) -> None:
    file = File()
    first = opened(source, frames=file)
    remove(first, 1)
    paint(first, np.s_[1, 0:2, 0:3], 2)
    remove(first, 2, t=1)
    first.close()
    assert sum(isinstance(r, BaseRecord) for r in read(first.path).records) == 2
    # it is read again as it is now
    second = opened(source, frames=file)
    second.restore()
    assert np.array_equal(second.corrections.automatic(0), Movie().labels[0])
    assert np.array_equal(second.corrections.automatic(1), Movie().labels[1])
    second.corrections.release(1, [2])
    for _ in range(4):
        assert second.corrections.undo()
    assert np.array_equal(file.labels, Movie().labels)
    remove(second, 1)
    second.close()
    assert sum(isinstance(r, BaseRecord) for r in read(first.path).records) == 2


def test_another_images_journal_is_left_as_it_is(source: Path) -> None:
    first = opened(source)
    remove(first, 1)
    first.close()
    content = first.path.read_bytes()
    second = opened(source, value=8)
    assert "another image" in second.words
    assert second.found == ""
    remove(second, 1)
    second.close()
    assert first.path.read_bytes() == content
    assert second.path != first.path


def test_trouble_is_said_until_it_is_mended(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from napari_cellseg.correction.journal.target import Target

    keeping = opened(source)
    write = Target.write

    def full(self: Target, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    told: list[str] = []
    keeping.changed.connect(lambda: told.append(keeping.words))
    monkeypatch.setattr(Target, "write", full)
    remove(keeping, 1)
    while not told:
        pass
    assert "disk is full" in keeping.words
    monkeypatch.setattr(Target, "write", write)
    assert keeping.sync()
    while len(told) < 2:
        pass
    assert keeping.words == ""
    keeping.close()


def test_the_journal_is_let_go_with_its_corrections(source: Path) -> None:
    keeping = opened(source)
    remove(keeping, 1)
    del keeping
    gc.collect()
    again = opened(source)
    assert again.words == ""
    assert again.found.startswith("1 correction")
