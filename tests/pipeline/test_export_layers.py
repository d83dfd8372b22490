from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from napari_cellseg.errors import OutputError
from napari_cellseg.io.ctc import read_tracks
from napari_cellseg.io.images import Stack
from napari_cellseg.io.results import pair, read_labels
from napari_cellseg.pipeline.compare import compare
from napari_cellseg.pipeline.export import Target, check, save, targets
from napari_cellseg.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

# a mother, and two daughters from the third frame on; every cell is 3 px high
ROWS = ("..1111....", "..1111....", "..2233....", ".22..33...")
CELLS = np.zeros((4, 5, 10), np.uint16)
for _t, _row in enumerate(ROWS):
    CELLS[_t, 1:4] = [int(c) for c in _row.replace(".", "0")]
STACK = Stack.from_array(CELLS, "movie")


def nuclei_of(cells: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The middle row of every cell."""
    inner = np.zeros_like(cells)
    middle = cells.shape[-2] // 2
    inner[..., middle, :] = cells[..., middle, :]
    return inner


NUCLEI = nuclei_of(CELLS)


def shuffled(count: int = len(CELLS)) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Frames whose ids are their own in each: cells and nuclei agree."""
    for t in range(count):
        table = np.roll(np.arange(1, 4, dtype=np.uint16), t)
        table = np.append(np.uint16(0), table)
        yield table[CELLS[t]], table[NUCLEI[t]]


@pytest.mark.parametrize("kind", ["tiff", "zarr"])
def test_nuclei_have_a_file_of_their_own(tmp_path: Path, kind: str) -> None:
    (goal,) = targets(tmp_path, ["movie"], kind, nuclei=True)
    frames = zip(CELLS, NUCLEI, strict=True)
    *_, last = save(frames, STACK, goal, recipe=Recipe(name="r"))
    assert last.objects == 6
    assert goal.nuclei_path.name == f"movie_nuclei{goal.path.suffix}"
    np.testing.assert_array_equal(read_labels(goal.path).data, CELLS)
    np.testing.assert_array_equal(read_labels(goal.nuclei_path).data, NUCLEI)
    assert {p.name for p in tmp_path.iterdir()} == {
        goal.path.name,
        goal.nuclei_path.name,
        "recipe.toml",
    }


def test_nuclei_follow_their_cells_over_time(tmp_path: Path) -> None:
    goal = Target(tmp_path / "res", "", "ctc", nuclei=True)
    list(save(shuffled(), STACK, goal))
    files = sorted(goal.path.glob("mask*.tif"))
    cells = np.stack([tifffile.imread(f) for f in files])
    nuclei = np.stack([tifffile.imread(goal.nuclei_path / f.name) for f in files])
    np.testing.assert_array_equal(cells > 0, CELLS > 0)
    np.testing.assert_array_equal(nuclei, np.where(NUCLEI > 0, cells, 0))
    tracks = read_tracks(goal.path)
    assert len(tracks) == 3
    assert tracks == read_tracks(goal.nuclei_path)
    assert sorted(p.name for p in goal.path.iterdir() if p.is_dir()) == ["nuclei"]


def broken() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield from shuffled(2)
    raise RuntimeError("stop")


def test_what_is_finished_of_both_layers_is_kept(tmp_path: Path) -> None:
    goal = Target(tmp_path, "movie", nuclei=True)
    with pytest.raises(RuntimeError, match="stop"):
        list(save(broken(), STACK, goal))
    for name in ("movie.partial.tif", "movie_nuclei.partial.tif"):
        assert len(read_labels(tmp_path / name)) == 2
    goal = Target(tmp_path / "res", "", "ctc", nuclei=True)
    with pytest.raises(RuntimeError, match="stop"):
        list(save(broken(), STACK, goal))
    for folder in ("partial", "partial/nuclei"):
        assert len(list((goal.path / folder).glob("mask*.tif"))) == 2
    assert not goal.nuclei_path.exists()


def test_what_cannot_be_written_is_kept_unlinked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OutputError("disk full")

    monkeypatch.setattr("napari_cellseg.io.ctc.write_tracks", refuse)
    goal = Target(tmp_path / "res", "", "ctc", nuclei=True)
    with pytest.raises(OutputError, match="disk full"):
        list(save(shuffled(), STACK, goal))
    kept = {str(p.relative_to(goal.path)) for p in goal.path.rglob("*") if p.is_dir()}
    assert kept == {"unlinked", "unlinked/nuclei"}
    assert len(list((goal.path / "unlinked/nuclei").glob("*.tif"))) == len(CELLS)


@pytest.mark.parametrize("kind", ["tiff", "zarr", "ctc"])
def test_former_nuclei_are_not_replaced_unasked(tmp_path: Path, kind: str) -> None:
    (goal,) = targets(tmp_path, ["movie"], kind, nuclei=True)
    list(save(shuffled(), STACK, goal))
    if kind == "ctc":
        for file in tmp_path.glob("*.t*"):
            file.unlink()
    elif kind == "tiff":
        goal.path.unlink()
    else:
        goal.path.rename(tmp_path / "other")
    with pytest.raises(OutputError, match="holds results already"):
        check([goal])
    check([goal], overwrite=True)
    check(targets(tmp_path, ["movie"], kind))
    list(save(shuffled(), STACK, goal, overwrite=True))
    assert len(read_labels(goal.nuclei_path)) == len(CELLS)


def test_names_that_meet_are_refused(tmp_path: Path) -> None:
    names = ["a", "a_nuclei"]
    assert len(targets(tmp_path, names, "tiff")) == 2
    with pytest.raises(OutputError, match="2 results are named 'a_nuclei'"):
        targets(tmp_path, names, "tiff", nuclei=True)


def test_nuclei_are_no_prediction_of_their_own(tmp_path: Path) -> None:
    truth, pred = tmp_path / "truth", tmp_path / "pred"
    for folder in (truth, pred):
        folder.mkdir()
    for t in range(2):
        tifffile.imwrite(truth / f"man_seg{t:03d}.tif", CELLS[t])
        tifffile.imwrite(pred / f"mask{t:03d}.tif", CELLS[t])
        tifffile.imwrite(pred / f"mask{t:03d}_nuclei.tif", NUCLEI[t])
    found = compare(pred, truth)
    assert (found.missing, found.left_out) == ((), ())
    # unless there is truth for them
    for t in range(2):
        (truth / f"man_seg{t:03d}.tif").rename(truth / f"mask{t:03d}.tif")
        tifffile.imwrite(truth / f"mask{t:03d}_nuclei.tif", NUCLEI[t])
    pairs = pair(pred, truth)
    assert len(pairs) == 4
    assert all(np.array_equal(p.pred, p.truth) for p in pairs)
