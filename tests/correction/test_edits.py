"""The tools of a correction on small drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg.correction import edits
from napari_cellseg.errors import CellsegError, EditError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch


def drawn(text: str, dtype: type = np.uint16) -> NDArray[np.unsignedinteger]:
    """Labels from rows of digits, a dot for background."""
    rows = [row.split() for row in text.strip().splitlines()]
    return np.array([[0 if c == "." else int(c) for c in row] for row in rows], dtype)


def assert_becomes(
    labels: NDArray[np.unsignedinteger], patch: Patch, text: str
) -> None:
    """Assert what a patch makes of labels, and that it is tight and turns back."""
    np.testing.assert_array_equal(patch.applied(labels), drawn(text))
    np.testing.assert_array_equal(
        patch.inverse.applied(patch.applied(labels)), labels, strict=False
    )
    if not patch.empty:
        differs = patch.before != patch.after
        edges = differs[0], differs[-1], differs[:, 0], differs[:, -1]
        assert all(edge.any() for edge in edges)


def disk(radius: float, side: int, y: float, x: float) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[:side, :side]
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


PAIR = drawn("""
. . . . . . .
. 1 1 . 2 2 .
. 1 1 . 2 2 3
. . . . . . 3
""")


# merge, relabel, renew


def test_merge_gives_all_the_first_number_and_leaves_the_gap() -> None:
    assert_becomes(
        PAIR,
        edits.merge(PAIR, [2, 1]),
        """
        . . . . . . .
        . 2 2 . 2 2 .
        . 2 2 . 2 2 3
        . . . . . . 3
        """,
    )


def test_merge_of_many_cells() -> None:
    labels = np.arange(1, 21, dtype=np.uint8)[None]
    merged = edits.merge(labels, range(1, 13)).applied(labels)
    assert merged.tolist() == [[1] * 12 + list(range(13, 21))]


@pytest.mark.parametrize("ids", [[1], [1, 1], [], [1, 9], [0, 1], [1, -2], [1, 2**32]])
def test_merge_refuses(ids: list[int]) -> None:
    with pytest.raises(EditError):
        edits.merge(PAIR, ids)


def test_absent_cells_are_named() -> None:
    with pytest.raises(EditError, match="cells 8, 9 are not in this frame"):
        edits.delete(PAIR, [1, 8, 9])
    with pytest.raises(EditError, match="cell 300 is not in this frame"):
        edits.delete(PAIR.astype(np.uint8), [300])


def test_relabel_to_a_taken_number_merges_only_if_asked() -> None:
    with pytest.raises(EditError, match="2 is the number of another cell"):
        edits.relabel(PAIR, 1, 2)
    joined = edits.relabel(PAIR, 1, 2, join=True)
    np.testing.assert_array_equal(
        joined.applied(PAIR), edits.merge(PAIR, [2, 1]).applied(PAIR)
    )
    assert edits.relabel(PAIR, 1, 1).empty


@pytest.mark.parametrize(
    ("start", "new", "end"),
    [
        (np.uint8, 255, np.uint8),
        (np.uint8, 256, np.uint16),
        (np.uint8, 2**16, np.uint32),
        (np.uint16, 2**32 - 1, np.uint32),
        (np.int32, 7, np.int32),
    ],
)
def test_a_number_beyond_the_type_widens_it(start: type, new: int, end: type) -> None:
    labels = drawn("1 1 1 . 2 1 . .", start)
    for patch in (
        edits.renew(labels, 1, new),
        edits.draw(labels, new, np.ones((1, 1), bool), 0, 7),
        edits.split_line(labels, [[0, 1], [0, 1]], 1, new),
        edits.split_seeds(labels, [[0, 0], [0, 2]], new),
        edits.separate(labels, 1, new),
    ):
        after = patch.applied(labels)
        assert patch.after.dtype == end
        assert after.dtype == end
        assert (after == new).any()


@pytest.mark.parametrize("new", [0, -1, 2**32, 2])
def test_renew_refuses_numbers_that_are_not_free(new: int) -> None:
    with pytest.raises(EditError):
        edits.renew(PAIR, 1, new)


def test_renew_to_its_own_number_is_refused() -> None:
    with pytest.raises(EditError, match="has that number"):
        edits.renew(PAIR, 1, 1)


# split by a line


def test_split_line_keeps_the_number_of_the_larger_part() -> None:
    labels = drawn("""
    . . . . . . .
    . 1 1 1 1 1 .
    . 1 1 1 1 1 2
    . . . . . . 2
    """)
    patch = edits.split_line(labels, [[0, 4], [3, 4]], None, 7)
    after = patch.applied(labels)
    assert (after[1:3, 1:4] == 1).all()
    assert (after[1:3, 5] == 7).all()
    np.testing.assert_array_equal(after > 0, labels > 0)
    assert (after[labels == 2] == 2).all()


def test_split_line_cuts_every_cell_that_it_crosses_and_no_other() -> None:
    labels = drawn("""
    1 1 1 1 1 . 2 2 2 2
    1 1 1 1 1 . 2 2 2 2
    1 1 1 1 1 . 2 2 2 2
    1 1 1 1 1 . 2 2 2 2
    1 1 1 1 1 . 2 2 2 2
    """)
    # through 1, which is higher above the line, and into 2
    after = edits.split_line(labels, [[3, -2], [3, 7]], None, 5).applied(labels)
    assert (after[:3, :5] == 1).all()
    assert (after[4, :5] == 5).all()
    np.testing.assert_array_equal(after[:, 6:], labels[:, 6:])
    both = edits.split_line(labels, [[3, 12], [3, -2]], None, 5).applied(labels)
    # the line comes to 2 first
    assert set(both[:, 6:].ravel()) == {2, 5}
    assert set(both[:, :5].ravel()) == {1, 6}
    one = edits.split_line(labels, [[3, 12], [3, -2]], 1, 5).applied(labels)
    np.testing.assert_array_equal(one[:, 6:], labels[:, 6:])
    assert set(one[:, :5].ravel()) == {1, 5}


def test_split_line_by_a_diagonal_leaves_no_corner_behind() -> None:
    labels = np.ones((20, 20), np.uint8)
    after = edits.split_line(labels, [[0, 0], [19, 19]], new=2).applied(labels)
    lower, upper = np.tril(np.ones((20, 20), bool), -2), np.triu(np.ones((20, 20)), 2)
    assert np.unique(after[lower]).size == 1
    assert np.unique(after[upper > 0]).size == 1
    assert set(after.ravel()) == {1, 2}


def test_split_line_into_three_numbers_by_area() -> None:
    labels = np.full((3, 30), 4, np.uint16)
    line = [[-1, 5], [3, 5], [3, 20], [-1, 20]]
    after = edits.split_line(labels, line, new=8).applied(labels)
    assert [int(after[1, x]) for x in (0, 12, 29)] == [9, 4, 8]


def test_split_line_leaves_pieces_that_it_does_not_cut() -> None:
    labels = drawn("""
    1 1 . . . . .
    1 1 . 1 1 1 1
    . . . 1 1 1 1
    """)
    after = edits.split_line(labels, [[0, 5], [3, 5]], new=9).applied(labels)
    assert (after[:2, :2] == 1).all()
    assert after[1, 6] == 9


def test_a_loop_of_the_hand_makes_no_cell() -> None:
    labels = np.where(disk(14, 40, 20, 20), 3, 0).astype(np.uint8)
    loop = [[10, 20], [12, 20], [12, 22], [10, 22], [10, 20]]
    line = [[0, 20], *loop, [39, 20]]
    after = edits.split_line(labels, line, new=4).applied(labels)
    assert set(after.ravel()) == {0, 3, 4}
    with pytest.raises(EditError, match="separates no cell"):
        edits.split_line(labels, loop, new=4)


def test_split_line_cuts_a_cell_that_hangs_together_by_corners() -> None:
    labels = np.eye(9, dtype=np.uint8)
    after = edits.split_line(labels, [[6, 4], [2, 8]], new=2).applied(labels)
    assert sorted(np.bincount(after.ravel())[1:]) in ([3, 6], [4, 5])


def test_a_cell_longer_than_the_line_is_found_whole() -> None:
    labels = np.full((3, 400), 2, np.uint16)
    after = edits.split_line(labels, [[0, 150], [2, 150]], new=3).applied(labels)
    assert (after[:, :150] == 3).all()
    assert (after[:, 151:] == 2).all()


@pytest.mark.parametrize(
    ("line", "label", "words"),
    [
        ([[0, 0], [0, 6]], None, "crosses no cell"),
        ([[1, 1], [1, 1]], 2, "does not reach cell 2"),
        ([[0, 5], [1, 5]], None, "separates no cell"),
        (np.zeros((0, 2)), None, "no points"),
        ([[np.nan, 0], [1, 1]], None, "far outside"),
        ([[1, 2, 3]], None, "must be"),
    ],
)
def test_split_line_refuses(line: object, label: int | None, words: str) -> None:
    with pytest.raises(EditError, match=words):
        edits.split_line(PAIR, line, label, 7)  # type: ignore[arg-type]


def test_split_line_refuses_numbers_that_are_taken() -> None:
    labels = drawn("1 1 1 . 4")
    with pytest.raises(EditError, match="4 is taken"):
        edits.split_line(labels, [[0, 1], [0, 1]], None, 4)
    assert 5 in edits.split_line(labels, [[0, 1], [0, 1]]).after


# split by seeds

PEANUT = np.where(disk(8, 40, 20, 12) | disk(8, 40, 20, 26), 5, 0).astype(np.uint16)


@pytest.mark.parametrize("seeds", [[[20, 12], [20, 26]], [[15, 10], [23, 21]]])
def test_split_seeds_cuts_a_peanut_at_its_neck(seeds: list[list[int]]) -> None:
    after = edits.split_seeds(PEANUT, seeds, 6).applied(PEANUT)
    columns = np.arange(40)[None]
    assert (after[(PEANUT > 0) & (columns < 18)] == 5).all()
    assert (after[(PEANUT > 0) & (columns > 20)] == 6).all()
    np.testing.assert_array_equal(after > 0, PEANUT > 0)


def test_split_seeds_divides_a_round_cell_by_nearness() -> None:
    labels = np.where(disk(15, 41, 20, 20), 1, 0).astype(np.uint8)
    for near in (3, 6, 10):
        seeds = [[20, 20 - near], [20, 20 + near]]
        after = edits.split_seeds(labels, seeds, 2).applied(labels)
        assert (after[:, :20][labels[:, :20] > 0] == 1).all()
        assert (after[:, 21:][labels[:, 21:] > 0] == 2).all()


def test_split_seeds_thinks_nothing_of_a_shallow_valley() -> None:
    labels = np.ones((5, 21), np.uint8)
    landscape = np.abs(np.arange(21.0) - 5)
    landscape = np.broadcast_to(20 - landscape, labels.shape).copy()
    # a notch beside the peak
    landscape[:, 3:5] = 20, 19.9
    after = edits.split_seeds(labels, [[2, 3], [2, 17]], 2, landscape).applied(labels)
    assert (after[:, :9] == 1).all()
    assert (after[:, 12:] == 2).all()


def test_split_seeds_on_the_way_up_of_another() -> None:
    labels = np.where(disk(15, 41, 20, 20), 1, 0).astype(np.uint8)
    after = edits.split_seeds(labels, [[20, 8], [20, 14]], 2).applied(labels)
    assert after[20, 8] == 1
    assert after[20, 14] == after[20, 30] == 2
    np.testing.assert_array_equal(after > 0, labels > 0)


def test_split_seeds_follows_the_landscape() -> None:
    labels = np.full((5, 12), 3, np.uint8)
    landscape = np.broadcast_to(np.abs(np.arange(12) - 8.0), (5, 12))
    after = edits.split_seeds(labels, [[2, 1], [2, 11]], 9, landscape).applied(labels)
    assert (after[:, :8] == 3).all()
    assert (after[:, 9:] == 9).all()


def test_split_seeds_by_a_valley_and_by_nearness_at_once() -> None:
    seeds = [[20, 9], [20, 15], [20, 26]]
    after = edits.split_seeds(PEANUT, seeds, 6).applied(PEANUT)
    assert [int(after[y, x]) for y, x in seeds] == [5, 6, 7]
    columns = np.arange(40)[None]
    assert (after[(PEANUT > 0) & (columns > 20)] == 7).all()
    assert (after[(PEANUT > 0) & (columns < 12)] == 5).all()


def test_split_seeds_leaves_pieces_without_a_seed() -> None:
    labels = drawn("1 1 1 1 . 1 1")
    assert_becomes(
        labels, edits.split_seeds(labels, [[0, 3], [0, 0]], 2), "2 2 1 1 . 1 1"
    )


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        ([[1, 1]], "one seed"),
        ([], "one seed"),
        ([[1, 1], [1, 70]], "outside the frame"),
        ([[1, 1], [0, 0]], "y = 0, x = 0 lies in no cell"),
        ([[1, 1], [1, 4]], "cells 1, 2"),
        ([[1, 1], [1.2, 0.9]], "same pixel"),
    ],
)
def test_split_seeds_refuses(seeds: list[list[float]], words: str) -> None:
    with pytest.raises(EditError, match=words):
        edits.split_seeds(PAIR, seeds, 7)


def test_split_seeds_refuses_landscapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        edits.split_seeds(PAIR, [[1, 1], [2, 2]], 7, np.zeros((2, 2)))
    hole = np.full(PAIR.shape, np.nan)
    with pytest.raises(ValueError, match="not finite"):
        edits.split_seeds(PAIR, [[1, 1], [2, 2]], 7, hole)
    hole[1:3, 1:3] = [[1, 0], [0, 2]]
    assert not edits.split_seeds(PAIR, [[1, 1], [2, 2]], 7, hole).empty


# delete, draw, erase


def test_delete() -> None:
    assert_becomes(
        PAIR,
        edits.delete(PAIR, [3, 1]),
        """
        . . . . . . .
        . . . . 2 2 .
        . . . . 2 2 .
        . . . . . . .
        """,
    )


def test_draw_keeps_other_cells_unless_told() -> None:
    brush = np.ones((2, 3), bool)
    assert_becomes(
        PAIR,
        edits.draw(PAIR, 1, brush, 1, 3),
        """
        . . . . . . .
        . 1 1 1 2 2 .
        . 1 1 1 2 2 3
        . . . . . . 3
        """,
    )
    assert_becomes(
        PAIR,
        edits.draw(PAIR, 1, brush, 1, 3, over=True),
        """
        . . . . . . .
        . 1 1 1 1 1 .
        . 1 1 1 1 1 3
        . . . . . . 3
        """,
    )


def test_draw_and_erase_stop_at_the_border() -> None:
    brush = np.ones((3, 3), bool)
    assert_becomes(
        PAIR,
        edits.draw(PAIR, 9, brush, -2, -1),
        """
        9 9 . . . . .
        . 1 1 . 2 2 .
        . 1 1 . 2 2 3
        . . . . . . 3
        """,
    )
    assert_becomes(
        PAIR,
        edits.erase(PAIR, brush, 2, 5),
        """
        . . . . . . .
        . 1 1 . 2 2 .
        . 1 1 . 2 . .
        . . . . . . .
        """,
    )
    for y, x in [(-9, 0), (9, 0), (0, -9), (0, 9), (9, -9)]:
        assert edits.draw(PAIR, 9, brush, y, x).empty
        assert edits.erase(PAIR, brush, y, x).empty


def test_brush_must_be_an_image() -> None:
    with pytest.raises(ValueError, match="mask"):
        edits.erase(PAIR, np.ones(3, bool), 0, 0)


# holes and outlines


def test_fill_holes_takes_background_alone() -> None:
    labels = drawn("""
    1 1 1 1 1 .
    1 . 2 . 1 1
    1 1 1 1 1 .
    . 1 . . 1 3
    """)
    assert_becomes(
        labels,
        edits.fill_holes(labels, [1]),
        """
        1 1 1 1 1 .
        1 1 2 1 1 1
        1 1 1 1 1 .
        . 1 . . 1 3
        """,
    )
    assert edits.fill_holes(labels, [2, 3]).empty


@pytest.mark.parametrize("ids", [[1, 2], [2, 1]])
def test_fill_holes_of_nested_cells_begins_within(ids: list[int]) -> None:
    labels = np.zeros((9, 9), np.uint8)
    labels[:] = 1
    labels[1:-1, 1:-1] = 0
    labels[2:-2, 2:-2] = 2
    labels[3:-3, 3:-3] = 0
    after = edits.fill_holes(labels, ids).applied(labels)
    assert (after[2:-2, 2:-2] == 2).all()
    assert np.count_nonzero(after == 1) == 81 - 25


def test_smooth_removes_a_spur_and_fills_a_cleft() -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 10:30] = 1
    labels[3:10, 20] = 1
    labels[25:30, 15] = 0
    after = edits.smooth(labels, [1]).applied(labels)
    assert not after[3:9, 20].any()
    assert after[25:28, 15].all()
    assert (after[13:25, 10:30] == 1).all()


def test_smooth_takes_no_pixel_of_others_and_keeps_tiny_cells() -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[10:30, 10:30] = 1
    labels[18:21, 8:12] = 2
    labels[5, 5] = 3
    after = edits.smooth(labels, [1, 2, 3], 3).applied(labels)
    assert (after[labels == 2] != 1).all()
    assert after[5, 5] == 3
    alone = edits.smooth(labels, [1], 3).applied(labels)
    np.testing.assert_array_equal(alone == 2, labels == 2)


def test_smooth_keeps_straight_edges_at_the_border() -> None:
    labels = np.zeros((30, 30), np.uint8)
    labels[:, :12] = 4
    assert edits.smooth(labels, [4]).empty


def test_smooth_does_not_tear_a_cell() -> None:
    labels = np.zeros((30, 50), np.uint8)
    labels[10:20, 5:15] = labels[10:20, 35:45] = 1
    labels[15, 15:35] = 1
    assert edits.smooth(labels, [1]).empty
    # without the thread both are smoothed
    labels[15, 15:35] = 0
    assert not edits.smooth(labels, [1]).empty


@pytest.mark.parametrize("radius", [0, -1, np.nan, np.inf])
def test_smooth_refuses_a_radius_of_nothing(radius: float) -> None:
    with pytest.raises(EditError, match="radius"):
        edits.smooth(PAIR, [1], radius)


# pieces


def test_separate_and_keep_the_largest() -> None:
    labels = drawn("""
    1 1 . . 1
    . . 1 . 1
    1 . . 2 1
    1 . 1 . 1
    """)
    assert_becomes(
        labels,
        edits.separate(labels, 1, 3),
        """
        3 3 . . 1
        . . 3 . 1
        4 . . 2 1
        4 . 5 . 1
        """,
    )
    assert_becomes(
        labels,
        edits.keep_largest(labels, [2, 1]),
        """
        . . . . 1
        . . . . 1
        . . . 2 1
        . . . . 1
        """,
    )
    with pytest.raises(EditError, match="one piece"):
        edits.separate(labels, 2, 3)


# what a gesture means


def test_what_lies_under_a_point_and_a_line() -> None:
    assert edits.label_at(PAIR, 1.4, 0.6) == 1
    assert edits.label_at(PAIR, 1.5, 5.6) == 3
    assert edits.label_at(PAIR, -0.6, 0) == edits.label_at(PAIR, 0, 7) == 0
    line = [[2, 9], [2, 0], [2, 5]]
    assert edits.ids_along(PAIR, line) == [3, 2, 1]
    assert edits.ids_along(PAIR, [[1, 2], [1, 2]]) == [1]
    assert edits.ids_along(PAIR, [[0, 0], [0, 6]]) == []
    with pytest.raises(EditError, match="far longer"):
        edits.ids_along(PAIR, [[-6e6, 0], [6e6, 0]])


# what is wrong with the labels themselves

TOOLS: dict[str, Callable[[NDArray[np.unsignedinteger]], object]] = {
    "merge": lambda labels: edits.merge(labels, [1, 2]),
    "relabel": lambda labels: edits.relabel(labels, 1, 2),
    "renew": lambda labels: edits.renew(labels, 1, 2),
    "split_line": lambda labels: edits.split_line(labels, [[0, 0], [3, 3]], None, 2),
    "split_seeds": lambda labels: edits.split_seeds(labels, [[0, 0], [1, 1]], 2),
    "delete": lambda labels: edits.delete(labels, [1]),
    "fill_holes": lambda labels: edits.fill_holes(labels, [1]),
    "smooth": lambda labels: edits.smooth(labels, [1]),
    "separate": lambda labels: edits.separate(labels, 1, 2),
    "keep_largest": lambda labels: edits.keep_largest(labels, [1]),
    "interpolate": lambda labels: edits.interpolate(labels, labels, 1, 1, 0.5),
}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (6, 6)])
def test_frames_without_cells_say_so(
    tool: Callable[[NDArray[np.unsignedinteger]], object], shape: tuple[int, int]
) -> None:
    with pytest.raises(EditError) as error:
        tool(np.zeros(shape, np.uint16))
    assert isinstance(error.value, CellsegError)


def test_empty_frames_are_drawn_on() -> None:
    brush = np.ones((2, 2), bool)
    assert edits.draw(np.zeros((0, 4), np.uint8), 1, brush, 0, 0).empty
    assert edits.erase(np.zeros((3, 3), np.uint8), brush, 0, 0).empty
    assert edits.ids_along(np.zeros((0, 4), np.uint8), [[0, 0], [1, 1]]) == []
    assert edits.label_at(np.zeros((0, 4), np.uint8), 0, 0) == 0


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_labels_must_be_whole_numbers_of_a_plane(
    tool: Callable[[NDArray[np.unsignedinteger]], object],
) -> None:
    for wrong in (bool, float):
        with pytest.raises(TypeError, match="whole numbers"):
            tool(PAIR.astype(wrong))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\(Y, X\)"):
        tool(PAIR[None])
