"""The segmentation similarity against numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cellseg.metrics import overlap, sm

labels = hnp.arrays(np.uint8, (4, 5), elements=st.integers(0, 4))


def score(pred, truth, **options):
    return sm(overlap(np.array([pred]), np.array([truth])), **options)


def test_worked_by_hand():
    # object 1 is split in two (best Dice 2*2/6, one of them pairs), object 2 is exact
    pred, truth = [5, 5, 6, 6, 0, 7], [1, 1, 1, 1, 0, 2]
    assert score(pred, truth, k=1.0) == pytest.approx((4 / 6 + 1) / 2)
    assert score(pred, truth, k=0.0) == pytest.approx(2 * 2 / 5)
    expected = 0.6 * (4 / 6 + 1) / 2 + 0.4 * 4 / 5
    assert score(pred, truth) == pytest.approx(expected)


def test_a_merged_pair_counts_one_bijection():
    assert score([1, 1, 1, 1], [1, 1, 2, 2], k=0.0) == pytest.approx(2 / 3)


def test_empty_images():
    assert math.isnan(score([0, 0], [0, 0]))
    assert score([0, 1], [0, 0]) == 0
    assert score([0, 0], [0, 1]) == 0
    assert score([1, 0], [0, 1]) == 0


@given(labels)
def test_a_segmentation_agrees_with_itself(image):
    found = sm(overlap(image, image))
    assert found == pytest.approx(1) if image.any() else math.isnan(found)


@given(labels, labels)
def test_between_0_and_1_and_blind_to_a_monotone_renaming(pred, truth):
    found = sm(overlap(pred, truth))
    assert math.isnan(found) or 0 <= found <= 1 + 1e-12
    renamed = sm(overlap(pred.astype(int) * 999, truth))
    assert renamed == pytest.approx(found, nan_ok=True)
