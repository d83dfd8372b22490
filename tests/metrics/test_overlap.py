"""Overlap counts against a count pair by pair, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cellseg.metrics import overlap, pixel_counts
from napari_cellseg.metrics.pixel import pixel_counts_of

labels = hnp.arrays(np.uint16, (6, 7), elements=st.integers(0, 5))


@given(labels, labels)
def test_counts_equal_a_count_pair_by_pair(pred, truth):
    found = overlap(pred, truth)
    table = np.zeros((found.truth_ids.size, found.pred_ids.size), int)
    table[found.truth_index, found.pred_index] = found.intersections
    for i, t in enumerate(found.truth_ids):
        for j, p in enumerate(found.pred_ids):
            assert table[i, j] == np.sum((truth == t) & (pred == p))
    assert [np.sum(truth == t) for t in found.truth_ids] == found.truth_areas.tolist()
    assert [np.sum(pred == p) for p in found.pred_ids] == found.pred_areas.tolist()


@given(labels, labels)
def test_pixel_counts_agree_with_the_masks(pred, truth):
    found = pixel_counts_of(overlap(pred, truth))
    assert found == pixel_counts(pred, truth)
    tp = np.sum((pred > 0) & (truth > 0))
    assert found.tp == tp
    assert found.tn == np.sum((pred == 0) & (truth == 0))
    assert found.fp == np.sum(pred > 0) - tp


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
)
def test_any_integer_dtype_and_ids_with_holes(dtype):
    top = int(np.iinfo(dtype).max) if np.dtype(dtype).itemsize < 8 else 2**62
    image = np.array([[0, 1, 1], [top, top, 0]], dtype)
    found = overlap(image, image)
    assert found.pred_ids.tolist() == [1, top]
    assert found.iou.tolist() == [1.0, 1.0]


def test_sparse_ids_without_background():
    image = np.array([[2**40, 2**41]])
    found = overlap(image, image)
    assert found.truth_ids.tolist() == [2**40, 2**41]
    assert found.intersections.tolist() == [1, 1]


def test_a_mask_is_one_object():
    assert overlap(*[np.array([[True, False, True]])] * 2).pred_areas.tolist() == [2]


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 4)])
def test_nothing_to_overlap(shape):
    found = overlap(np.zeros(shape, int), np.zeros(shape, int))
    assert found.iou.size == found.pred_ids.size == found.truth_ids.size == 0


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(2, 3\) against \(3, 2\)"):
        overlap(np.zeros((2, 3), int), np.zeros((3, 2), int))
    with pytest.raises(ValueError, match=r"\(2, 3\) against \(3, 2\)"):
        pixel_counts(np.zeros((2, 3), int), np.zeros((3, 2), int))


def test_labels_must_be_labels():
    with pytest.raises(ValueError, match="must be integers, not float64"):
        overlap(np.zeros((2, 2)), np.zeros((2, 2), int))
    with pytest.raises(ValueError, match="not be negative: found -3"):
        overlap(np.full((2, 2), -3), np.zeros((2, 2), int))
