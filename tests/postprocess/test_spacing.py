from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.segmentation import watershed

from napari_cellseg.postprocess import Postprocess, divide, segment
from napari_cellseg.postprocess.spacing import mean_radius, spaced


def discs(*places: tuple[int, int, float]) -> np.ndarray:
    y, x = np.indices((60, 110))
    found = np.zeros(y.shape, bool)
    for cy, cx, radius in places:
        found |= np.hypot(y - cy, x - cx) <= radius
    return found


ONE = discs((30, 30, 12))
PAIR = discs((30, 30, 12), (30, 52, 12), (30, 90, 12), (5, 100, 4))


def test_one_disc_is_one_region():
    np.testing.assert_array_equal(spaced(ONE), ONE)


def test_a_touching_pair_is_split_between():
    labels = spaced(PAIR)
    assert labels.max() == 4
    assert labels[30, 30] != labels[30, 52]
    assert labels[30, 38] == labels[30, 30]
    assert labels[30, 44] == labels[30, 52]
    np.testing.assert_array_equal(labels > 0, PAIR)


def test_the_spacing_is_the_mean_radius_of_the_components():
    far = discs((30, 20, 12), (30, 33, 9))
    assert mean_radius(far.sum(), 1) > 13
    assert spaced(far).max() == 1
    many = far | discs(
        *[(5 + 10 * i, 60 + 10 * j, 3) for i in range(5) for j in range(5)]
    )
    assert spaced(many)[30, 20] != spaced(many)[30, 38]


@settings(max_examples=30)
@given(st.integers(0, 2**31))
def test_regions_are_a_watershed_of_the_mask(seed):
    random = np.random.default_rng(seed)
    mask = ndimage.gaussian_filter(random.normal(size=(40, 50)), 2.5) > 0.05
    labels = spaced(mask)
    np.testing.assert_array_equal(labels > 0, mask)
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    assert labels.max() >= count
    for n in range(1, labels.max() + 1):
        assert np.unique(parts[labels == n]).size == 1
    # from one pixel of each region, its highest, the same regions come again
    height = ndimage.distance_transform_edt(mask).astype(np.float32)
    at = ndimage.maximum_position(height, labels, range(1, labels.max() + 1))
    markers = np.zeros(mask.shape, int)
    markers[tuple(np.array(at, int).reshape(-1, 2).T)] = range(1, len(at) + 1)
    again = watershed(-height, markers, connectivity=2, mask=mask)
    assert (again == labels).mean() > 0.98


@pytest.mark.parametrize("mask", [np.zeros((5, 6), bool), np.ones((5, 6), bool)])
def test_nothing_and_everything_are_regions(mask):
    np.testing.assert_array_equal(spaced(mask), mask)


def test_h_is_of_no_meaning():
    by = Postprocess(
        markers="spacing", landscape="distance transform", smallest_area=0, h=0
    )
    split = divide(PAIR, by)
    np.testing.assert_array_equal(split.labels(0), split.labels(99))
    assert split.count == 4
    assert split.peaks[1:].max() > 12
    image = PAIR.astype(float)
    np.testing.assert_array_equal(segment(image, None, by), split.labels(0))
    own = by.replace(landscape="distance map")
    height = ndimage.distance_transform_edt(PAIR)
    np.testing.assert_array_equal(segment(image, height, own), split.labels(0))
