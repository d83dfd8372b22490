from __future__ import annotations

import numpy as np
from scipy import ndimage

from napari_cellseg.training.targets import distance_to_outline, median_diameter


def test_touching_cells_have_an_outline_between_them() -> None:
    labels = np.zeros((9, 14), int)
    labels[1:8, 1:7] = 1
    labels[1:8, 7:13] = 2
    distance = distance_to_outline(labels)
    assert distance[4, 6] == distance[4, 7] == 0.5
    assert distance[4, 3] == 2.5


def test_equals_the_distance_transform_of_each_cell() -> None:
    rng = np.random.default_rng(0)
    labels = ndimage.zoom(rng.integers(0, 4, (6, 6)), 8, order=0)
    expected = np.zeros(labels.shape)
    for label in range(1, 4):
        cell = labels == label
        expected += np.where(cell, ndimage.distance_transform_edt(cell) - 0.5, 0)
    np.testing.assert_allclose(distance_to_outline(labels), expected, atol=1e-4)


def test_a_cell_over_the_whole_image_is_finite() -> None:
    assert np.isfinite(distance_to_outline(np.ones((5, 5), int))).all()


def test_no_cells() -> None:
    assert not distance_to_outline(np.zeros((3, 3), int)).any()
    assert np.isnan(median_diameter(np.zeros((3, 3), int)))
