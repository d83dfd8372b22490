"""What holds of every tool of a correction, on random frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_cellseg.correction import edits
from napari_cellseg.correction.edits._cells import boxes, find
from napari_cellseg.errors import EditError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch

    Labels = NDArray[np.unsignedinteger]


@st.composite
def frames(draw: st.DrawFn) -> Labels:
    """Magnified noise with holes: cells in pieces, in each other, at the border."""
    small = draw(
        arrays.arrays(
            st.sampled_from([np.uint8, np.uint16, np.uint32]),
            arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
            elements=st.integers(0, 4),
        )
    )
    zoom = draw(st.integers(1, 5))
    labels = np.kron(small, np.ones((zoom, zoom), small.dtype))
    places = st.tuples(*(st.integers(0, side - 1) for side in labels.shape))
    for y, x in draw(st.lists(places, max_size=4)):
        labels[y, x] = 0
    assume(labels.any())
    return labels


def some_ids(data: st.DataObject, labels: Labels, least: int = 1) -> list[int]:
    there = [int(value) for value in np.unique(labels) if value]
    assume(len(there) >= least)
    count = data.draw(st.integers(least, len(there)))
    return data.draw(st.permutations(there))[:count]


def some_line(data: st.DataObject, labels: Labels) -> list[tuple[float, float]]:
    """Draw a line that most often comes in on one side and goes out on another."""
    height, width = labels.shape
    y, x = st.floats(-1, height), st.floats(-1, width)
    ends = st.one_of(
        st.tuples(y, st.sampled_from([-1.0, float(width)])),
        st.tuples(st.sampled_from([-1.0, float(height)]), x),
        st.tuples(y, x),
    )
    between = data.draw(st.lists(st.tuples(y, x), max_size=2))
    return [data.draw(ends), *between, data.draw(ends)]


def checked(labels: Labels, before: Labels, patch: Patch) -> Labels:
    """Assert what holds of any patch; return the frame after it."""
    np.testing.assert_array_equal(labels, before)
    after = patch.applied(labels)
    assert np.array_equal(patch.inverse.applied(after), before)
    assert not np.shares_memory(patch.after, labels)
    assert not np.shares_memory(patch.before, labels) or patch.empty
    differs = labels != after
    assert patch.empty == (not differs.any())
    if patch.empty:
        assert patch.after.size == 0
    else:
        rows, columns = (np.flatnonzero(differs.any(axis)) for axis in (1, 0))
        height, width = patch.after.shape
        assert (patch.y, patch.y + height) == (rows[0], rows[-1] + 1)
        assert (patch.x, patch.x + width) == (columns[0], columns[-1] + 1)
    return after


def refines(after: Labels, before: Labels) -> bool:
    """Whether each number after lies within one number before."""
    return all(np.unique(before[after == v]).size == 1 for v in np.unique(after))


@given(frames(), st.data())
def test_merge_joins_the_pixels(labels: Labels, data: st.DataObject) -> None:
    ids = some_ids(data, labels, 2)
    after = checked(labels, labels.copy(), edits.merge(labels, ids))
    np.testing.assert_array_equal(after == ids[0], np.isin(labels, ids))
    others = ~np.isin(labels, ids)
    np.testing.assert_array_equal(after[others], labels[others])


@given(frames(), st.data(), st.integers(5, 2**32 - 1))
def test_renew_changes_the_number_alone(
    labels: Labels, data: st.DataObject, new: int
) -> None:
    old = some_ids(data, labels)[0]
    after = checked(labels, labels.copy(), edits.renew(labels, old, new))
    np.testing.assert_array_equal(after == new, labels == old)
    np.testing.assert_array_equal(after[labels != old], labels[labels != old])


@given(frames(), st.data(), st.sampled_from([5, 254, 255, 65535, 2**32 - 20]))
def test_split_line_loses_no_pixel(
    labels: Labels, data: st.DataObject, new: int
) -> None:
    line = some_line(data, labels)
    under = edits.ids_along(labels, line)
    label = data.draw(st.sampled_from([None, *under]))
    try:
        patch = edits.split_line(labels, line, label, new)
    except EditError:
        return
    after = checked(labels, labels.copy(), patch)
    assert refines(after, labels)
    np.testing.assert_array_equal(after > 0, labels > 0)
    made = np.unique(after[after != labels])
    np.testing.assert_array_equal(made, np.arange(new, new + made.size))
    cut = np.unique(labels[after != labels])
    assert set(cut) <= ({label} if label else set(under))
    # the number stays with the largest part
    for value in cut:
        parts, areas = np.unique(after[labels == value], return_counts=True)
        kept = areas[parts == value]
        assert kept.size
        assert kept[0] >= areas[parts != value].max()


@given(frames(), st.data(), st.booleans())
def test_split_seeds_gives_each_seed_its_part(
    labels: Labels, data: st.DataObject, given_landscape: bool
) -> None:
    label = some_ids(data, labels)[0]
    places = np.argwhere(labels == label).tolist()
    assume(len(places) > 1)
    seeds = data.draw(
        st.lists(st.sampled_from(places), min_size=2, max_size=4, unique_by=tuple)
    )
    landscape = None
    if given_landscape:
        noise = np.random.default_rng(data.draw(st.integers(0, 99)))
        landscape = noise.integers(0, 6, labels.shape).astype(np.float32)
    patch = edits.split_seeds(labels, seeds, 254, landscape)
    after = checked(labels, labels.copy(), patch)
    at = [int(after[y, x]) for y, x in seeds]
    assert at == [label, *range(254, 253 + len(seeds))]
    assert refines(after, labels)
    np.testing.assert_array_equal(after > 0, labels > 0)
    np.testing.assert_array_equal(after[labels != label], labels[labels != label])


@given(frames(), st.data())
def test_separate_and_keep_largest_agree(labels: Labels, data: st.DataObject) -> None:
    label = some_ids(data, labels)[0]
    kept = checked(labels, labels.copy(), edits.keep_largest(labels, [label]))
    try:
        patch = edits.separate(labels, label, 7)
    except EditError:
        np.testing.assert_array_equal(kept, labels)
        return
    after = checked(labels, labels.copy(), patch)
    np.testing.assert_array_equal(after == label, kept == label)
    assert refines(after, labels)
    np.testing.assert_array_equal(after > 0, labels > 0)


@given(frames(), st.data())
def test_delete_takes_the_cells_alone(labels: Labels, data: st.DataObject) -> None:
    ids = some_ids(data, labels)
    after = checked(labels, labels.copy(), edits.delete(labels, ids))
    np.testing.assert_array_equal(after, np.where(np.isin(labels, ids), 0, labels))


@given(
    frames(),
    arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, min_side=0)),
    st.integers(-8, 30),
    st.integers(-8, 30),
    st.sampled_from([1, 9, 300, 2**32 - 1]),
    st.booleans(),
)
def test_draw_and_erase_write_under_the_brush(
    labels: Labels, mask: NDArray[np.bool_], y: int, x: int, label: int, over: bool
) -> None:
    under = np.zeros(labels.shape, bool)
    for row, column in np.argwhere(mask) + np.array([y, x]):
        if 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]:
            under[row, column] = True
    wiped = checked(labels, labels.copy(), edits.erase(labels, mask, y, x))
    np.testing.assert_array_equal(wiped, np.where(under, 0, labels))
    put = checked(labels, labels.copy(), edits.draw(labels, label, mask, y, x, over))
    taken = under if over else under & (labels == 0)
    np.testing.assert_array_equal(put, np.where(taken, np.int64(label), labels))


@given(frames(), st.data())
def test_fill_holes_only_fills_background(labels: Labels, data: st.DataObject) -> None:
    ids = some_ids(data, labels)
    after = checked(labels, labels.copy(), edits.fill_holes(labels, ids))
    np.testing.assert_array_equal(after[labels > 0], labels[labels > 0])
    assert set(np.unique(after[after != labels])) <= set(ids)
    assert edits.fill_holes(after, ids).empty


@given(frames(), st.data(), st.floats(0.1, 6))
def test_smooth_touches_no_other_cell(
    labels: Labels, data: st.DataObject, radius: float
) -> None:
    ids = some_ids(data, labels)
    after = checked(labels, labels.copy(), edits.smooth(labels, ids, radius))
    others = (labels > 0) & ~np.isin(labels, ids)
    np.testing.assert_array_equal(after[others], labels[others])
    assert set(np.unique(after)) >= set(np.unique(labels[labels > 0]))
    again = edits.smooth(labels, ids[::-1], radius).applied(labels)
    np.testing.assert_array_equal(after, again)
    # what one cell loses no other gets
    was = np.isin(labels, ids)
    assert np.isin(after[was], [0, *ids]).all()
    assert ((after == labels) | (after == 0))[was].all()


@given(frames(), st.sampled_from([0, 2**31]))
def test_boxes_of_all_cells_are_those_of_each(labels: Labels, lift: int) -> None:
    labels = np.where(labels > 0, labels + np.uint32(lift), np.uint32(0))
    ids = [int(value) for value in np.unique(labels) if value]
    assert boxes(labels, ids) == {label: find(labels, [label]).box for label in ids}
