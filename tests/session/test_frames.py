"""Frames of labels that are corrected: in memory, and behind a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np
import pytest
import zarr

from napari_cellseg.errors import ImageError
from napari_cellseg.session.frames import ArrayFrames, as_unsigned
from napari_cellseg.session.lazy_frames import AT_LEAST, LazyFrames

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def movie() -> NDArray[np.uint16]:
    """Twelve frames of noise."""
    return np.random.default_rng(0).integers(0, 99, (12, 8, 10), np.uint16)


def in_file(movie: NDArray[Any], folder: Path) -> Any:
    """A zarr array of a frame a chunk."""
    array = zarr.create_array(
        store=str(folder / "labels.zarr"),
        shape=movie.shape,
        chunks=(1, *movie.shape[1:]),
        dtype=movie.dtype,
    )
    array[:] = movie
    return array


def test_signed_labels_are_the_same_memory() -> None:
    signed = np.array([0, 5], np.int32)
    as_unsigned(signed)[1] = 7
    assert signed[1] == 7
    assert as_unsigned(np.array([2**31], np.int64)).dtype == np.uint32


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (np.zeros(2, bool), "give each cell a number"),
        (np.zeros(2, np.float32), "convert them first"),
        (np.array([-3, 1]), "-3 the lowest"),
        (np.array([2**40]), "number the cells anew"),
    ],
)
def test_what_is_no_label_is_refused(data: NDArray[Any], words: str) -> None:
    with pytest.raises(ImageError, match=words):
        as_unsigned(data)


def test_uint8_is_widened_for_a_number() -> None:
    frames = ArrayFrames(np.full((2, 3, 3), 200, np.uint8))
    frames.write(1, np.full((3, 3), 70_000, np.uint32))
    assert (frames.read(0) == 200).all()
    assert frames.top() == 70_000


def test_the_window_is_indexed_as_an_array(movie: NDArray[np.uint16]) -> None:
    array = LazyFrames(da.from_array(movie, chunks=(1, -1, -1))).array
    at = np.array([0, 3, 3]), np.array([1, 2, 7]), np.array([0, 9, 4])
    keys = [
        3,
        -1,
        (2, slice(1, 4)),
        (slice(4, 5), slice(None), slice(2, 6)),
        (slice(2, 9, 3), 5),
        (Ellipsis, 4),
        (np.int64(2), np.array([1, 2]), np.array([0, 3])),
        at,
    ]
    for key in keys:
        assert np.array_equal(array[key], movie[key])
        array[key] = 123
        movie[key] = 123
    assert np.array_equal(np.asarray(array), movie)


def test_changed_frames_outlive_the_window(movie: NDArray[np.uint16]) -> None:
    frames = LazyFrames(da.from_array(movie, chunks=(1, -1, -1)), limit=1)
    for t in range(12):
        frames.array[t, 0, 0] = 1000 + t
    assert len(frames._raw) == AT_LEAST
    assert [int(frames.read(t)[0, 0]) for t in range(12)] == list(range(1000, 1012))
    assert frames.top() >= 1000


def test_the_greatest_number_is_of_every_frame(movie: NDArray[np.uint16]) -> None:
    movie[11, 3, 3] = 5000
    assert LazyFrames(da.from_array(movie, chunks=(1, -1, -1))).top() == 5000


def test_changed_frames_reach_the_file(
    movie: NDArray[np.uint16], tmp_path: Path
) -> None:
    frames = LazyFrames(in_file(movie, tmp_path), writable=True, limit=1)
    for t in range(12):
        frames.write(t, movie[t] + np.uint16(1))
    assert frames.flush()
    assert not frames.pending
    written = zarr.open_array(str(tmp_path / "labels.zarr"), mode="r")[:]
    assert np.array_equal(written, movie + 1)
    # nothing is kept that is in the file
    assert not frames._changed


def test_a_file_that_cannot_be_written_loses_nothing(
    movie: NDArray[np.uint16], tmp_path: Path
) -> None:
    in_file(movie, tmp_path)
    closed = zarr.open_array(str(tmp_path / "labels.zarr"), mode="r")
    frames = LazyFrames(closed, writable=True, limit=1)
    for t in range(12):
        frames.array[t, 0, 0] = 777
    assert not frames.flush()
    assert "stays in memory" in frames.trouble
    assert all(frames.read(t)[0, 0] == 777 for t in range(12))


def test_numbers_beyond_the_file_stay_in_memory(tmp_path: Path) -> None:
    source = in_file(np.ones((5, 4, 4), np.uint8), tmp_path)
    frames = LazyFrames(source, writable=True, limit=1)
    frames.write(0, np.full((4, 4), 300, np.uint16))
    frames.flush()
    assert "ends at 255" in frames.trouble
    for t in range(1, 5):
        frames.read(t)
    assert (frames.read(0) == 300).all()
