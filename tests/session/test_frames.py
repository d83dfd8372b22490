"""Frames of labels that are corrected: in memory, and behind a window."""

from __future__ import annotations

from threading import Thread
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
    frames = LazyFrames(da.from_array(movie, chunks=(1, -1, -1)), memory=1)
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
    frames = LazyFrames(in_file(movie, tmp_path), writable=True, memory=1)
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
    frames = LazyFrames(closed, writable=True, memory=1)
    for t in range(12):
        frames.array[t, 0, 0] = 777
    assert not frames.flush()
    assert "stays in memory" in frames.trouble
    assert all(frames.read(t)[0, 0] == 777 for t in range(12))


def test_numbers_beyond_the_file_stay_in_memory(tmp_path: Path) -> None:
    source = in_file(np.ones((5, 4, 4), np.uint8), tmp_path)
    frames = LazyFrames(source, writable=True, memory=1)
    frames.write(0, np.full((4, 4), 300, np.uint16))
    assert not frames.flush()
    assert "ends at 255" in frames.trouble
    for t in range(1, 5):
        frames.write(t, frames.read(t) + np.uint16(1))
    # others are written, and nobody forgets it
    assert not frames.flush()
    assert frames.pending
    assert "Frame 0 stays in memory" in frames.trouble
    assert (source[1:] == 2).all()
    assert (frames.read(0) == 300).all()
    frames.write(0, np.full((4, 4), 3, np.uint16))
    assert frames.flush()
    assert not frames.trouble
    assert (source[0] == 3).all()


class Broken:
    """An array that fails to be read or written to while it is told to."""

    def __init__(self, array: Any, error: type[Exception]) -> None:
        self.array, self.error = array, error
        self.shape, self.dtype = array.shape, array.dtype
        self.reads = self.writes = True

    def __getitem__(self, key: Any) -> Any:
        if not self.reads:
            raise self.error("chunk")
        return self.array[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.writes:
            raise self.error("AccessDenied")
        self.array[key] = value


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [KeyError, ConnectionError, LookupError, Exception])
def test_whatever_a_store_raises_nothing_is_lost(
    movie: NDArray[np.uint16], error: type[Exception]
) -> None:
    source = Broken(movie.copy(), error)
    frames = LazyFrames(source, writable=True, memory=1)
    source.writes = False
    frames.array[3, 0, 0] = 777
    assert not frames.flush()
    assert frames.pending
    assert "Frame 3 stays in memory" in frames.trouble
    source.writes = True
    frames.array[4, 0, 0] = 778
    assert frames.flush()
    assert not frames.trouble
    assert source.array[3:5, 0, 0].tolist() == [777, 778]


def test_a_frame_that_always_fails_holds_up_no_other(
    movie: NDArray[np.uint16],
) -> None:
    class Stubborn(Broken):
        def __setitem__(self, key: Any, value: Any) -> None:
            self.writes = key != 0
            super().__setitem__(key, value)

    source = Stubborn(movie.copy(), OSError)
    frames = LazyFrames(source, writable=True)
    frames.array[0:3, 0, 0] = 777
    assert not frames.flush()
    assert not frames.flush()
    assert source.array[1:3, 0, 0].tolist() == [777, 777]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("error", "told"), [(OSError, ImageError), (LookupError, LookupError)]
)
def test_numbers_that_cannot_be_read_are_not_taken_for_free(
    movie: NDArray[np.uint16], error: type[Exception], told: type[Exception]
) -> None:
    source = Broken(movie, error)
    source.reads = False
    frames = LazyFrames(source)
    with pytest.raises(told, match="chunk"):
        frames.top()
    source.reads = True
    assert frames.top() == movie.max()


def test_numbers_are_counted_in_what_changed(tmp_path: Path) -> None:
    frames = LazyFrames(in_file(np.ones((5, 4, 4), np.uint8), tmp_path), True, memory=1)
    assert frames.used().tolist() == [1]
    frames.array[0, 0, 0] = 9
    for t in range(1, 5):
        frames.read(t)
    assert frames.used().tolist() == [1, 9]
    assert frames.limit == 255
    assert frames.written_back
    assert ArrayFrames(np.array([[[0, 3], [1, 3]]], np.uint8)).used().tolist() == [1, 3]


def test_no_stroke_is_lost_while_a_thread_reads(movie: NDArray[np.uint16]) -> None:
    frames = LazyFrames(da.from_array(movie, chunks=(1, -1, -1)), memory=1)
    real = frames.read

    def read(t: int) -> Any:
        """Read, and let others read before one goes on."""
        frame = real(t)
        if t == 0:
            frames.read = real  # type: ignore[method-assign]
            reader = Thread(target=lambda: [real(other) for other in range(1, 12)])
            reader.start()
            reader.join(0.2)
        return frame

    frames.read = read  # type: ignore[method-assign]
    frames.array[0, 0, 0] = 777
    assert frames.array[0, 0, 0] == 777
