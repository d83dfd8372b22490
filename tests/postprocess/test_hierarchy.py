from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.measure import label
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

from napari_cellseg.io.images import Stack, open_image
from napari_cellseg.pipeline import Pipeline
from napari_cellseg.postprocess import build
from napari_cellseg.postprocess._levels import landscape_levels, squared_distance
from napari_cellseg.recipe import load_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUTSIDE = -1e9
DEPTHS = (0, 0.25, 0.5, 1, 2, 4, 8)
"""Exact numbers are asked for at all of them, agreement from 0.5 on."""
GOLD = (
    "Fluo-N2DH-GOWT1/02_GT/SEG/man_seg001.tif",
    "Fluo-N2DH-GOWT1/01_GT/SEG/man_seg021.tif",
    "Fluo-N2DH-SIM+/01_GT/SEG/man_seg020.tif",
    "DIC-C2DH-HeLa/01_ST/SEG/man_seg020.tif",
)

masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=14))
depths = st.sampled_from((0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3))


def disks(seed: int, side: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.ogrid[:side, :side]
    mask = np.zeros((side, side), bool)
    for _ in range(40):
        (cy, cx), r = rng.integers(0, side, 2), rng.integers(5, 16)
        mask |= (y - cy) ** 2 + (x - cx) ** 2 <= r * r
    return mask


def fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def exact_markers(mask: np.ndarray, height: np.ndarray, h: float) -> np.ndarray:
    """Regional maxima of the h-reconstruction, components kept apart.

    Reconstruction copies values and never adds, so that plateaus stay exact.
    """
    image = np.pad(np.where(mask, height, OUTSIDE), 1, constant_values=OUTSIDE)
    raised = reconstruction(image - h, image) if h else image
    return label(local_maxima(raised)[1:-1, 1:-1].astype(bool) & mask)


def agreement(labels: np.ndarray, markers: np.ndarray, flooded: np.ndarray) -> float:
    """Share of the pixels in the same region, where the watershed has any.

    Its default connectivity leaves out what no edge joins to a marker.
    """
    names = np.zeros(markers.max() + 1, int)
    names[markers[markers > 0]] = labels[markers > 0]
    return float((names[flooded] == labels)[flooded > 0].mean())


@given(masks)
def test_squared_distance_is_scipys(mask):
    if mask.all():
        assert (squared_distance(mask) == 1).all()
        return
    expected = np.rint(ndimage.distance_transform_edt(mask) ** 2)
    np.testing.assert_array_equal(squared_distance(mask), expected)


@pytest.mark.parametrize("shape", [(1, 50_000), (50_000, 1)])
def test_squared_distance_is_exact_far_away(shape):
    mask = np.ones(shape, bool)
    mask[0, 0] = False
    squares = squared_distance(mask)
    np.testing.assert_array_equal(squares.ravel(), np.arange(50_000) ** 2)
    split = build(mask)
    assert split.count == 1
    assert split.labels(1).max() == 1


@given(masks, depths)
def test_number_is_that_of_exact_reconstruction(mask, h):
    height = np.sqrt(squared_distance(mask))
    expected = exact_markers(mask, height, h).max() if mask.any() else 0
    split = build(mask)
    assert split.number(h) == expected
    assert split.labels(h).max() == expected


@given(masks, st.integers(1, 6), st.integers(0, 4), st.integers(0, 2**32 - 1))
def test_number_on_plateaus_of_a_given_landscape(mask, top, h, seed):
    height = np.random.default_rng(seed).integers(-top, top + 1, mask.shape)
    expected = exact_markers(mask, height, h).max() if mask.any() else 0
    assert build(mask, height).number(h) == expected


@given(masks, depths)
def test_labels_partition_the_mask(mask, h):
    labels = build(mask).labels(h)
    np.testing.assert_array_equal(labels > 0, mask)
    for one in range(1, labels.max() + 1):
        assert label(labels == one).max() == 1


@given(masks)
def test_levels_are_where_the_number_changes(mask):
    split = build(mask)
    levels = split.levels()
    steps = [split.number(h) for h in levels]
    before = [split.number(np.nextafter(h, 0)) for h in levels]
    at, numbers = split.curve()
    assert at.tolist() == [0, *levels]
    assert numbers.tolist() == [split.count, *steps]
    assert (levels > 0).all()
    assert all(b > a for a, b in zip(steps, before, strict=True))
    assert split.number(0) == split.count
    components = label(mask, connectivity=2).max()
    assert split.number(np.inf) == components
    assert steps[-1:] in ([], [components])


@given(masks, depths)
def test_a_region_keeps_its_number_while_it_lives(mask, h):
    split = build(mask)
    basins, labels = split.basins, split.labels(h)
    survivors = np.flatnonzero(split.dynamics > h)
    np.testing.assert_array_equal(survivors, np.arange(split.number(h) + 1))
    alive = basins <= split.number(h)
    np.testing.assert_array_equal(labels[alive], basins[alive])
    np.testing.assert_array_equal(split.cut(h)[basins], labels)


@given(masks, st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_basins_are_numbered_by_persistence(mask, top, seed):
    height = np.random.default_rng(seed).integers(1, top + 1, mask.shape)
    split = build(mask, height)
    basins, numbers = split.basins, range(1, split.dynamics.size)
    np.testing.assert_array_equal(np.unique(basins[mask]), numbers)
    components, count = ndimage.label(mask, np.ones((3, 3)))
    part = [components[basins == one][0] for one in numbers]
    keys = list(zip(-split.dynamics[1:], part, -split.peaks[1:], strict=True))
    assert keys == sorted(keys)
    assert part[:count] == list(range(1, count + 1))
    for one in range(count):
        assert split.peaks[one + 1] == height[components == one + 1].max()


@given(masks)
def test_saddles_lie_between_what_meets(mask):
    split = build(mask)
    height = np.sqrt(squared_distance(mask))
    for one in range(1, split.dynamics.size):
        y, x = split.places[one]
        parent, across = split.parents[one], split.across[one]
        assert split.peaks[one] == height[split.basins == one].max()
        if not parent:
            assert split.basins[y, x] == one
            assert height[y, x] == split.peaks[one]
            continue
        assert parent < one
        assert split.peaks[parent] >= split.peaks[one]
        near = split.basins[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
        assert across in near
        assert split.saddles[one] == height[y, x]


@given(masks, depths)
def test_areas_are_counted(mask, h):
    split = build(mask)
    counted = np.bincount(split.labels(h).ravel(), minlength=1)
    np.testing.assert_array_equal(split.areas(h), counted[1:])
    assert split.sizes[0] == counted[0]


@given(masks, depths)
def test_doubtful_are_near_h_and_say_what_they_separate(mask, h):
    split = build(mask)
    labels = split.labels(h)
    found = split.doubtful(h, 0.7)
    away = [abs(saddle.dynamics - h) for saddle in found]
    assert away == sorted(away)
    near = (split.dynamics > 0) & (np.abs(split.dynamics - h) <= 0.7)
    assert {saddle.basin for saddle in found} == {*np.flatnonzero(near)}
    for saddle in found:
        (y, x), (own, other) = saddle.pixel, saddle.regions
        assert saddle.split == (own == saddle.basin)
        assert other in labels[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]


def test_doubtful_default_margin_is_half_of_h():
    height = np.array([[9, 5, 7, 8, 4, 7, 1, 9]])
    split = build(height > 0, height)
    assert [saddle.dynamics for saddle in split.doubtful(3)] == [3, 3]
    assert [saddle.dynamics for saddle in split.doubtful(6)] == [8, 3, 3]
    assert len(split.doubtful(0)) == 0
    assert len(split.doubtful(3, np.inf)) == split.count - 1


@given(masks, depths)
def test_labels_are_written_where_one_wants_them(mask, h):
    split = build(mask)
    movie = np.full((3, *mask.shape), 9, np.uint32)
    for kind in (np.uint16, np.uint32):
        frame = movie.astype(kind)[1]
        assert split.labels(h, frame) is frame
        np.testing.assert_array_equal(frame, split.labels(h))


@pytest.mark.parametrize(
    "out",
    [
        np.zeros((4, 5), np.uint16),
        np.zeros((4, 4), np.int32),
        np.zeros((4, 8), np.uint16)[:, ::2],
        np.broadcast_to(np.uint16(0), (4, 4)),
        fixed(np.zeros((4, 4), np.uint16)),
    ],
)
def test_an_array_that_cannot_take_the_labels_is_refused(out):
    with pytest.raises(ValueError, match="do not fit"):
        build(np.ones((4, 4), bool)).labels(1, out)


@pytest.mark.parametrize("h", DEPTHS[2:])
def test_pixels_agree_with_an_exact_watershed(h):
    shares = []
    for seed in range(6):
        mask = disks(seed)
        squares = squared_distance(mask)
        markers = exact_markers(mask, np.sqrt(squares), h)
        labels = build(mask).labels(h)
        assert labels.max() == markers.max()
        flooded = watershed(-squares, markers, mask=mask)
        shares.append(agreement(labels, markers, flooded))
    assert min(shares) >= 0.99
    assert np.mean(shares) >= 0.995


@pytest.mark.realdata
@pytest.mark.parametrize("name", GOLD)
def test_real_masks_agree_with_exact_reconstruction(shared_data, name):
    mask = tifffile.imread(shared_data / "ctc" / name) > 0
    squares = np.rint(ndimage.distance_transform_edt(mask) ** 2).astype(np.int64)
    np.testing.assert_array_equal(squared_distance(mask), squares)
    split = build(mask)
    for h in DEPTHS:
        markers = exact_markers(mask, np.sqrt(squares), h)
        assert split.number(h) == markers.max()
        if h >= 0.5:
            flooded = watershed(-squares, markers, mask=mask)
            assert agreement(split.labels(h), markers, flooded) >= 0.995


def sampled_nuclei(folder: Path, every: int = 30) -> Iterator[np.ndarray]:
    with zipfile.ZipFile(folder / "dsb2018" / "dsb2018.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith("labels/")]
        for name in sorted(names)[::every]:
            packed = np.frombuffer(archive.read(name), np.uint8)
            yield cv2.imdecode(packed, cv2.IMREAD_UNCHANGED) > 0


@pytest.mark.realdata
def test_many_real_masks_agree_with_an_exact_watershed(shared_data):
    """Pixels that two floods reach at the same level go to either of them.

    On a small mask with a wide tie that can be more than a pixel in 200.
    """
    shares, weights = [], []
    for mask in sampled_nuclei(shared_data):
        squares = squared_distance(mask)
        split = build(mask)
        for h in (0.5, 1, 2):
            markers = exact_markers(mask, np.sqrt(squares), h)
            assert split.number(h) == markers.max()
            flooded = watershed(-squares, markers, mask=mask)
            shares.append(agreement(split.labels(h), markers, flooded))
            weights.append(mask.sum())
    assert len(shares) > 50
    assert np.average(shares, weights=weights) >= 0.998
    assert np.mean(np.array(shares) >= 0.995) >= 0.95
    assert min(shares) >= 0.98


def test_a_pair_splits_below_its_dynamics():
    mask = np.array([[1, 1, 1, 1, 1, 1, 1]], bool)
    split = build(mask, np.array([[1, 5, 4, 2, 3, 4, 1]]))
    np.testing.assert_allclose(split.dynamics, [np.inf, np.inf, 2])
    assert split.parents.tolist() == [0, 0, 1]
    assert split.labels(1.9).tolist() == [[1, 1, 1, 1, 2, 2, 2]]
    assert split.labels(2.1).tolist() == [[1, 1, 1, 1, 1, 1, 1]]


def test_a_basin_joins_the_neighbour_at_its_saddle_not_the_highest():
    height = np.array([[9, 1, 5, 3, 4, 0, 8]])
    split = build(np.ones((1, 7), bool), height)
    labels = split.labels(1.5)[0]
    assert labels[4] == labels[2]
    assert len({*labels[[0, 2, 6]]}) == 3


def test_equal_peaks_in_a_row_become_one():
    height = np.array([[3, 2, 3, 1, 3, 2, 3]])
    split = build(np.ones((1, 7), bool), height)
    assert [split.number(h) for h in (0, 1.5, 2.5)] == [4, 2, 1]
    assert split.labels(1.5).tolist() == [[1, 1, 1, 1, 2, 2, 2]]


def test_canonical_masks():
    assert build(np.zeros((3, 4), bool)).labels(0).max() == 0
    assert build(np.zeros((0, 4), bool)).labels(0).shape == (0, 4)
    assert build(np.ones((3, 4), bool)).labels(0).tolist() == [[1] * 4] * 3
    assert build(np.ones((1, 1), bool)).labels(9).tolist() == [[1]]
    assert build(np.zeros((3, 4), bool), np.zeros((3, 4))).count == 0
    assert build(np.ones((3, 4), bool), np.full((3, 4), 7.0)).count == 1


@pytest.mark.parametrize("count", [65_535, 65_536])
def test_more_regions_than_uint16_holds(count):
    mask = np.zeros((512, 520), bool)
    mask[::2, ::2] = True
    rows, rest = divmod(count, 260)
    mask[2 * rows :] = False
    mask[2 * rows, : 2 * rest : 2] = True
    split = build(mask)
    labels = split.labels(0)
    kind = np.uint16 if count <= 65_535 else np.uint32
    assert split.basins.dtype == labels.dtype == kind
    assert labels.max() == split.areas(0).size == count
    np.testing.assert_array_equal(labels[mask], np.arange(1, count + 1))


def test_more_basins_than_uint16_holds_but_fewer_regions():
    height = np.zeros((530, 530))
    height[::2, ::2] = 1
    split = build(np.ones(height.shape, bool), height)
    assert split.basins.dtype == np.uint32
    assert split.labels(0.5).max() == 265 * 265
    assert split.labels(1).dtype == np.uint16
    assert (split.labels(1) == 1).all()


def test_h_beyond_all_dynamics_is_one_region_a_component():
    mask = disks(0)
    expected, count = ndimage.label(mask, np.ones((3, 3)))
    split = build(mask)
    for h in (1e6, 1e300, np.inf):
        assert split.number(h) == count
        np.testing.assert_array_equal(split.labels(h), expected)


def test_the_image_border_is_no_outline():
    """A disk cut by the border has its one peak there, and stays one cell."""
    y, x = np.ogrid[:20, :41]
    mask = y**2 + (x - 20) ** 2 <= 15**2
    split = build(mask)
    assert split.number(1) == 1
    assert split.places[1].tolist() == [0, 20]
    turned = build(np.rot90(mask).copy())
    assert turned.number(1) == 1


@pytest.mark.parametrize("h", DEPTHS)
def test_a_large_plateau_is_one_region(h):
    height = np.full((60, 60), 2.0)
    height[10:50, 10:50] = 5
    height[30, :] = 4.5
    split = build(np.ones(height.shape, bool), height)
    assert split.number(h) == (2 if h < 0.5 else 1)
    assert split.labels(h)[40, 40] == split.number(h)


def test_float16_landscape_and_units():
    height = np.array([[0, 10, 4, 6, 0]], np.float16)
    split = build(height > 0, height)
    np.testing.assert_array_equal(split.levels(), [2])


@given(
    st.one_of(
        hnp.arrays(st.sampled_from([np.int8, np.uint64, np.int64]), (3, 7)),
        hnp.arrays(st.sampled_from([np.float16, np.float32]), (3, 7)),
    ).filter(lambda values: np.isfinite(values).all())
)
def test_levels_keep_every_value(values):
    levels, heights = landscape_levels(np.ones((3, 7), bool), values)
    assert levels.min() == 1
    assert levels.max() < heights.size
    np.testing.assert_array_equal(heights[levels], values.astype(float))
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(levels.ravel()[order]) >= 0).all()
    ties = np.unique(values).size
    assert np.unique(levels).size == ties


def test_one_hot_pixel_does_not_flatten_the_rest():
    split = build(np.ones((1, 5), bool), np.array([[9, 3, 8.5, 1, 1e6]]))
    assert [split.number(h) for h in (0, 5, 6, 8)] == [3, 3, 2, 1]


@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-30])
def test_a_landscape_of_tiny_values(tiny):
    split = build(np.ones((1, 5), bool), np.array([[2 * tiny, 0, tiny, 0, tiny]]))
    assert split.count == 3
    assert split.levels() == [tiny]


def test_a_range_that_no_number_holds_is_refused():
    height = np.array([[1e308, 0, -1e308, 0, 1e308]])
    mask = np.ones(height.shape, bool)
    with pytest.raises(ValueError, match=r"from -1e\+308 to 1e\+308"):
        build(mask, height)
    assert build(mask, height / 2).levels() == [1e308]


@pytest.mark.parametrize("kind", [complex, object, "U3"])
def test_a_landscape_of_anything_but_real_numbers_is_refused(kind):
    with pytest.raises(ValueError, match="must be real"):
        build(np.ones((2, 2), bool), np.ones((2, 2)).astype(kind))


def test_a_hierarchy_is_shared_and_cannot_be_written_to():
    split = build(disks(0))
    arrays = {name: array for name, array in vars(split).items() if name[0] != "_"}
    assert len(arrays) == 8
    for array in (*arrays.values(), split.dynamics):
        assert not array.flags.writeable


def test_the_memory_of_a_hierarchy_is_counted_whole():
    split = build(disks(0))
    before = split.nbytes
    split.labels(1)
    split.curve()
    held = [a.nbytes for a in vars(split).values() if isinstance(a, np.ndarray)]
    assert split.nbytes == before == sum(held)


@pytest.mark.parametrize("h", [-1, -1e-9, np.nan])
def test_negative_h_is_refused(h):
    split = build(np.ones((2, 2), bool))
    for method in (split.cut, split.labels, split.number):
        with pytest.raises(ValueError, match="h must be at least 0"):
            method(h)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_landscape_must_be_finite_in_the_mask(bad):
    height = np.zeros((4, 5))
    height[2, 3] = bad
    mask = np.ones((4, 5), bool)
    with pytest.raises(ValueError, match=r"\(y, x\) = \(2, 3\)"):
        build(mask, height)
    mask[2, 3] = False
    assert build(mask, height).count == 1


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"\(Y, X\)"):
        build(np.ones((2, 2, 2), bool))
    with pytest.raises(ValueError, match="differ in shape"):
        build(np.ones((2, 2), bool), np.ones((2, 3)))


@pytest.mark.parametrize("offset", range(0, 8, 2))
def test_labels_are_written_where_no_word_of_memory_begins(offset):
    split = build(disks(1))
    size = split.basins.size
    room = np.zeros(2 * size + 8, np.uint8)
    out = room[offset : offset + 2 * size].view(np.uint16).reshape(split.basins.shape)
    np.testing.assert_array_equal(split.labels(1, out), split.labels(1))


def agreements(mask: np.ndarray, height: np.ndarray) -> list[float]:
    """Check the numbers at some depths; the shares of pixels that agree."""
    split, exact = build(mask, height), height.astype(float)
    shares = []
    for h in DEPTHS[1:6]:
        markers = exact_markers(mask, exact, h)
        assert split.number(h) == markers.max()
        flooded = watershed(-exact, markers, mask=mask)
        shares.append(agreement(split.labels(h), markers, flooded))
    return shares


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_smooth_landscape_agrees_with_an_exact_watershed(kind):
    """As a network's map: hills of real numbers, in which ties are rare."""
    for seed in range(4):
        noise = np.random.default_rng(seed).normal(size=(160, 160))
        height = (60 * ndimage.gaussian_filter(noise, 4)).astype(kind)
        assert min(agreements(disks(seed, 160), height)) >= 0.995


@pytest.mark.realdata
def test_the_shipped_models_map_agrees_with_an_exact_watershed(shared_data):
    frame = open_image(shared_data / "ctc" / "Fluo-N2DH-SIM+" / "01").stack().frame(20)
    pipeline = Pipeline(Stack.from_array(frame), "cpu")
    maps = pipeline.maps(0, load_recipe("nuclei").fit(51))
    mask = maps["foreground"] > 0.5
    assert min(agreements(mask, maps["distance"])) >= 0.995
