from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.segmentation import watershed

from napari_cellseg.postprocess import Ground, ground, grow
from napari_cellseg.postprocess.otsu import multi_otsu

CENTERS = {1: (30, 30), 2: (30, 62), 3: (75, 45)}
Y, X = np.indices((100, 100))
AWAY = {n: np.hypot(Y - cy, X - cx) for n, (cy, cx) in CENTERS.items()}
NUCLEI = sum((n * (AWAY[n] < 6) for n in CENTERS), np.zeros(Y.shape, int))
NUCLEI = NUCLEI.astype(np.uint16)
TRUTH = np.zeros(Y.shape, int)
for _n in CENTERS:
    _near = (AWAY[_n] < 17) & (np.min(list(AWAY.values()), axis=0) == AWAY[_n])
    TRUTH[_near] = _n
AREA = (TRUTH > 0).sum() / 3
# bright around the nucleus, dimmer outwards: touching cells meet where it is dim
DEPTH = np.min(list(AWAY.values()), axis=0)
IMAGE = np.where(TRUTH > 0, 1.2 - 0.03 * DEPTH, 0) * np.where(NUCLEI > 0, 0.1, 1)
IMAGE = ndimage.gaussian_filter(IMAGE, 1) + 0.02
CELL = ndimage.gaussian_filter((TRUTH > 0).astype(float), 1)


def by_scikit_image(nuclei: np.ndarray, where: Ground, threshold: int) -> np.ndarray:
    """Flood from the nuclei at once, from the background when it is its turn."""
    background = int(nuclei.max()) + 1
    radius = np.sqrt((nuclei > 0).sum() / nuclei.max() / np.pi)
    away, (y, x) = ndimage.distance_transform_cdt(
        nuclei == 0, "taxicab", return_indices=True
    )
    seeds = np.where(away <= round(radius / 2), nuclei[y, x], 0).astype(np.int32)
    markers = seeds.copy()
    markers[(where.enhanced <= threshold) & (seeds == 0)] = background
    heights = -where.levels.astype(int)
    heights[seeds > 0] = -1000
    found = watershed(heights, markers)
    found[found == background] = 0
    return found


def taken(nuclei: np.ndarray, where: Ground, area: float) -> int:
    """The threshold whose foreground is nearest to the expected area, by trying all."""
    expected = nuclei.max() * area
    candidates = range(where.lowest, where.highest + 1)
    above = [((where.enhanced > t) | (nuclei > 0)).sum() for t in candidates]
    return candidates[int(np.argmin(np.abs(np.array(above) - expected)))]


def test_each_nucleus_has_its_cell():
    cells = grow(NUCLEI, ground(IMAGE, CELL, 1), AREA)
    assert cells.dtype == np.uint16
    np.testing.assert_array_equal(cells[NUCLEI > 0], NUCLEI[NUCLEI > 0])
    assert (cells == TRUTH).mean() > 0.97


def test_enhanced_is_the_log_of_the_smoothed_image_times_the_map():
    where = ground(IMAGE, CELL, 2)
    smooth = ndimage.gaussian_filter(IMAGE, 2)
    scaled = (smooth - smooth.min()) / np.ptp(smooth)
    bright = np.log1p(255 * scaled) / np.log(256)
    assert np.abs(where.levels - 255 * bright).max() <= 1
    product = bright * CELL
    bins = 256 * (product - product.min()) / np.ptp(product)
    assert np.abs(where.enhanced - np.minimum(bins, 255)).max() <= 1.5
    thresholds = multi_otsu(product, 4)
    edges = 256 * (thresholds - product.min()) / np.ptp(product)
    assert abs(where.lowest - edges[0]) <= 2
    assert abs(where.highest - edges[2]) <= 2


@pytest.mark.parametrize("share", [0.0, 0.7, 0.9, 1.1, 5.0])
def test_the_foreground_is_as_near_to_the_expected_area_as_it_can_be(share):
    where = ground(IMAGE, CELL, 1)
    area = share * AREA
    threshold = taken(NUCLEI, where, area)
    cells = grow(NUCLEI, where, area)
    foreground = (where.enhanced > threshold) | (DEPTH < 10)
    assert not cells[~foreground].any()
    assert (cells > 0).sum() > 0.9 * foreground.sum()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_equal_to_scikit_image_without_ties(seed):
    random = np.random.default_rng(seed)
    # no level twice, and no pixel beside two nuclei
    levels = random.permutation(256).reshape(16, 16).astype(np.uint8)
    enhanced = (ndimage.uniform_filter(random.random((16, 16)), 5) * 255).astype("u1")
    places = random.permutation(25)[: random.integers(1, 8)]
    nuclei = np.zeros((16, 16), np.uint16)
    nuclei[3 * (places // 5) + 1, 3 * (places % 5) + 1] = 1 + np.arange(places.size)
    where = Ground(levels, enhanced, 60, 200)
    cells = grow(nuclei, where, 30)
    expected = by_scikit_image(nuclei, where, taken(nuclei, where, 30))
    np.testing.assert_array_equal(cells, expected)


def test_ties_are_few_in_an_image():
    noisy = IMAGE + np.random.default_rng(0).normal(0, 0.05, IMAGE.shape)
    where = ground(noisy, CELL, 1)
    cells = grow(NUCLEI, where, AREA)
    expected = by_scikit_image(NUCLEI, where, taken(NUCLEI, where, AREA))
    assert (cells == expected).mean() > 0.995


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_cells_hold_their_nuclei_and_hang_together(seed):
    random = np.random.default_rng(seed)
    shape = random.integers(1, 30, 2)
    nuclei, _ = ndimage.label(random.random(shape) < 0.2)
    nuclei = nuclei.astype(np.uint16)
    where = ground(random.random(shape), random.random(shape), 0.7)
    cells = grow(nuclei, where, 12)
    np.testing.assert_array_equal(cells[nuclei > 0], nuclei[nuclei > 0])
    for n in range(1, cells.max() + 1):
        assert ndimage.label(cells == n)[1] == 1


def test_what_no_nucleus_reaches_is_background():
    alone = np.where(NUCLEI == 3, 0, NUCLEI).astype(np.uint16)
    cells = grow(alone, ground(IMAGE, CELL, 1), AREA)
    assert not cells[TRUTH == 3].any()
    assert not grow(0 * NUCLEI, ground(IMAGE, CELL, 1), AREA).any()


def test_nothing_to_grow_in_leaves_nuclei_and_their_rim():
    flat = ground(np.full(NUCLEI.shape, 0.3), CELL, 1)
    rim = ndimage.distance_transform_cdt(NUCLEI == 0, "taxicab")
    np.testing.assert_array_equal(grow(NUCLEI, flat, AREA) > 0, rim <= 3)


def test_a_dark_rim_keeps_no_nucleus_from_its_cell():
    small = np.where(DEPTH < 5, NUCLEI, 0).astype(np.uint16)
    cells = grow(small, ground(IMAGE, CELL, 1), AREA)
    assert (cells == TRUTH).mean() > 0.97
    empty = np.zeros((0, 4), np.uint16)
    assert grow(empty, ground(empty, empty, 1), AREA).shape == (0, 4)


def test_many_cells_take_wider_numbers():
    nuclei = np.arange(70000, dtype=np.uint32).reshape(700, 100)
    flat = ground(np.zeros(nuclei.shape), np.zeros(nuclei.shape), 0)
    np.testing.assert_array_equal(grow(nuclei, flat, 2), nuclei)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="differ"):
        ground(IMAGE, CELL[1:], 1)
    with pytest.raises(ValueError, match="differ"):
        grow(NUCLEI[1:], ground(IMAGE, CELL, 1), AREA)
    with pytest.raises(ValueError, match="must be finite"):
        ground(IMAGE, np.where(Y == 3, np.nan, CELL), 1)
