"""Matching against exhaustive search, and scores against numbers worked by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment

from napari_cellseg.metrics import (
    Errors,
    average_precision,
    dsb_score,
    match,
    overlap,
)
from napari_cellseg.metrics.assignment import assign

labels = hnp.arrays(np.uint8, (4, 5), elements=st.integers(0, 4))


@given(hnp.arrays(float, (5, 6), elements=st.floats(0, 1)), st.floats(0.1, 1))
def test_assignment_is_the_largest_then_cheapest(costs, limit):
    rows, columns = np.nonzero(costs <= limit)
    chosen = assign(rows, columns, costs[rows, columns])
    assert np.unique(rows[chosen]).size == np.unique(columns[chosen]).size
    assert np.unique(rows[chosen]).size == chosen.size
    padded = np.where(costs <= limit, costs, 100.0)
    best = padded[linear_sum_assignment(padded)]
    assert chosen.size == np.sum(best < 100)
    got = costs[rows, columns][chosen].sum()
    assert got == pytest.approx(best[best < 100].sum(), abs=1e-9)


def brute_force_pairs(found, threshold):
    """Most pairs by trying every injection of truths into predictions."""
    table = np.zeros((found.truth_ids.size, found.pred_ids.size))
    table[found.truth_index, found.pred_index] = found.iou
    if table.shape[0] > table.shape[1]:
        table = table.T
    choices = itertools.permutations(range(table.shape[1]), table.shape[0])
    return max(sum(table[i, j] >= threshold for i, j in enumerate(c)) for c in choices)


@given(labels, labels, st.sampled_from([0.1, 0.3, 0.5, 0.7]))
def test_match_makes_the_most_pairs(pred, truth, threshold):
    found = overlap(pred, truth)
    made = match(found, threshold)
    assert made.errors.tp == brute_force_pairs(found, threshold)
    assert (made.iou >= threshold).all()
    assert made.errors.tp + made.errors.fn == found.truth_ids.size
    assert made.errors.tp + made.errors.fp == found.pred_ids.size


@given(labels)
def test_a_segmentation_agrees_with_itself(image):
    found = overlap(image, image)
    if image.any():
        assert dsb_score(found) == 1
    else:
        assert math.isnan(dsb_score(found))


@given(labels, labels, st.permutations(range(1, 5)))
def test_ids_do_not_matter(pred, truth, order):
    table = np.array([0, *(37 * i for i in order)], np.int64)
    before = average_precision(overlap(pred, truth))
    np.testing.assert_equal(average_precision(overlap(table[pred], truth)), before)
    np.testing.assert_equal(average_precision(overlap(pred, table[truth])), before)


def test_a_chain_needs_an_optimal_assignment():
    # iou(1, 7) = 3/5, iou(1, 8) = 2/6, iou(2, 7) = 1/6: greed takes one pair, not two
    truth = np.array([[7, 7, 7, 7, 8, 8, 8, 0]])
    pred = np.array([[2, 1, 1, 1, 1, 1, 0, 0]])
    made = match(overlap(pred, truth), 1 / 6)
    assert made.errors == Errors(2, 0, 0)
    assert dict(zip(made.truth_ids, made.pred_ids, strict=True)) == {7: 2, 8: 1}


def test_equal_to_the_threshold_counts_once():
    truth = np.array([[8, 8, 8, 8]])
    pred = np.array([[1, 1, 2, 2]])
    assert match(overlap(pred, truth), 0.5).errors == Errors(1, 1, 0)
    assert match(overlap(pred, truth), 0.5 + 1e-9).errors == Errors(0, 2, 1)


def test_every_threshold_of_the_bowl_is_met_when_equal():
    truth = np.ones((1, 20), int)
    for area in range(10, 20):
        pred = (np.arange(20) < area).astype(int)[None]
        found = average_precision(overlap(pred, truth))
        assert found.sum() == area - 9


def test_empty_images():
    empty, full = np.zeros((3, 3), int), np.ones((3, 3), int)
    assert dsb_score(overlap(full, empty)) == 0
    assert dsb_score(overlap(empty, full)) == 0
    assert math.isnan(dsb_score(overlap(empty, empty)))
    assert math.isnan(Errors().precision)
    assert math.isnan(Errors().f1)


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_threshold_out_of_range(threshold):
    found = overlap(np.ones((2, 2), int), np.ones((2, 2), int))
    with pytest.raises(ValueError, match="IoU threshold"):
        match(found, threshold)
