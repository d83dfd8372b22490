"""Matching by centroids: the radius, the assignment, the distances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.measure import regionprops

from napari_cellseg.metrics import CentroidErrors, Errors, match_centroids
from napari_cellseg.metrics.centroid import geometry

labels = hnp.arrays(np.int32, (6, 7), elements=st.integers(0, 4))


def square(shape, *corners, side=3):
    image = np.zeros(shape, int)
    for label, (y, x) in enumerate(corners, 1):
        image[y : y + side, x : x + side] = label
    return image


@given(labels)
def test_geometry_equals_scikit_image(image):
    found, props = geometry(image), regionprops(image)
    middles = np.array([p.centroid for p in props]).reshape(-1, 2)
    np.testing.assert_allclose(found.centroids, middles)
    sides = [(p.bbox[2] - p.bbox[0], p.bbox[3] - p.bbox[1]) for p in props]
    expected = [math.hypot(*side) / 2 for side in sides]
    assert found.radii.tolist() == pytest.approx(expected)


@given(labels)
def test_a_segmentation_agrees_with_itself(image):
    found = match_centroids(image, image)
    assert found.errors == Errors(np.unique(image[image > 0]).size, 0, 0)
    assert found.total_distance == pytest.approx(0)


def test_the_radius_is_half_the_diagonal_of_the_true_box():
    # a square of 3: radius 3 / sqrt(2) = 2.12
    truth = square((20, 20), (8, 8))
    assert match_centroids(square((20, 20), (8, 10)), truth).errors.tp == 1
    assert match_centroids(square((20, 20), (8, 11)), truth).errors.tp == 0
    # the size of the prediction does not matter
    large = square((20, 20), (5, 8), side=9)
    assert match_centroids(large, truth).errors.tp == 0
    assert match_centroids(truth, large).errors.tp == 1


def test_as_many_pairs_as_possible_then_the_nearest():
    truth = square((9, 30), (3, 3), (3, 7), side=4)
    pred = square((9, 30), (3, 5), (3, 9), side=4)
    found = match_centroids(pred, truth)
    assert found.errors == Errors(2, 0, 0)
    assert found.mean_distance == 2
    assert found + found == CentroidErrors(Errors(4, 0, 0), 8.0)


def test_empty_images():
    empty, one = np.zeros((5, 5), int), square((5, 5), (1, 1))
    assert match_centroids(empty, one).errors == Errors(0, 0, 1)
    assert match_centroids(one, empty).errors == Errors(0, 1, 0)
    assert math.isnan(match_centroids(empty, empty).mean_distance)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(2, 3\) against \(3, 2\)"):
        match_centroids(np.zeros((2, 3), int), np.zeros((3, 2), int))
