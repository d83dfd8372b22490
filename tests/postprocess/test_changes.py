from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cellseg.postprocess.changes import changed, outlines

SHAPE = (5, 7)
LABELS = arrays(np.uint16, SHAPE, elements=st.integers(0, 4))


def _by_sets(before: np.ndarray, after: np.ndarray) -> tuple[list[int], int]:
    """The definition, spelled out."""

    def cells(image: np.ndarray) -> dict[frozenset[int], int]:
        ids = [i for i in np.unique(image) if i]
        return {frozenset(np.flatnonzero(image == i).tolist()): int(i) for i in ids}

    old, new = cells(before), cells(after)
    return sorted(new[c] for c in new.keys() - old), len(old.keys() - new)


@given(LABELS, LABELS)
def test_equals_its_definition(before: np.ndarray, after: np.ndarray) -> None:
    found = changed(before, after)
    assert (found.ids.tolist(), found.gone) == _by_sets(before, after)


@given(LABELS, st.permutations(range(1, 5)))
def test_numbers_do_not_count(labels: np.ndarray, order: list[int]) -> None:
    table = np.array([0, *order], np.uint32) * 1000
    assert not changed(labels, labels)
    assert not changed(labels, table[labels])


@given(LABELS, LABELS)
def test_there_and_back(before: np.ndarray, after: np.ndarray) -> None:
    there, back = changed(before, after), changed(after, before)
    assert (there.ids.size, there.gone) == (back.gone, back.ids.size)
    cells = [np.count_nonzero(np.unique(image)) for image in (before, after)]
    assert there.more == cells[1] - cells[0]


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        changed(np.zeros((2, 3), np.uint16), np.zeros((3, 2), np.uint16))


@given(LABELS, st.sampled_from([np.uint16, np.uint32]))
def test_outlines_lie_within_their_cells(labels: np.ndarray, dtype: type) -> None:
    found = outlines(labels.astype(dtype), np.array([1, 3])[np.isin([1, 3], labels)], 1)
    assert np.isin(labels[found], [1, 3]).all()
    padded = np.pad(labels, 1, mode="edge")
    for y, x in np.argwhere(np.isin(labels, [1, 3])):
        window = padded[y : y + 3, x : x + 3]
        assert found[y, x] == (window != labels[y, x]).any()


def test_an_empty_image_has_no_outlines() -> None:
    none = np.zeros(0, np.int64)
    assert not outlines(np.zeros((3, 3), np.uint16), none).any()
    assert outlines(np.zeros((0, 3), np.uint16), none).shape == (0, 3)
