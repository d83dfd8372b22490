"""Single frames for training."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cellseg.simulate import simulate_frame


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(1, 120), st.integers(1, 120)),
    diameter=st.floats(6, 80),
)
def test_labels_count_up_and_are_connected(
    seed: int, shape: tuple[int, int], diameter: float
) -> None:
    image, labels = simulate_frame(np.random.default_rng(seed), shape, diameter)
    assert image.shape == labels.shape == shape
    assert image.dtype == labels.dtype == np.uint16
    numbers = np.unique(labels[labels > 0])
    assert numbers.tolist() == list(range(1, len(numbers) + 1))
    for number in numbers:
        mask = (labels == number).astype(np.uint8)
        assert cv2.connectedComponents(mask, connectivity=4)[0] == 2


def test_same_state_same_frame() -> None:
    first, again = (simulate_frame(np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])


@pytest.mark.parametrize("diameter", [8.0, 30.0, 110.0])
def test_diameter_is_as_asked(diameter: float) -> None:
    rng = np.random.default_rng(0)
    side = max(96, int(4 * diameter))
    areas: list[float] = []
    for _ in range(25):
        _, labels = simulate_frame(rng, (side, side), diameter)
        border = set(np.unique(np.r_[labels[0], labels[-1], *labels.T[[0, -1]]]))
        sizes = np.bincount(labels.ravel())
        areas += [s for i, s in enumerate(sizes) if i and i not in border and s]
    measured = np.sqrt(4 / np.pi * np.median(areas))
    assert measured == pytest.approx(diameter, rel=0.15)


def test_variety() -> None:
    rng = np.random.default_rng(1)
    frames = [simulate_frame(rng, (128, 128), 20) for _ in range(60)]
    cover = np.array([(labels > 0).mean() for _, labels in frames])
    assert cover.min() < 0.08
    assert cover.max() > 0.5
    contrast = np.array(
        [
            (image[labels > 0].mean() - image[labels == 0].mean())
            / image[labels == 0].std()
            for image, labels in frames
            if labels.any()
        ]
    )
    assert contrast.min() < 2
    assert contrast.max() > 8
    assert np.mean(contrast > 0) > 0.95


def test_touching_nuclei_are_common() -> None:
    rng = np.random.default_rng(2)
    touching = 0
    for _ in range(20):
        _, labels = simulate_frame(rng, (128, 128), 20)
        left, right = labels[:, :-1], labels[:, 1:]
        touching += bool(((left != right) & (left > 0) & (right > 0)).any())
    assert touching >= 10
