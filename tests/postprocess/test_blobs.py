from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage.feature import blob_log

from napari_cellseg.postprocess import Foreground, foreground
from napari_cellseg.postprocess.blobs import LEAST, blobs, response
from napari_cellseg.postprocess.otsu import multi_otsu

ROOT = np.sqrt(8)


def discs(*places: tuple[int, int, float]) -> np.ndarray:
    """Probability 0.9 within discs (y, x, radius), 0.05 elsewhere."""
    y, x = np.indices((100, 120))
    inside = np.zeros(y.shape, bool)
    for cy, cx, radius in places:
        inside |= np.hypot(y - cy, x - cx) <= radius
    return np.where(inside, 0.9, 0.05).astype(np.float32)


PLACES = ((20, 20, 5), (30, 70, 8), (75, 40, 10), (70, 95, 6))
FIELD = discs(*PLACES)


@pytest.mark.parametrize(("size", "off"), [(3, 0.02), (4, 0.01), (6, 2e-3), (12, 2e-3)])
def test_one_scale_is_the_laplacian_of_gaussian(size, off):
    field = discs((50, 60, size / 2), (20, 30, size / 2))
    sigma = size / ROOT
    expected = -(sigma**2) * ndimage.gaussian_laplace(field.astype(float), sigma)
    # the second derivative is that of neighbours, and not the Gaussian's own
    np.testing.assert_allclose(response(field, size, size), expected, atol=off)


def test_the_greatest_of_the_scales_is_taken():
    each = [response(FIELD, size, size) for size in np.geomspace(8, 22, 4)]
    found = response(FIELD, 22, 8)
    # scales follow from each other: rounding of the kernels adds up
    np.testing.assert_allclose(found, np.max(each, axis=0), atol=0.02)


def test_peaks_lie_where_scikit_image_finds_blobs():
    sigmas = np.array([10, 22]) / ROOT
    found = blob_log(FIELD, min_sigma=sigmas[0], max_sigma=sigmas[1], threshold=0.2)
    strong = response(FIELD, 10, 22)
    assert len(found) == len(PLACES)
    for y, x, _ in found.astype(int):
        assert strong[y, x] > 0.95 * strong[y - 4 : y + 5, x - 4 : x + 5].max()


def test_each_disc_is_a_blob():
    mask = blobs(FIELD, 8, 22, 60)
    labels, count = ndimage.label(mask)
    assert count == len(PLACES)
    assert all(labels[y, x] for y, x, _ in PLACES)
    assert (mask & (FIELD > 0.5)).sum() > 0.8 * mask.sum()


@pytest.mark.parametrize(
    ("sensitivity", "which"),
    [(0, 4), (20, 4), (21, 3), (40, 3), (60, 2), (61, 1), (80, 1), (81, 0), (100, 0)],
)
def test_sensitivity_chooses_among_five_thresholds(sensitivity, which):
    found = response(FIELD, 8, 22)
    threshold = max(multi_otsu(found, 6)[which], LEAST)
    np.testing.assert_array_equal(blobs(FIELD, 8, 22, sensitivity), found > threshold)


@pytest.mark.parametrize("value", [0.0, 0.7, np.nan])
def test_without_blobs_there_are_none(value):
    assert not blobs(np.full((20, 30), value, np.float32), 5, 9, 100).any()
    assert blobs(np.empty((0, 7), np.float32), 5, 9, 60).shape == (0, 7)


def test_the_mask_is_cleaned_as_any_other():
    by = Foreground(threshold_by="blobs", smallest_blob=8, largest_blob=22)
    kept = foreground(FIELD, by.replace(smallest_area=150))
    assert ndimage.label(kept)[1] == 2


def test_lengths_in_microns_are_refused():
    by = Foreground(threshold_by="blobs", smallest_blob="5 µm", smallest_area=0)
    with pytest.raises(ValueError, match="smallest_blob is 5 µm"):
        foreground(FIELD, by)


def test_otsu_is_of_the_map_itself():
    dim = FIELD * 0.6
    dim[0, :3] = np.nan
    by = Foreground(threshold_by="otsu", smallest_area=0)
    np.testing.assert_array_equal(foreground(dim, by), FIELD > 0.5)
    by_value = by.replace(threshold_by="value", threshold=0.6)
    assert not foreground(dim, by_value).any()


@pytest.mark.parametrize(("highest", "found"), [(0.001, 0), (0.5, 0), (0.56, 1)])
def test_otsu_finds_nothing_where_nothing_is_likely(highest, found):
    noise = np.random.default_rng(0).random((60, 80)) * 1e-3
    noise[20:30, 20:30] = highest
    by = Foreground(threshold_by="otsu", smallest_area=0)
    assert ndimage.label(foreground(noise, by))[1] == found
