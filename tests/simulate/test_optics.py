"""The simulated camera and lens."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cellseg.simulate.optics import blur, expose, illumination


@pytest.mark.parametrize("photons", [3.0, 59.0, 61.0, 5000.0])
def test_shot_noise_has_the_variance_of_its_mean(photons: float) -> None:
    light = np.full((300, 300), photons, np.float32)
    # a high gain keeps the rounding to grey levels out of the variance
    image = expose(np.random.default_rng(0), light, 0.0, gain=10.0) / 10
    assert image.mean() == pytest.approx(photons, rel=0.02)
    assert image.var() == pytest.approx(photons, rel=0.05)


def test_camera_saturates_and_never_wraps() -> None:
    light = np.array([[0.0, 1e9]], np.float32)
    image = expose(np.random.default_rng(0), light, 50.0, gain=2.0, top=255)
    assert image[0, 1] == 255
    assert image[0, 0] <= 255


@pytest.mark.parametrize("sigma", [0.0, 1.0, 5.0, 8.0])
def test_blur_keeps_the_light(sigma: float) -> None:
    image = np.zeros((101, 101), np.float32)
    image[40:60, 40:60] = 1
    assert blur(image, sigma).sum() == pytest.approx(400, rel=0.03)


@pytest.mark.parametrize("sigma", [1.5, 9.0])
def test_blur_has_the_width_it_is_asked_for(sigma: float) -> None:
    image = np.zeros((121, 121), np.float32)
    image[60, 60] = 1
    spread = blur(image, sigma)
    y = np.arange(121) - 60
    variance = (spread.sum(axis=1) * y**2).sum() / spread.sum()
    assert np.sqrt(variance) == pytest.approx(sigma, rel=0.08)


def test_illumination_spans_what_is_asked() -> None:
    lamp = illumination(np.random.default_rng(0), (50, 70), 0.4)
    assert lamp.min() == pytest.approx(0.6)
    assert lamp.max() == pytest.approx(1, abs=0.01)
