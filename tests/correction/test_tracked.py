"""Whether cells keep their numbers from frame to frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label
from tifffile import imread

from napari_cellseg.correction.tracked import PAIRS, tracked

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def cells(seed: int, frames: int = 8, speed: int = 1) -> NDArray[np.uint16]:
    """Draw 30 squares that walk about and keep their numbers; some come and go."""
    rng = np.random.default_rng(seed)
    movie = np.zeros((frames, 80, 96), np.uint16)
    for number in range(1, 31):
        y, x = divmod(number - 1, 6)
        place = np.array([16 * y + 5, 16 * x + 5])
        for frame in movie[rng.integers(0, 3) : frames - rng.integers(0, 3)]:
            top, left = np.clip(place, 0, (72, 88))
            spot = frame[top : top + 6, left : left + 6]
            spot[spot == 0] = number
            place += rng.integers(-speed, speed + 1, 2)
    return movie


def shuffled(movie: NDArray[np.uint16], seed: int) -> NDArray[np.uint16]:
    """Number the cells of each frame at random."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(1, int(movie.max()) + 1, dtype=np.uint16)
    tables = (np.append(np.uint16(0), rng.permutation(numbers)) for _ in movie)
    return np.stack([t[f] for t, f in zip(tables, movie, strict=True)])


@given(st.integers(0, 1000))
def test_numbers_that_are_kept_are_told_from_others(seed: int) -> None:
    movie = cells(seed)
    assert tracked(movie.__getitem__, len(movie))
    afresh = shuffled(movie, seed)
    assert not tracked(afresh.__getitem__, len(movie))


def test_few_frames_are_looked_at() -> None:
    looked: list[int] = []
    movie = cells(0, frames=100)

    def frame(t: int) -> NDArray[np.uint16]:
        looked.append(t)
        return movie[t]

    tracked(frame, len(movie))
    assert len(looked) == 2 * PAIRS
    assert (min(looked), max(looked)) == (0, 99)


def test_where_no_cell_has_another_in_its_place() -> None:
    fast = np.zeros((3, 4, 30), np.uint16)
    for t, frame in enumerate(fast):
        frame[:, 10 * t : 10 * t + 4] = 5
    assert tracked(fast.__getitem__, 3)
    fast[1][fast[1] == 5] = 6
    assert not tracked(fast.__getitem__, 3)
    assert tracked(np.zeros((3, 4, 4), np.uint16).__getitem__, 3)
    assert tracked(fast.__getitem__, 1)


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["DIC-C2DH-HeLa/01", "Fluo-N2DH-GOWT1/01"])
def test_movies_of_a_challenge(shared_data: Path, name: str) -> None:
    folder = shared_data / "ctc" / f"{name}_ST" / "SEG"
    files = sorted(folder.glob("man_seg*.tif"))

    def afresh(t: int) -> NDArray[np.uint16]:
        return label(imread(files[t]) > 0)[0].astype(np.uint16)

    assert tracked(lambda t: imread(files[t]), len(files))
    assert not tracked(afresh, len(files))
