from __future__ import annotations

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage import morphology as stock

from napari_cellseg.postprocess import Foreground, foreground
from napari_cellseg.postprocess.morphology import dilate, element, erode

parameters = st.builds(
    Foreground,
    threshold=st.sampled_from((0.0, 0.3, 0.5, 1.0)),
    smallest_area=st.sampled_from((0, 1, 1.5, 2, 4, 10, 1e6)),
    element=st.sampled_from(("diamond", "disk")),
    element_size=st.sampled_from((0, 1, 3, 5, 7, 9, 21)),
    fill_holes=st.booleans(),
)
sides = hnp.array_shapes(min_dims=2, max_dims=2, max_side=24)
maps = hnp.arrays(
    np.float32, sides, elements=st.sampled_from((0.0, 0.3, 0.4, 0.6, 1.0))
)


def expected(probability: np.ndarray, p: Foreground) -> np.ndarray:
    """Do the same steps with scikit-image and scipy."""
    mask = probability > p.threshold
    # max_size=k removes k and less: what is less than a whole or broken area
    limit = int(np.ceil(p.smallest_area)) - 1
    if limit > 0 and mask.any():
        mask = stock.remove_small_objects(mask, max_size=limit)
    shape = stock.diamond if p.element == "diamond" else stock.disk
    kernel = shape(p.element_size // 2)
    # the default, reflection, fails for an element greater than the image
    fits = p.element_size <= min(mask.shape)
    low, high = ("reflect", "reflect") if fits else ("min", "max")
    mask = stock.dilation(mask, kernel, mode=low) if p.element_size else mask
    mask = ndimage.binary_fill_holes(mask) if p.fill_holes else mask
    return stock.erosion(mask, kernel, mode=high) if p.element_size else mask


@given(maps, parameters)
def test_equals_scikit_image_at_every_pixel(probability, p):
    result = foreground(probability, p)
    assert result.dtype == bool
    np.testing.assert_array_equal(result, expected(probability, p))


@given(sides, st.floats(0.05, 0.95), st.integers(0, 2**32 - 1), parameters)
def test_equals_scikit_image_on_random_masks(shape, share, seed, p):
    probability = (np.random.default_rng(seed).random(shape) < share) * 0.9
    np.testing.assert_array_equal(foreground(probability, p), expected(probability, p))


@pytest.mark.parametrize("shape", ["diamond", "disk"])
@pytest.mark.parametrize("size", [5, 9, 21, 41])
def test_an_element_larger_than_the_image_is_scipys(shape, size):
    mask = np.zeros((4, 7), bool)
    mask[0, 0] = mask[2, 3:] = True
    kernel = element(shape, size)
    dilated = ndimage.binary_dilation(mask, kernel)
    np.testing.assert_array_equal(dilate(mask, kernel), dilated)
    eroded = ndimage.binary_erosion(~mask, kernel, border_value=1)
    np.testing.assert_array_equal(erode(~mask, kernel), eroded)


@pytest.mark.realdata
@pytest.mark.parametrize("shape", ["diamond", "disk"])
@pytest.mark.parametrize("size", [0, 3, 7, 15])
def test_equals_scikit_image_on_a_real_mask(shared_data, shape, size):
    path = shared_data / "ctc/Fluo-N2DH-GOWT1/02_GT/SEG/man_seg001.tif"
    rng = np.random.default_rng(0)
    cells = tifffile.imread(path) > 0
    noisy = cells * 0.7 + rng.normal(0, 0.15, cells.shape)
    p = Foreground(smallest_area=20, element=shape, element_size=size)
    np.testing.assert_array_equal(foreground(noisy, p), expected(noisy, p))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 1.0])
def test_threshold_is_numpys(dtype, threshold):
    values = np.array([0, 0.2998, 0.3, 0.3002, 0.5, 0.999, 1, np.nan, -0.1], dtype)
    p = Foreground(threshold=threshold, smallest_area=0, fill_holes=False)
    np.testing.assert_array_equal(foreground(values[None], p)[0], values > threshold)


@pytest.mark.parametrize("radius", range(12))
def test_elements_are_scikit_images(radius):
    size = 2 * radius + 1
    np.testing.assert_array_equal(element("disk", size), stock.disk(radius))
    np.testing.assert_array_equal(element("diamond", size), stock.diamond(radius))


def test_the_map_is_not_changed():
    probability = np.array([[0.9, 0.1, 0.9]])
    foreground(probability, Foreground(smallest_area=5, element_size=3))
    assert probability.tolist() == [[0.9, 0.1, 0.9]]


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1)])
def test_empty_and_single(shape):
    for size in (0, 3):
        p = Foreground(smallest_area=4, element_size=size)
        assert foreground(np.zeros(shape), p).shape == shape


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"\(Y, X\)"):
        foreground(np.zeros((2, 3, 3)), Foreground(smallest_area=0))
    with pytest.raises(ValueError, match="automatic"):
        foreground(np.zeros((3, 3)), Foreground())
