from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from napari.layers import Image

from napari_cellseg._reader import get_reader
from napari_cellseg.errors import ImageError
from napari_cellseg.io.images import open_image
from napari_cellseg.widgets.layers.source import (
    Choice,
    guess_axes,
    pixel_size,
    stack_of,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("shape", "labels", "axes"),
    [
        ((6, 7), None, "YX"),
        ((5, 6, 7), None, "TYX"),
        ((5, 3, 6, 7), None, "TCYX"),
        ((5, 30, 6, 7), None, "TZYX"),
        ((5, 30, 3, 6, 7), None, "TZCYX"),
        ((5, 6, 6, 7), ("c", "", "", ""), "CTYX"),
        ((5, 3, 6, 7), ("t", "c", "y", "x"), "TCYX"),
        ((5, 6, 7), ("z", "y", "x"), "ZYX"),
        ((3, 5, 6, 7), ("Channel", "Time", "y", "x"), "CTYX"),
        ((5, 3, 2, 6, 7), ("T", "C", "Z", "Y", "X"), "TCZYX"),
    ],
)
def test_axes_are_guessed_from_labels_then_from_order(
    shape: tuple[int, ...], labels: tuple[str, ...] | None, axes: str
) -> None:
    layer = Image(np.zeros(shape, np.uint8), axis_labels=labels)
    assert guess_axes(layer) == axes


def test_channel_and_depth_are_chosen() -> None:
    data = np.random.default_rng(1).integers(0, 99, (4, 2, 3, 5, 6)).astype(np.uint16)
    layer = Image(data)
    stack = stack_of(layer, Choice("TCZYX", channel=1))
    np.testing.assert_array_equal(stack.frame(2), data[2, 1].max(0))
    plane = stack_of(layer, Choice("TCZYX", channel=0, z=2))
    np.testing.assert_array_equal(plane.frame(3), data[3, 0, 2])


def test_colours_are_averaged() -> None:
    data = np.zeros((2, 5, 6, 3), np.uint8)
    data[..., 0] = 90
    stack = stack_of(Image(data, rgb=True), Choice("TYX"))
    assert stack.shape == (2, 5, 6)
    assert stack.frame(0)[0, 0] == 30


def test_multiscale_is_read_at_full_resolution() -> None:
    levels = [np.ones((8, 16, 16), np.uint8), np.ones((8, 8, 8), np.uint8)]
    stack = stack_of(Image(levels, multiscale=True), Choice("TYX"))
    assert stack.shape == (8, 16, 16)


@pytest.mark.parametrize(
    ("axes", "words"), [("YYX", "same letter"), ("TZX", "missing")]
)
def test_impossible_axes_are_refused_in_words(axes: str, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        stack_of(Image(np.zeros((3, 4, 5), np.uint8)), Choice(axes))


def test_the_size_of_a_pixel_needs_a_unit() -> None:
    data = np.zeros((3, 4, 5), np.uint8)
    units = ("pixel", "nanometer", "nanometer")
    assert pixel_size(Image(data, scale=(1, 240, 240), units=units), "TYX") == 0.24
    assert pixel_size(Image(data, scale=(1, 0.5, 0.5)), "TYX") is None


def movie_with_a_gap(folder: Path) -> Path:
    """Write frames 0, 1 and 3: frame 2 is missing."""
    folder.mkdir(exist_ok=True)
    images = np.random.default_rng(0).integers(0, 255, (3, 40, 48), np.uint8)
    for t, image in zip((0, 1, 3), images, strict=True):
        tifffile.imwrite(folder / f"t{t:03d}.tif", image)
    return folder


def opened(path: Path) -> Image:
    reader = get_reader(str(path))
    assert reader is not None
    ((data, meta, kind),) = reader(str(path))
    assert kind == "image"
    return Image(data, **meta)


def test_a_stack_from_our_reader_equals_the_one_without_a_window(
    tmp_path: Path,
) -> None:
    folder = movie_with_a_gap(tmp_path / "movie")
    stack = stack_of(opened(folder), Choice("TYX"))
    expected = open_image(folder).stack()
    assert stack.numbers == expected.numbers == (0, 1, 3)
    assert stack.files == expected.files
    assert stack.source == expected.source
    assert stack.where(2) == expected.where(2) == "frame 3 (t003.tif)"


def test_the_time_step_is_that_of_the_reader_or_of_the_layer(tmp_path: Path) -> None:
    data = np.zeros((3, 8, 6), np.uint8)
    metadata = {"axes": "TYX", "finterval": 30.0}
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=True, metadata=metadata)
    assert stack_of(opened(tmp_path / "a.tif"), Choice("TYX")).time_step == 30.0
    layer = Image(data, metadata={"time_step": 5.0})
    assert stack_of(layer, Choice("TYX")).time_step == 5.0


def test_numbers_of_other_frames_are_left_out(tmp_path: Path) -> None:
    layer = opened(movie_with_a_gap(tmp_path / "movie"))
    layer.data = layer.data[:2]
    stack = stack_of(layer, Choice("TYX"))
    assert (stack.numbers, stack.files, len(stack)) == (None, (), 2)
