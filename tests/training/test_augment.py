from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.protocol import Augmentation
from napari_cellseg.training.augment import random_crop, random_view
from napari_cellseg.training.batches import PLAIN
from napari_cellseg.training.dataset import Example
from napari_cellseg.training.targets import distance_to_outline


def example(height: int, width: int) -> Example:
    """Three cells with nuclei, the image bright where they are."""
    labels = np.zeros((height, width), np.int32)
    for i, (x, y) in enumerate([(10, 12), (32, 20), (20, 38)], start=1):
        cv2.circle(labels, (x, y), 7, i, -1)
    nuclei = np.where(distance_to_outline(labels) > 3, labels, 0).astype(np.int32)
    image = (labels + 0.25 * nuclei).astype(np.float32)
    return Example(image, labels, distance_to_outline(labels), nuclei)


def seeds() -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(20)]


def test_nothing_asked_for_changes_nothing() -> None:
    whole = example(64, 48)
    view = random_view(whole, 16, PLAIN, np.random.default_rng(0))
    for before, after in zip(vars(whole).values(), vars(view).values(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_a_plain_crop_is_a_piece_of_the_image() -> None:
    whole = example(64, 64)
    image = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    whole = Example(image, whole.labels, whole.distance, whole.nuclei)
    for rng in seeds():
        crop = random_crop(whole, 32, PLAIN, rng)
        top, left = divmod(int(crop.image[0, 0]), 64)
        np.testing.assert_array_equal(
            crop.image, image[top : top + 32, left : left + 32]
        )
        np.testing.assert_array_equal(
            crop.nuclei, whole.nuclei[top : top + 32, left : left + 32]
        )


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        ({}, 1),
        ({"flip": "horizontal"}, 2),
        ({"flip": "both"}, 4),
        ({"quarter_turns": True}, 4),
        ({"quarter_turns": True, "flip": "both"}, 8),
    ],
)
def test_turns_and_mirror_images_are_exact(
    settings: dict[str, object], number: int
) -> None:
    whole = example(48, 48)
    turned = [np.rot90(whole.image, k) for k in range(4)]
    exact = {v.tobytes() for t in turned for v in (t, np.ascontiguousarray(t[:, ::-1]))}
    exact = {np.ascontiguousarray(v).tobytes() for v in turned} | exact
    views = [
        random_view(whole, 16, PLAIN.replace(**settings), np.random.default_rng(seed))
        for seed in range(80)
    ]
    seen = {view.image.tobytes() for view in views}
    assert len(seen) == number
    assert seen <= exact
    if settings == {"flip": "horizontal"}:
        assert np.ascontiguousarray(whole.image[:, ::-1]).tobytes() in seen


def test_a_rotation_stays_within_its_angle() -> None:
    labels = np.zeros((65, 65), np.int32)
    labels[32, 40:60] = 1  # a line to the right
    line = Example(labels.astype(np.float32), labels, labels.astype(np.float32))
    angles = []
    for rng in seeds():
        view = random_view(line, 1, PLAIN.replace(rotation=30), rng)
        y, x = (v.mean() - 32 for v in np.nonzero(view.image > 0.3))
        angles.append(np.degrees(np.arctan2(y, x)))
    assert np.abs(angles).max() <= 31
    assert min(angles) < -10
    assert max(angles) > 10


def test_a_shift_stays_within_its_length() -> None:
    labels = np.zeros((64, 64), np.int32)
    labels[32, 32] = 1
    dot = Example(labels.astype(np.float32), labels, labels.astype(np.float32))
    views = [random_view(dot, 16, PLAIN.replace(translation=9), rng) for rng in seeds()]
    places = np.array([np.argwhere(view.labels)[0] for view in views]) - 32
    assert np.abs(places).max() <= 9
    assert np.abs(places).max(0).min() > 4


def test_brightness_is_added() -> None:
    whole = example(32, 32)
    shifts = [
        (random_view(whole, 16, PLAIN.replace(brightness=(0.1, 0.3)), rng).image)
        - whole.image
        for rng in seeds()
    ]
    assert all(np.ptp(s) < 1e-5 for s in shifts)
    assert 0.1 <= min(s.mean() for s in shifts) < 0.15
    assert 0.25 < max(s.mean() for s in shifts) <= 0.3


def test_gaussian_noise_has_its_sigma_everywhere() -> None:
    whole = example(64, 64)
    noisy = PLAIN.replace(noise=0.05, noise_kind="gaussian")
    spreads = [
        (random_view(whole, 16, noisy, rng).image - whole.image).std()
        for rng in seeds()
    ]
    np.testing.assert_allclose(spreads, 0.05, rtol=0.1)


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32))
def test_a_view_has_sides_of_the_stride(height: int, width: int, seed: int) -> None:
    view = random_view(
        example(height, width), 32, Augmentation(), np.random.default_rng(seed)
    )
    shape = (-(-height // 32) * 32, -(-width // 32) * 32)
    assert view.image.shape == view.labels.shape == view.nuclei.shape == shape
    assert np.isfinite(view.image).all()
    # nuclei stay within their cells
    assert (view.labels[view.nuclei > 0] == view.nuclei[view.nuclei > 0]).all()
