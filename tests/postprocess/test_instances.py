from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from napari_cellseg.postprocess import Postprocess, divide, from_labels, segment
from napari_cellseg.postprocess.instances import keep

LABELS = arrays(
    np.uint16, array_shapes(min_dims=2, max_dims=2), elements=st.integers(0, 9)
)


@given(LABELS, st.floats(0, 1e6))
def test_regions_are_the_labels_at_every_h(labels, h):
    split = from_labels(labels)
    held = np.unique(labels[labels > 0])
    assert split.count == split.number(h) == held.size
    np.testing.assert_array_equal(np.append(0, held)[split.labels(h)], labels)
    np.testing.assert_array_equal(
        split.sizes, [np.sum(labels == n) for n in [0, *held]]
    )
    np.testing.assert_array_equal(split.areas(h), split.sizes[1:])
    levels, numbers = split.curve()
    assert levels.tolist() == [0]
    assert numbers.tolist() == [held.size]
    assert split.doubtful(h) == []


def test_peaks_are_the_highest_pixels():
    labels = np.array([[5, 5, 0, 2], [5, 5, 2, 2]])
    height = np.array([[1.0, 7, 9, 3], [7, 2, 3, 1]])
    split = from_labels(labels, height)
    assert split.peaks.tolist() == [0, 3, 7]
    assert split.places[1:].tolist() == [[0, 3], [0, 1]]
    assert np.isinf(split.dynamics).all()


def test_many_regions_take_wider_numbers():
    labels = np.arange(70000).reshape(700, 100)
    split = from_labels(labels)
    assert split.basins.dtype == np.uint32
    np.testing.assert_array_equal(split.labels(3), labels)


def test_what_are_no_labels_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        from_labels(np.array([[0, -1]]))
    with pytest.raises(ValueError, match="differ"):
        from_labels(np.zeros((2, 2), int), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="differ"):
        from_labels(np.zeros(3, int))


@given(LABELS, st.integers(0, 2**31), st.integers(0, 5))
def test_kept_is_what_the_mask_leaves_large_enough(labels, seed, smallest):
    mask = np.random.default_rng(seed).random(labels.shape) < 0.6
    found = keep(labels, mask, smallest)
    for n in np.unique(labels[labels > 0]):
        inside = mask & (labels == n)
        expected = inside if inside.sum() >= smallest else np.zeros_like(mask)
        np.testing.assert_array_equal(found == n, expected)


def test_instances_touch_and_stay_apart():
    own = np.repeat(np.repeat([[1, 1, 2, 2, 0, 3]], 3, axis=0), 3, axis=1)
    probability = np.where(own > 0, 0.9, 0.1)
    probability[:, 17] = 0.2
    by = Postprocess(landscape="instances", smallest_area=7, h=50)
    labels = segment(probability, None, by, own)
    np.testing.assert_array_equal(labels, np.where(own == 3, 0, own))
    with pytest.raises(ValueError, match="there are none"):
        divide(probability > 0.5, by)
