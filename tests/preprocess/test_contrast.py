from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError
from skimage import exposure

from napari_cellseg.errors import ImageError
from napari_cellseg.preprocess import Preprocess, normalize

METHODS = ("percentile", "stretch", "equalize", "clahe")


@pytest.fixture
def frame() -> np.ndarray:
    return np.random.default_rng(0).integers(100, 4000, (64, 96)).astype(np.uint16)


def test_percentiles_become_0_and_1(frame: np.ndarray) -> None:
    image = normalize(frame, Preprocess(low=5, high=95))
    assert np.percentile(image, 5) == pytest.approx(0, abs=1e-3)
    assert np.percentile(image, 95) == pytest.approx(1, abs=1e-3)


def test_few_bright_pixels_on_black_are_not_lost() -> None:
    frame = np.zeros((100, 100), np.uint8)
    frame[3, 4] = 200
    assert normalize(frame, Preprocess())[3, 4] == 1


def test_equalize_agrees_with_scikit_image(frame: np.ndarray) -> None:
    ours = normalize(frame, Preprocess(method="equalize"))
    theirs = exposure.equalize_hist(frame, nbins=65536)
    assert np.abs(ours - theirs).max() < 2e-3


def test_clahe_brings_out_what_is_dim_in_its_surroundings() -> None:
    frame = np.random.default_rng(0).normal(1000, 20, (128, 128))
    frame[:64, :64] += 100 * (np.indices((64, 64)).sum(0) % 16 < 8)
    frame[100:, 100:] += 20000
    plain = normalize(frame, Preprocess(method="stretch"))[:64, :64]
    local = normalize(frame, Preprocess(method="clahe", grid=4, clip=8))[:64, :64]
    assert local.std() > 5 * plain.std()


@pytest.mark.parametrize("method", METHODS)
def test_constant_frame_is_finite(method: str) -> None:
    image = normalize(np.full((16, 16), 7, np.uint8), Preprocess(method=method))
    assert np.isfinite(image).all()
    assert np.ptp(image) == 0


@pytest.mark.parametrize("method", METHODS)
def test_one_pixel(method: str) -> None:
    assert normalize(np.ones((1, 1), np.uint8), Preprocess(method=method)).shape == (
        1,
        1,
    )


@given(
    arrays(np.int16, (8, 8), elements=st.integers(-32768, 32767)),
    st.sampled_from(METHODS[:3]),
)
def test_full_range_of_signed_integers_does_not_overflow(
    frame: np.ndarray, method: str
) -> None:
    image = normalize(frame, Preprocess(method=method))
    order = np.argsort(frame.ravel(), kind="stable")
    assert (np.diff(image.ravel()[order]) >= 0).all()


def test_offset_of_a_32_bit_image_is_kept_exact() -> None:
    frame = np.array([[2**31, 2**31 + 1, 2**31 + 2]], np.uint32)
    image = normalize(frame, Preprocess(method="stretch"))
    assert image.tolist() == [[0, 0.5, 1]]


def test_missing_pixels_are_refused_with_their_place() -> None:
    frame = np.ones((4, 5), np.float32)
    frame[2, 3] = np.nan
    with pytest.raises(ImageError, match=r"frame 7 has 1 pixels.*y=2, x=3.*background"):
        normalize(frame, Preprocess(), "frame 7")


def test_missing_pixels_read_as_background_when_asked() -> None:
    frame = np.arange(20, dtype=np.float64).reshape(4, 5)
    frame[2, 3] = np.nan
    image = normalize(frame, Preprocess(nan="background", method="stretch"))
    assert image[2, 3] == 0
    assert image.max() == 1


def test_a_frame_of_nothing_but_nan_is_refused_even_then() -> None:
    frame = np.full((2, 2), np.nan)
    for nan in ("background", "refuse"):
        with pytest.raises(ImageError, match=r"4 pixels .*leave the frame out\.$"):
            normalize(frame, Preprocess(nan=nan))


@pytest.mark.parametrize("large", [1e39, -1e39, 3e38])
def test_numbers_that_float32_cannot_hold_count_as_missing(large: float) -> None:
    frame = np.arange(20, dtype=np.float64).reshape(4, 5)
    frame[2, 3] = large
    with pytest.raises(ImageError, match=r"frame 7 has 1 pixels.*y=2, x=3"):
        normalize(frame, Preprocess(), "frame 7")
    image = normalize(frame, Preprocess(nan="background", method="stretch"))
    assert image[2, 3] == 0
    assert image.max() == 1


@pytest.mark.parametrize("method", METHODS[:3])
def test_the_largest_difference_does_not_overflow(method: str) -> None:
    frame = np.array([[-1.7e38, 0, 1.7e38]], np.float64)
    image = normalize(frame, Preprocess(method=method))
    assert np.isfinite(image).all()
    assert image[0, 0] < image[0, 2]


@pytest.mark.parametrize("method", METHODS)
def test_a_standardised_frame_has_a_mean_of_0_and_a_spread_of_1(
    frame: np.ndarray, method: str
) -> None:
    chosen = Preprocess(method=method, median=3)
    plain = normalize(frame, chosen)
    image = normalize(frame, chosen.replace(standardize=True))
    assert image.dtype == np.float32
    assert image.mean() == pytest.approx(0, abs=1e-5)
    assert image.std() == pytest.approx(1, abs=1e-5)
    assert np.corrcoef(image.ravel(), plain.ravel())[0, 1] == pytest.approx(1)
    flat = normalize(np.full((16, 16), 7, np.uint8), chosen.replace(standardize=True))
    assert not flat.any()


def test_percentiles_in_order() -> None:
    with pytest.raises(ValidationError, match="must be below"):
        Preprocess(low=50, high=50)
