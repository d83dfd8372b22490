"""Tracks from links: gaps, divisions into two and three, order of labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.tracking import Track
from napari_cellseg.tracking.forest import build_tracks


def test_no_links_make_tracks_of_one_frame():
    tracks, labels = build_tracks([2, 0, 1], [])
    assert tracks == [Track(1, 0, 0), Track(2, 0, 0), Track(3, 2, 2)]
    assert [x.tolist() for x in labels] == [[1, 2], [], [3]]


def test_a_gap_ends_a_track_and_its_continuation_has_it_as_parent():
    tracks, _ = build_tracks([1, 1, 0, 1, 1], [((0, 0), (1, 0)), ((1, 0), (3, 0)),
                                               ((3, 0), (4, 0))])  # fmt: skip
    assert tracks == [Track(1, 0, 1), Track(2, 3, 4, 1)]


def test_a_division_into_three_with_a_daughter_that_is_late():
    links = [((0, 0), (1, 0)), ((0, 0), (1, 1)), ((0, 0), (2, 2)), ((1, 0), (2, 0))]
    tracks, _ = build_tracks([1, 2, 3], links)
    assert tracks == [
        Track(1, 0, 0),
        Track(2, 1, 2, 1),
        Track(3, 1, 1, 1),
        Track(4, 2, 2),
        Track(5, 2, 2, 1),
    ]


def test_links_must_make_a_forest():
    with pytest.raises(ValueError, match="two links lead to frame 1's object 0"):
        build_tracks([2, 1], [((0, 0), (1, 0)), ((0, 1), (1, 0))])
    with pytest.raises(ValueError, match="forward in time"):
        build_tracks([2], [((0, 0), (0, 1))])


@st.composite
def forests(draw):
    counts = draw(st.lists(st.integers(0, 4), min_size=1, max_size=6))
    nodes = [(t, i) for t, n in enumerate(counts) for i in range(n)]
    links = []
    for target in nodes:
        sources = [node for node in nodes if target[0] - 3 <= node[0] < target[0]]
        if sources and draw(st.booleans()):
            links.append((draw(st.sampled_from(sources)), target))
    return counts, links


@given(forests())
def test_every_forest_obeys_the_format(forest):
    counts, links = forest
    tracks, labels = build_tracks(counts, links)
    assert [track.label for track in tracks] == list(range(1, len(tracks) + 1))
    for track in tracks:
        present = [t for t, found in enumerate(labels) if track.label in found]
        assert present == list(track.frames())
        assert not track.parent or tracks[track.parent - 1].end < track.begin
    for found in labels:
        assert np.unique(found).size == found.size
    joined = {(labels[s][i], labels[t][j]) for (s, i), (t, j) in links}
    parents = {(track.parent, track.label) for track in tracks if track.parent}
    assert parents == {pair for pair in joined if pair[0] != pair[1]}
