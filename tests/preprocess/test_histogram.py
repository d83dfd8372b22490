from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from skimage.exposure import match_histograms

from napari_cellseg.errors import ImageError, RecipeError
from napari_cellseg.preprocess import Preprocess, Reference, brightest, match, normalize
from napari_cellseg.preprocess.histogram import MOST

DTYPES = (np.uint8, np.int16, np.uint16, np.float32, np.float64)
bytes_ = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@given(bytes_, bytes_, st.sampled_from(DTYPES))
def test_matching_agrees_with_scikit_image(
    image: np.ndarray, other: np.ndarray, dtype: type
) -> None:
    image, other = image.astype(dtype), other.astype(dtype)
    ours = match(image, Reference.of(other))
    np.testing.assert_allclose(ours, match_histograms(image, other), rtol=1e-5)


@given(bytes_)
def test_an_image_matched_to_itself_stays(image: np.ndarray) -> None:
    np.testing.assert_allclose(match(image, Reference.of(image)), image, atol=1e-9)


def test_a_reference_of_many_intensities_is_thinned() -> None:
    rng = np.random.default_rng(0)
    image, other = rng.random((2, 200, 200))
    reference = Reference.of(other**2)
    assert MOST / 2 < len(reference.values) <= MOST
    assert reference.quantiles[-1] == 1
    exact = match_histograms(image, other**2)
    assert np.abs(match(image, reference) - exact).max() < 1e-3


def test_the_few_bright_pixels_of_a_deep_image_are_matched_as_well() -> None:
    rng = np.random.default_rng(0)
    # a background of many pixels, nuclei, and a bright tail of few
    other = rng.normal(900, 150, (400, 400))
    other[:80] = rng.normal(9000, 2500, (80, 400))
    other[:6] = 9000 + rng.exponential(9000, (6, 400))
    other = other.clip(0, 65535).astype(np.uint16)
    assert np.unique(other).size > MOST
    image = rng.gamma(2, 500, (400, 400)).astype(np.uint16)
    off = np.abs(match(image, Reference.of(other)) - match_histograms(image, other))
    assert off.max() < 65535 / 1024
    assert off.mean() < 0.5
    assert np.median(off) < 0.1


def test_a_reference_survives_its_text() -> None:
    reference = Reference.of(np.random.default_rng(0).random((9, 9)))
    assert Reference.loads(reference.dumps()) == reference
    assert hash(Reference.loads(reference.dumps())) == hash(reference)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"values": [1], "quantiles": []}', '{"values": 3}']
)
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no histogram|Expecting value"):
        Reference.loads(text)


def test_the_brightest_image_is_that_of_the_highest_mean() -> None:
    spot = np.zeros((8, 8), np.uint16)
    spot[0, 0] = 1000
    even = np.full((4, 4), 20, np.uint16)
    assert brightest(iter([spot, even])) == Reference((20.0,), (1.0,))


def test_no_image_and_odd_images_have_no_brightest() -> None:
    with pytest.raises(ImageError, match="no image"):
        brightest([])
    with pytest.raises(ImageError, match="not numbers"):
        brightest([np.ones((2, 2)), np.full((2, 2), np.nan)])


def test_match_brings_the_reference_to_0_and_1() -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 50, (40, 40)).astype(np.uint8)
    reference = Reference.of(rng.integers(100, 200, (40, 40)))
    image = normalize(frame, Preprocess(method="match"), reference=reference)
    assert image.max() == 1
    assert 0 <= image.min() < 0.05


def test_match_without_a_histogram_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"choose another contrast, or a model"):
        normalize(np.ones((2, 2)), Preprocess(method="match"))


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_median_agrees_with_scipy(frame: np.ndarray) -> None:
    plain = normalize(frame, Preprocess(method="stretch"))
    for side in (3, 5):
        ours = normalize(frame, Preprocess(method="stretch", median=side))
        theirs = ndimage.median_filter(plain, side, mode="nearest")
        np.testing.assert_array_equal(ours, theirs)
