"""The journal of a stack, as the window opens it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg.correction.edits import delete
from napari_cellseg.correction.journal import RecipeRecord, fingerprint, read
from napari_cellseg.session.corrections import Corrections
from napari_cellseg.session.keeping import Keeping, keep_image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Movie:
    """Two cells in each of two frames."""

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


def opened(source: Path, value: int = 7) -> Keeping:
    images = np.full((2, 4, 6), value, np.uint8)
    print_ = fingerprint(images.shape, images.dtype, images.__getitem__)
    return keep_image(Corrections(Movie()), print_, source, "movie")


def remove(keeping: Keeping, label: int, t: int = 0) -> None:
    shown = keeping.corrections.frames.read(t)
    keeping.corrections.edit(f"Delete {label}", {t: delete(shown, [label])})


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
    remove(second, 2)
    second.anew()
    second.close()
    assert len(read(second.path).records) == 1


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
