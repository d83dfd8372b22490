"""Linking of canonical movies, of annotated ones, and what it must not depend on."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_cellseg.metrics import tracking_score
from napari_cellseg.tracking import Linking, Track, link

SHAPE = (60, 120)


def draw(*cells, radius=6.0):
    """Disks at (y, x) or (y, x, radius)."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    image = np.zeros(SHAPE, np.uint16)
    for label, (cy, cx, *own) in enumerate(cells, 1):
        image[(y - cy) ** 2 + (x - cx) ** 2 <= (own or [radius])[0] ** 2] = label
    return image


def shuffled(movie, seed=0):
    """The same objects with unrelated ids in every frame."""
    rng = np.random.default_rng(seed)
    tables = (rng.permutation(np.arange(1, image.max() + 2)) for image in movie)
    return [np.r_[0, next(tables)][image] for image in movie]


STILL = ((10, 10), (50, 100))
MOVIES = {
    "one_cell": ([draw((30, 20 + 3 * t)) for t in range(4)], [Track(1, 0, 3)]),
    "touching_pair": (
        [draw((30, 30 + 2 * t), (30, 43 + 2 * t)) for t in range(4)],
        [Track(1, 0, 3), Track(2, 0, 3)],
    ),
    "division": (
        [draw(*STILL, (30, 60, 8))] * 2
        + [draw(*STILL, (30, 54 - t), (30, 67 + t)) for t in range(3)],
        [
            Track(1, 0, 4),
            Track(2, 0, 4),
            Track(3, 0, 1),
            Track(4, 2, 4, 3),
            Track(5, 2, 4, 3),
        ],
    ),
    "missed_frame": (
        [draw(*STILL, (30, 60)), draw(*STILL), draw(*STILL, (30, 62))],
        [Track(1, 0, 2), Track(2, 0, 2), Track(3, 0, 0), Track(4, 2, 2, 3)],
    ),
    "leaves_field": (
        [draw(*STILL, (30, 118))] * 2 + [draw(*STILL)] * 2,
        [Track(1, 0, 3), Track(2, 0, 3), Track(3, 0, 1)],
    ),
    "enters_beside_another": (
        [draw((30, 60), (10, 10))] * 2 + [draw((30, 60), (10, 10), (30, 74))] * 2,
        [Track(1, 0, 3), Track(2, 0, 3), Track(3, 2, 3)],
    ),
    "empty_frame": (
        [draw((30, 60)), draw(), draw(), draw((30, 60))],
        [Track(1, 0, 0), Track(2, 3, 3)],
    ),
    "empty_first_frame": ([draw(), draw((30, 60))], [Track(1, 1, 1)]),
    "one_frame": ([draw(*STILL)], [Track(1, 0, 0), Track(2, 0, 0)]),
    "no_cell": ([draw(), draw()], []),
    "no_frame": ([], []),
}


@pytest.mark.parametrize("name", MOVIES)
@pytest.mark.parametrize("renamed", [False, True])
def test_canonical_movies(name, renamed):
    movie, expected = MOVIES[name]
    linked = link(shuffled(movie) if renamed else movie)
    shape = sorted((t.begin, t.end, t.parent > 0) for t in linked.tracks)
    assert shape == sorted((t.begin, t.end, t.parent > 0) for t in expected)
    if not renamed:
        assert linked.tracks == expected


@pytest.mark.parametrize(
    "name", [n for n in MOVIES if n not in ("no_frame", "no_cell")]
)
def test_tracks_agree_with_the_relabelled_frames(name):
    movie = shuffled(MOVIES[name][0])
    linked = link(movie)
    rows = [(t.label, t.begin, t.end, t.parent) for t in linked.tracks]
    frames = [linked.relabel(t, image) for t, image in enumerate(movie)]
    found = tracking_score(zip(frames, frames, strict=True), rows, rows)
    assert (found.reason, found.tra) == ("", 1)
    for before, after in zip(movie, frames, strict=True):
        assert after.dtype == np.uint16
        assert ((after > 0) == (before > 0)).all()
        pairs = np.unique(np.stack([before.ravel(), after.ravel()]), axis=1)
        assert pairs.shape[1] == np.unique(before).size == np.unique(after).size


def test_divisions_and_gaps_can_be_left_out():
    movie, _ = MOVIES["division"]
    assert not any(t.parent for t in link(movie, Linking(divisions=False)).tracks)
    movie, _ = MOVIES["missed_frame"]
    assert not any(t.parent for t in link(movie, Linking(gap=0)).tracks)
    movie, _ = MOVIES["empty_frame"]
    assert [t.parent for t in link(movie, Linking(gap=2)).tracks] == [0, 1]


def test_the_largest_move_is_in_cell_radii():
    movie = [draw((30, 20)), draw((30, 38))]
    assert len(link(movie, Linking(max_distance=2.5)).tracks) == 2
    assert len(link(movie, Linking(max_distance=3.5)).tracks) == 1
    large = [np.kron(image, np.ones((3, 3), np.uint16)) for image in movie]
    assert len(link(large, Linking(max_distance=2.5)).tracks) == 2
    assert len(link(large, Linking(max_distance=3.5)).tracks) == 1


def test_frames_are_read_once_and_one_by_one():
    movie, expected = MOVIES["division"]
    assert link(iter(movie)).tracks == expected


def test_ids_may_be_sparse():
    movie, expected = MOVIES["division"]
    sparse = [image.astype(np.uint32) * 1_000_000_007 for image in movie]
    linked = link(sparse)
    assert linked.tracks == expected
    plain = link(movie)
    for t, image in enumerate(sparse):
        assert (linked.relabel(t, image) == plain.relabel(t, movie[t])).all()


def test_more_tracks_than_uint16_holds():
    image = np.zeros((600, 600), np.uint32)
    image[::2, ::2] = np.arange(1, 300 * 300 + 1).reshape(300, 300)
    linked = link([image])
    assert linked.dtype == np.uint32
    assert linked.relabel(0, image).max() == 90_000


def test_labels_that_were_not_linked():
    linked = link([draw((30, 60))])
    with pytest.raises(ValueError, match="frame 0: label 2 was not there"):
        linked.relabel(0, draw((30, 60), (10, 10)))
    with pytest.raises(ValueError, match="frame 0: label 4000000000 was not there"):
        linked.relabel(0, np.full(SHAPE, 4_000_000_000, np.uint32))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (np.zeros((4, 4)), "frame 1: labels must be integers, not float64"),
        (np.zeros((2, 4, 4), int), r"frame 1: labels must be \(Y, X\)"),
        (np.full((4, 4), -1), "frame 1: labels must not be negative: found -1"),
    ],
)
def test_frames_must_be_labels(frame, words):
    with pytest.raises(ValueError, match=words):
        link([draw(), frame])


@pytest.mark.realdata
def test_simulated_nuclei_with_shuffled_ids(shared_data):
    folder = shared_data / "ctc" / "Fluo-N2DH-SIM+" / "01_GT"
    movie = [tifffile.imread(p) for p in sorted((folder / "SEG").glob("*.tif"))]
    movie = shuffled(movie)
    linked = link(movie)
    rows = [(t.label, t.begin, t.end, t.parent) for t in linked.tracks]
    real = map(tifffile.imread, sorted((folder / "TRA").glob("*.tif")))
    frames = ((linked.relabel(t, image), next(real)) for t, image in enumerate(movie))
    tracks = np.loadtxt(folder / "TRA" / "man_track.txt", int, ndmin=2)
    found = tracking_score(frames, rows, tracks)
    assert found.det == 1
    assert found.tra >= 0.9995
