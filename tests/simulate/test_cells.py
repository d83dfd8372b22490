"""Whole cells of two compartments."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cellseg.io.images import open_image
from napari_cellseg.simulate import simulate_cells, simulate_cells_movie, write_cells
from napari_cellseg.simulate.compartments import depth

SCRIPT = Path(__file__).parents[2] / "scripts" / "simulated_cells.py"


def in_one_piece(labels: np.ndarray) -> bool:
    return all(
        cv2.connectedComponents((labels == n).astype(np.uint8), connectivity=4)[0] == 2
        for n in np.unique(labels[labels > 0])
    )


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(1, 160), st.integers(1, 160)),
    diameter=st.floats(8, 30),
)
def test_truth_of_both_compartments_agrees(
    seed: int, shape: tuple[int, int], diameter: float
) -> None:
    frame = simulate_cells(np.random.default_rng(seed), shape, diameter)
    for part in vars(frame).values():
        assert part.shape == shape
        assert part.dtype == np.uint16
    inside = frame.nuclei > 0
    np.testing.assert_array_equal(frame.nuclei[inside], frame.cells[inside])
    numbers = np.unique(frame.cells[frame.cells > 0])
    assert numbers.tolist() == list(range(1, len(numbers) + 1))
    assert in_one_piece(frame.cells)
    assert in_one_piece(frame.nuclei)
    assert (depth(frame.cells)[inside] > 1).all()


def test_a_cell_within_the_field_has_a_nucleus() -> None:
    for seed in range(5):
        frame = simulate_cells(np.random.default_rng(seed), (256, 256))
        cells = frame.cells
        border = np.unique(np.r_[cells[0], cells[-1], cells[:, 0], cells[:, -1]])
        whole = np.setdiff1d(cells, border)
        assert whole.size > 10
        assert set(whole) <= set(np.unique(frame.nuclei))


def test_sizes_are_as_said() -> None:
    nuclei, cells = [], []
    for seed in range(12):
        frame = simulate_cells(np.random.default_rng(seed), (256, 256), 18)
        nuclei += np.bincount(frame.nuclei.ravel())[1:].tolist()
        cells += np.bincount(frame.cells.ravel())[1:].tolist()
    diameters = np.sqrt(4 / np.pi * np.array(nuclei))
    assert np.median(diameters) == pytest.approx(18, rel=0.05)
    assert 600 < np.median(cells) < 1200


def test_cytoplasm_is_bright_and_nuclei_are_dark() -> None:
    for seed in range(8):
        frame = simulate_cells(np.random.default_rng(seed), (256, 256))
        inside, cell = frame.nuclei > 0, frame.cells > 0
        cytoplasm = frame.cell_channel[cell & ~inside].mean()
        assert cytoplasm > 1.3 * frame.cell_channel[inside].mean()
        assert cytoplasm > 1.5 * frame.cell_channel[~cell].mean()
        nuclear = frame.nuclear_channel
        assert nuclear[inside].mean() > 2 * nuclear[~inside].mean()


def test_touching_cells_are_common() -> None:
    for seed in range(8):
        cells = simulate_cells(np.random.default_rng(seed), (256, 256)).cells
        left, right = cells[:, :-1], cells[:, 1:]
        assert ((left != right) & (left > 0) & (right > 0)).sum() > 20


def test_the_same_state_gives_the_same_image() -> None:
    one, two, other = (simulate_cells(np.random.default_rng(s)) for s in (3, 3, 4))
    for name, part in vars(one).items():
        np.testing.assert_array_equal(part, vars(two)[name])
    assert (one.cell_channel != other.cell_channel).any()


def test_in_a_movie_cells_keep_their_numbers() -> None:
    movie = simulate_cells_movie(np.random.default_rng(0), 4, (160, 160))
    assert movie.cells.shape == movie.cell_channel.shape == (4, 160, 160)
    for before, after in zip(movie.cells, movie.cells[1:], strict=False):
        both = (before > 0) & (after > 0)
        assert (before[both] == after[both]).mean() > 0.8
        assert (before != after).any()


def test_a_nucleus_without_room_around_it_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(4 px\) must be at least 8"):
        simulate_cells(np.random.default_rng(0), (64, 64), 4)


def test_a_folder_has_images_truth_and_the_pixel_size(tmp_path: Path) -> None:
    write_cells(tmp_path, 2, shape=(64, 64))
    for part in ("images", "nuclear", "labels", "nuclei"):
        names = sorted(file.name for file in (tmp_path / part).iterdir())
        assert names == ["000.tif", "001.tif"]
    stack = open_image(tmp_path / "images/001.tif").stack()
    assert stack.pixel_size == pytest.approx(0.65, rel=1e-3)
    write_cells(tmp_path / "longer", 3, shape=(64, 64), truth=False)
    again = open_image(tmp_path / "longer/images/001.tif").stack()
    np.testing.assert_array_equal(again.frame(0), stack.frame(0))
    assert not (tmp_path / "longer/labels").exists()


def test_the_script_writes_as_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--number", "1", "--side", "48", "--seed", "3", "--no-truth"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(tmp_path / "new"), *options])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    written = open_image(tmp_path / "new/nuclear/000.tif").stack().frame(0)
    assert written.shape == (48, 48)
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["images", "nuclear"]
