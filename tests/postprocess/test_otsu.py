from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.filters import threshold_multiotsu, threshold_otsu

from napari_cellseg.postprocess.otsu import Histogram, histogram, multi_otsu, otsu

VALUES = arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.floats(-1e3, 1e3, allow_subnormal=False, width=32),
)


def modes(count: int, seed: int) -> np.ndarray:
    """Values around a number of means, as many around each."""
    random = np.random.default_rng(seed)
    return np.concatenate([random.normal(3 * i, 0.8, 400) for i in range(count)])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [2, 3, 4])
def test_equal_to_scikit_image(classes, seed):
    values = modes(seed + 1, seed)
    expected = threshold_multiotsu(values, classes)
    np.testing.assert_allclose(multi_otsu(values, classes), expected, rtol=1e-6)
    assert otsu(values) == threshold_otsu(values)


@given(VALUES)
def test_counts_as_numpy(values):
    bins = np.empty(values.shape, np.uint8)
    found = histogram(values, bins)
    assert found.counts.sum() == values.size
    if found.counts.size > 1:
        expected, _ = np.histogram(values, 256)
        np.testing.assert_array_equal(found.counts, expected)
        np.testing.assert_array_equal(np.bincount(bins, minlength=256), expected)


def spread_within(counts: np.ndarray, ends: tuple[int, ...]) -> float:
    """Squared deviations from the classes' means, summed."""
    bounds = [0, *(end + 1 for end in ends), counts.size]
    total = 0.0
    for low, high in pairwise(bounds):
        number, at = counts[low:high], np.arange(low, high)
        if number.sum():
            total += (number * (at - np.average(at, weights=number)) ** 2).sum()
    return total


@given(arrays(np.int64, 9, elements=st.integers(0, 20)), st.integers(2, 6))
def test_no_division_is_better(counts, classes):
    if np.count_nonzero(counts) <= classes:
        return
    found = Histogram(counts, np.arange(9.0)).divide(classes)
    assert (np.diff(found) > 0).all()
    every = combinations(range(8), classes - 1)
    best = min(spread_within(counts, ends) for ends in every)
    assert spread_within(counts, tuple(found)) == pytest.approx(best, abs=1e-9)


def test_equal_divisions_fall_to_the_lowest():
    # 0 1 1 0 0 1 1: bins 2, 3 and 4 divide alike
    counts = np.array([0, 1, 1, 0, 0, 1, 1])
    assert Histogram(counts, np.arange(7.0)).divide(2).tolist() == [2]


def test_five_thresholds_find_six_modes():
    thresholds = multi_otsu(modes(6, 0), 6)
    np.testing.assert_allclose(thresholds, [1.5, 4.5, 7.5, 10.5, 13.5], atol=0.4)


@pytest.mark.parametrize(
    ("values", "above"),
    [
        ([], 0),
        ([3.0, 3.0], 0),
        ([3.0, 4.0, 4.0], 2),
        ([1.0, 2.0, 3.0], 1),
    ],
)
def test_too_few_values_are_classes_of_their_own(values, above):
    values = np.array(values)
    thresholds = multi_otsu(values, 6)
    assert thresholds.shape == (5,)
    assert (np.diff(thresholds) >= 0).all()
    assert (values > thresholds[-1]).sum() == above


def test_a_constant_has_nothing_above():
    for values in (np.full(5, 0.3, np.float32), np.zeros((2, 2))):
        assert not (values > otsu(values)).any()


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(wrong):
    with pytest.raises(ValueError, match="must be finite"):
        otsu(np.array([0.0, wrong]))
    with pytest.raises(ValueError, match="classes = 1"):
        multi_otsu(np.zeros(3), 1)
