"""What raises doubt, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_cellseg.correction.compose import Conflict
from napari_cellseg.correction.review import (
    KINDS,
    FrameView,
    ReviewParameters,
    suspects,
)
from napari_cellseg.correction.review.jumps import odd_ones
from napari_cellseg.postprocess import build
from napari_cellseg.tracking import link

OFF = dict.fromkeys(KINDS, 0)
SHAPE = (60, 90)


def draw(*cells, radius=6.0):
    """Disks at (y, x) or (y, x, radius), numbered from 1."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = np.zeros(SHAPE, np.uint16)
    for label, (cy, cx, *own) in enumerate(cells, 1):
        image[(y - cy) ** 2 + (x - cx) ** 2 <= (own or [radius])[0] ** 2] = label
    return image


def doubted(frames, *kinds, linked=None):
    """Frame, label and words of the suspects of these kinds alone."""
    views = [
        frame if isinstance(frame, FrameView) else FrameView(t, frame)
        for t, frame in enumerate(frames)
    ]
    parameters = ReviewParameters(**OFF | dict.fromkeys(kinds, 1) | {"least": 0})
    *_, found = suspects(views, parameters, linked)
    return [(suspect.t, suspect.label, suspect.words) for suspect in found]


def test_a_step_a_frame_and_then_the_suspects(case):
    labels, _ = case["touching_pair"]
    *steps, found = suspects((FrameView(t, f) for t, f in enumerate(labels)), total=3)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert found == []


def test_no_frames_and_empty_frames(case):
    assert list(suspects([])) == [[]]
    empty = np.zeros((4, 5), np.uint16)
    assert list(suspects([FrameView(0, empty, empty, empty * 0.5)])) == [(1, 1), []]


def split_view(h):
    height = np.zeros((7, 22))
    height[1:6, 3:11] = 4
    height[1:6, 11:21] = 6
    height[1:6, 10:12] = 2
    height[3, 5] = 5
    hierarchy = build(height > 0, height)
    return FrameView(0, hierarchy.labels(h), saddles=hierarchy.doubtful(h), h=h)


@pytest.mark.parametrize(
    ("h", "doubt", "words"),
    [
        (2.9, 1 - 0.2 / 2.9, "hardly split from cell 1: depth 3 px, h 2.9 px"),
        (3.2, 1 - 0.4 / 3.2, "hardly one cell: depth 3 px, h 3.2 px"),
        (1.9, None, None),
        (6.5, None, None),
    ],
)
def test_a_split_is_doubted_near_h_alone(h, doubt, words):
    parameters = ReviewParameters(**OFF | {"split": 1, "least": 0})
    *_, found = suspects([split_view(h)], parameters)
    if doubt is None:
        assert found == []
        return
    (one,) = found
    assert one.words == words
    assert one.doubt == pytest.approx(doubt)
    assert one.label == (2 if "split" in words else 1)


def test_a_split_that_was_merged_by_hand_is_not_doubted():
    view = split_view(2.9)
    merged = FrameView(0, np.minimum(view.labels, 1), saddles=view.saddles, h=2.9)
    assert doubted([merged], "split") == []


def test_an_outline_is_compared_with_the_others_of_the_frame():
    labels = draw((10, 10), (10, 40), (40, 10), (40, 40), (40, 70))
    sure = np.where(labels > 0, 0.9, 0.0)
    view = FrameView(0, labels, probability=sure)
    assert doubted([view], "outline") == []
    unsure = np.where(labels == 3, 0.55, sure)
    ((_, label, words),) = doubted(
        [FrameView(0, labels, probability=unsure)], "outline"
    )
    assert label == 3
    assert words.startswith("network undecided at the outline: 0.90, 0.20")


BIG = (30, 40, 9)


@pytest.mark.parametrize(
    ("radii", "suspect"),
    [
        ([6, 6, 9, 6, 6], (2, "area 2.2 times that of the frame before")),
        ([6, 6, 9, 9, 9], (2, "area 2.2 times that of the frame before")),
        ([9, 6, 6, 6, 6], (0, "area 2.2 times that of the frame after")),
        ([6, 6, 6, 6, 9], (4, "area 2.2 times that of the frame before")),
        ([6, 6.5, 7, 7.5, 8], None),
    ],
)
def test_the_frame_in_which_an_area_is_odd_is_the_suspect(radii, suspect):
    movie = [draw((30, 40, r), (10, 10), (10, 70)) for r in radii]
    found = doubted(movie, "area")
    assert found == ([(suspect[0], 1, suspect[1])] if suspect else [])


def test_nothing_is_compared_over_a_gap_or_with_nan():
    assert odd_ones([0, 2], [1.0, 9.0], 1) == []
    assert odd_ones([0, 1, 2], [1.0, np.nan, 9.0], 1) == []
    assert odd_ones([], [], 1) == []


def test_a_cell_that_leaves_does_not_jump_in_area():
    movie = [draw((30, 84 + 3 * t), (30, 30), (10, 10)) for t in range(3)]
    assert doubted(movie, "area", "solidity") == []


def test_a_cell_at_the_border_jumps_where_it_comes_back():
    def movie(*radii):
        return [draw((30, 86, r), (30, 30), (10, 10)) for r in radii]

    assert doubted(movie(7, 7, 10, 10, 10), "area") == []
    assert doubted(movie(10, 10, 7, 10, 10), "area") == [
        (2, 1, "area 0.54 times that of the frame before")
    ]


def test_solidity_and_intensity():
    cells = [(30, 40, 9), (10, 10), (10, 70)]
    dented = draw(*cells)
    dented[30:, 39:42] = 0
    image = np.where(draw(*cells) > 0, 10.0, 0)
    bright = np.where(draw(*cells) == 3, 30.0, image)
    views = [FrameView(0, draw(*cells), image), FrameView(1, dented, bright)]
    ((t, label, words),) = doubted(views, "solidity")
    assert (t, label) == (1, 1)
    assert words.endswith("but 1.00 in the frame before")
    ((t, label, words),) = doubted(views, "intensity")
    assert (t, label, words) == (1, 3, "intensity 3 times that of the frame before")


STAY = ((12, 12), (12, 70))
WITHIN, EDGE = (40, 45), (40, 83)
MORE = (*STAY, WITHIN)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([STAY, MORE, MORE], [(1, 3, "appears within the field")]),
        ([MORE, MORE, STAY], [(1, 3, "vanishes within the field")]),
        ([STAY, (*STAY, EDGE), STAY], []),
        ([MORE] * 2, []),
        (
            [MORE, STAY, MORE],
            [(0, 3, "not in the next frame, but in frame 2 again")],
        ),
        (
            [(*STAY, EDGE), STAY, (*STAY, EDGE)],
            [(0, 3, "not in the next frame, but in frame 2 again")],
        ),
        (
            [(*STAY, (40, 80, 9))] * 2
            + [(*STAY, (35, 80, 5), (47, 80, 5)), (*STAY, (40, 80, 9))],
            [(2, 4, "split off for this frame alone")],
        ),
        (
            [(*STAY, (*WITHIN, 8))] * 2 + [(*STAY, (40, 39, 5), (40, 52, 5))] * 2,
            [],
        ),
    ],
)
def test_tracks_begin_and_end_at_the_edge_or_at_a_division(frames, expected):
    movie = [draw(*cells) for cells in frames]
    assert doubted(movie, "begins", "ends") == expected
    assert doubted(movie, "begins", "ends", linked=link(movie)) == expected


def test_a_range_of_frames_keeps_their_numbers():
    movie = [draw(*STAY), draw(*STAY, WITHIN), draw(*STAY, WITHIN)]
    views = [FrameView(t, f) for t, f in enumerate(movie, 7)]
    assert doubted_views(views) == [(8, 3)]
    # what lies beyond the range is not known
    assert doubted_views(views[1:]) == []


def doubted_views(views):
    *_, found = suspects(views, ReviewParameters(**OFF | {"begins": 1}))
    return [(suspect.t, suspect.label) for suspect in found]


def test_a_cell_that_was_made_after_linking_is_not_compared():
    movie = [draw(*STAY)] * 3
    linked = link(movie)
    movie[1] = draw(*STAY, WITHIN)
    assert doubted(movie, "area", "begins", "ends", linked=linked) == []


def test_a_conflict_is_listed_where_its_cell_is_gone_too():
    conflicts = [
        Conflict("half covered", 9, (4, 5), 0.6, "gave way"),
        Conflict("on nothing", 1, (30, 40), 0.0, "on nothing"),
    ]
    *_, found = suspects([FrameView(0, draw(BIG), conflicts=conflicts)])
    assert [(s.label, s.words, s.doubt) for s in found] == [
        (1, "on nothing", 1),
        (9, "gave way", 1),
    ]
    assert found[1].place == (4, 5)
    assert found[1].area == 0


def test_the_border_alone_is_not_enough_by_default_but_adds():
    frame = draw((30, 2))
    assert [*suspects([FrameView(0, frame)])][-1] == []
    assert doubted([frame], "border") == [(0, 1, "touches the border")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_of_nothing_turns_a_reason_off(kind):
    frames = [draw(*STAY), draw(*STAY, WITHIN), draw(*STAY)]
    parameters = ReviewParameters(**{kind: 0, "least": 0})
    *_, found = suspects([FrameView(t, f) for t, f in enumerate(frames)], parameters)
    assert kind not in {reason.kind for s in found for reason in s.reasons}


@pytest.mark.realdata
def test_errors_put_into_annotated_frames_come_first(shared_data):
    folder = shared_data / "ctc" / "Fluo-N2DH-SIM+" / "01_GT" / "SEG"
    movie = [tifffile.imread(path) for path in sorted(folder.glob("*.tif"))[:12]]
    inside = inner_cells(movie)
    gone, merged, eaten = inside[:3]
    near = nearest(movie[6], merged)
    movie[4][movie[4] == gone] = 0
    movie[6][movie[6] == near] = merged
    rows, _ = np.nonzero(movie[8] == eaten)
    movie[8][: int(np.median(rows))][movie[8][: int(np.median(rows))] == eaten] = 0
    *_, found = suspects([FrameView(t, f) for t, f in enumerate(movie)])
    first = {(suspect.t, suspect.label) for suspect in found[:8]}
    assert {(6, merged), (8, eaten)} <= first
    assert (3, gone) in {(suspect.t, suspect.label) for suspect in found}
    # few of the cells that are right are doubted
    assert len(found) < 0.05 * sum(np.unique(f).size - 1 for f in movie)


def inner_cells(movie):
    """Numbers of cells that are in every frame and far from the border."""
    ids = set(np.unique(movie[0])) - {0}
    for frame in movie:
        edge = np.ones(frame.shape, bool)
        edge[40:-40, 40:-40] = False
        ids &= set(np.unique(frame)) - set(np.unique(frame[edge]))
    return sorted(ids)


def nearest(frame, label):
    at = {i: np.argwhere(frame == i).mean(axis=0) for i in np.unique(frame) if i}
    others = [i for i in at if i != label]
    return min(others, key=lambda i: np.hypot(*(at[i] - at[label])))
