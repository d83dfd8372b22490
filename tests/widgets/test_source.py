from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Image

from napari_cellseg.errors import ImageError
from napari_cellseg.widgets._source import Choice, guess_axes, pixel_size, stack_of


@pytest.mark.parametrize(
    ("shape", "labels", "axes"),
    [
        ((6, 7), None, "YX"),
        ((5, 6, 7), None, "TYX"),
        ((5, 3, 6, 7), None, "ZTYX"),
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
