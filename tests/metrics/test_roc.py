"""The area under the curve, against scikit-learn's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_cellseg.metrics import pixel_counts, roc

MAPS = arrays.arrays(
    np.float16, (6, 7), elements=st.sampled_from([0, 0.25, 0.5, 0.625, 1])
)
MASKS = arrays.arrays(np.bool_, (6, 7))


@given(MAPS, MASKS)
def test_as_scikit_learn_has_it_ties_included(probability, truth):
    metrics = pytest.importorskip("sklearn.metrics")
    if truth.all() or not truth.any():
        assert math.isnan(roc(probability, truth).auc)
        return
    expected = metrics.roc_auc_score(truth.ravel(), probability.ravel())
    assert roc(probability, truth).auc == pytest.approx(expected)


@given(MAPS, MASKS, st.integers(1, 5))
def test_images_are_pooled_as_if_they_were_one(probability, truth, row):
    halves = [roc(probability[s], truth[s]) for s in (np.s_[:row], np.s_[row:])]
    whole, pooled = roc(probability, truth), halves[0] + halves[1]
    assert pooled.counts(0.3) == whole.counts(0.3)
    assert pooled.auc == whole.auc or math.isnan(whole.auc)


@given(MAPS, MASKS)
def test_its_counts_are_those_of_the_mask(probability, truth):
    assert roc(probability, truth).counts(0.5) == pixel_counts(probability > 0.5, truth)


def test_best_worst_and_blind():
    truth = np.array([0, 0, 1, 1])
    assert roc(np.array([0.1, 0.2, 0.3, 0.4]), truth).auc == 1
    assert roc(np.array([0.4, 0.3, 0.2, 0.1]), truth).auc == 0
    assert roc(np.full(4, 0.7), truth).auc == 0.5


def test_nothing_is_nan():
    assert math.isnan(roc(np.zeros(0), np.zeros(0)).auc)
    assert math.isnan(roc(np.zeros(0), np.zeros(0)).counts().accuracy)


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(ValueError, match="differ in shape"):
        roc(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="nan"):
        roc(np.array([np.nan]), np.ones(1))
