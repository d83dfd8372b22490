from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.morphology import footprint_rectangle, white_tophat

from napari_cellseg.preprocess import Preprocess, normalize, remove_background


@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(1, 40),
    st.sampled_from([np.uint8, np.uint16, np.float32]),
    st.integers(0, 2**32 - 1),
)
def test_top_hat_agrees_with_scikit_image(
    height: int, width: int, side: int, dtype: type, seed: int
) -> None:
    # scipy, on which scikit-image rests, errs where a window is far beyond the image
    side = min(side, height, width)
    image = np.random.default_rng(seed).integers(0, 255, (height, width)).astype(dtype)
    theirs = white_tophat(image, footprint_rectangle((side, side)))
    np.testing.assert_array_equal(remove_background(image, side), theirs)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(18, 300))
def test_a_square_beyond_the_image_takes_its_minimum(
    height: int, width: int, side: int
) -> None:
    image = np.random.default_rng(0).random((height, width), np.float32)
    found = remove_background(image, side)
    np.testing.assert_array_equal(found, image - image.min())


def test_an_even_square_as_wide_as_the_paper_s() -> None:
    y, x = np.mgrid[:260, :300]
    image = (x + y + 500 * (np.hypot(y - 130, x - 10) < 9)).astype(np.uint16)
    theirs = white_tophat(
        image, footprint_rectangle((200, 200), decomposition="separable")
    )
    np.testing.assert_array_equal(remove_background(image, 200), theirs)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float64])
def test_uneven_light_is_gone_before_the_contrast(dtype: type) -> None:
    cells = np.zeros((60, 90), dtype)
    cells[10:20, 10:20] = cells[40:50, 70:80] = 100
    lit = cells + np.arange(90, dtype=dtype)
    image = normalize(lit, Preprocess(background=31, method="stretch"))
    flat = normalize(cells, Preprocess(method="stretch"))
    assert np.abs(image - flat).max() < 0.15
    assert np.abs(normalize(lit, Preprocess(method="stretch")) - flat).max() > 0.4
