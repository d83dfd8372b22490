"""The simulated movie keeps its promises about labels and lineage."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_cellseg.simulate import Movie, Simulation, simulate
from napari_cellseg.simulate.lineage import name_tracks

SMALL = Simulation(frames=8, height=128, width=160, cells=12, diameter=20, seed=4)


@pytest.fixture(scope="module")
def movie() -> Movie:
    """Long and lively enough for everything to happen."""
    return simulate(
        Simulation(
            frames=24, height=192, width=224, cells=25, diameter=24, division_rate=0.03
        )
    )


parameter_sets = st.builds(
    Simulation,
    frames=st.integers(1, 6),
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    cells=st.integers(0, 14),
    diameter=st.floats(6, 40),
    diameter_spread=st.floats(0, 0.5),
    speed=st.floats(0, 12),
    division_rate=st.floats(0, 0.1),
    clustering=st.floats(0, 1),
    seed=st.integers(0, 1000),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parameter_sets)
def test_lineage_and_labels_agree(parameters: Simulation) -> None:
    movie = simulate(parameters)
    tracks = {track.label: track for track in movie.tracks}
    assert list(tracks) == list(range(1, len(tracks) + 1))
    for t, labels in enumerate(movie.labels):
        shown = set(np.unique(labels).tolist()) - {0}
        assert shown == {k for k, track in tracks.items() if t in track.frames()}
        for label in shown:
            mask = (labels == label).astype(np.uint8)
            assert cv2.connectedComponents(mask, connectivity=4)[0] == 2
            assert mask.sum() >= 6
    for track in movie.tracks:
        assert 0 <= track.begin <= track.end < parameters.frames
        if track.parent:
            assert tracks[track.parent].end == track.begin - 1
    parents = [track.parent for track in movie.tracks if track.parent]
    assert all(parents.count(parent) <= 2 for parent in parents)


def test_types_and_shapes() -> None:
    movie = simulate(SMALL)
    assert movie.images.shape == movie.labels.shape == (8, 128, 160)
    assert movie.images.dtype == movie.labels.dtype == np.uint16
    assert (movie.pixel_size, movie.time_step) == (SMALL.pixel_size, SMALL.time_step)


def test_same_seed_same_movie_other_seed_other_movie() -> None:
    first, again = simulate(SMALL), simulate(SMALL)
    other = simulate(SMALL.replace(seed=5))
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.labels, again.labels)
    assert first.tracks == again.tracks
    assert not np.array_equal(first.labels, other.labels)


def test_noise_does_not_move_cells() -> None:
    quiet, loud = simulate(SMALL), simulate(SMALL.replace(read_noise=20, photons=50))
    assert np.array_equal(quiet.labels, loud.labels)
    assert not np.array_equal(quiet.images, loud.images)


def test_cells_touch(movie: Movie) -> None:
    labels = movie.labels
    left, right = labels[:, :, :-1], labels[:, :, 1:]
    contact = (left != right) & (left > 0) & (right > 0)
    assert contact.any(axis=(1, 2)).mean() > 0.8


def test_mothers_divide_in_two_halves(movie: Movie) -> None:
    parents = [track.parent for track in movie.tracks if track.parent]
    pairs = {parent for parent in parents if parents.count(parent) == 2}
    assert len(pairs) >= 5
    growth = []
    for mother in (track for track in movie.tracks if track.label in pairs):
        daughters = [t.label for t in movie.tracks if t.parent == mother.label]
        whole = (movie.labels[mother.end] == mother.label).sum()
        parts = [(movie.labels[mother.end + 1] == d).sum() for d in daughters]
        growth.append(sum(parts) / whole)
    assert 0.8 < np.median(growth) < 1.2


def test_mothers_brighten(movie: Movie) -> None:
    gains = []
    for mother in movie.tracks:
        divides = any(track.parent == mother.label for track in movie.tracks)
        if divides and mother.end - mother.begin >= 6:
            last, before = (
                movie.images[t][movie.labels[t] == mother.label].mean() - 100
                for t in (mother.end, mother.end - 5)
            )
            gains.append(last / before)
    assert len(gains) >= 3
    assert np.median(gains) > 1.4


def test_cells_leave_and_enter(movie: Movie) -> None:
    parents = {track.parent for track in movie.tracks}
    last = len(movie.labels) - 1
    leave = [t for t in movie.tracks if t.end < last and t.label not in parents]
    enter = [t for t in movie.tracks if t.begin > 0 and not t.parent]
    assert leave
    assert enter
    for track in leave:
        assert _at_border(movie.labels[track.end] == track.label)
    for track in enter:
        assert _at_border(movie.labels[track.begin] == track.label)


def _at_border(mask: np.ndarray) -> bool:
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def test_cells_grow_and_move_little_by_little(movie: Movie) -> None:
    ious = []
    for before, after in zip(movie.labels[:-1], movie.labels[1:], strict=True):
        for label in set(np.unique(before)) & set(np.unique(after)) - {0}:
            a, b = before == label, after == label
            ious.append((a & b).sum() / (a | b).sum())
    assert np.median(ious) > 0.6


def test_background_noise_is_shot_and_read_noise() -> None:
    empty = Simulation(
        frames=30, height=64, width=64, cells=0, background=100, read_noise=6, haze=0
    )
    images = simulate(empty).images.astype(float)
    photons = (images - 100) / 2
    expected = photons.mean(axis=0)
    assert 50 < expected.mean() < 110
    assert photons.var(axis=0, ddof=1).mean() == pytest.approx(
        expected.mean() + 36, rel=0.05
    )


def test_illumination_is_uneven_as_asked() -> None:
    base = Simulation(frames=1, height=96, width=96, cells=0, background=4000)
    even, uneven = (
        simulate(base.replace(unevenness=u)).images[0] - 100.0 for u in (0.0, 0.8)
    )
    assert (uneven / even).min() < 0.35
    assert (uneven / even).max() > 0.9


def test_dim_cells_are_dimmer_than_the_others() -> None:
    quiet = SMALL.replace(unevenness=0, haze=0, background=0, read_noise=0)
    bright, dim = (simulate(quiet.replace(dim_fraction=share)) for share in (0.0, 1.0))
    ratio = (dim.images[dim.labels > 0] - 100.0).mean() / (
        bright.images[bright.labels > 0] - 100.0
    ).mean()
    assert 0.15 < ratio < 0.35


def test_number_of_cells_and_diameter_are_as_asked() -> None:
    movie = simulate(Simulation(frames=1, cells=80, diameter=30))
    inner = movie.labels[0, 40:-40, 40:-40]
    areas = np.bincount(inner.ravel())[1:]
    assert 60 <= len(np.unique(movie.labels[0])) - 1 <= 120
    assert np.sqrt(4 / np.pi * np.median(areas[areas > 0])) == pytest.approx(
        30, rel=0.1
    )


def test_a_full_field_stops_dividing() -> None:
    full = Simulation(
        frames=40, height=64, width=64, cells=16, diameter=16, division_rate=0.1
    )
    labels = simulate(full).labels
    assert (labels[-1] > 0).mean() < 0.97
    assert len(np.unique(labels[-1])) < 80


def test_frames_without_cells_have_no_tracks() -> None:
    movie = simulate(Simulation(frames=2, height=32, width=32, cells=0))
    assert movie.tracks == ()
    assert not movie.labels.any()


def test_a_hidden_mother_is_no_parent() -> None:
    cells = np.array([[[1, -1, -1]], [[-1, -1, -1]], [[2, 3, -1]]], np.int32)
    labels, tracks = name_tracks(cells, {1: -1, 2: 1, 3: 1})
    assert [track.parent for track in tracks] == [0, 0, 0]
    assert labels[:, 0].tolist() == [[1, 0, 0], [0, 0, 0], [2, 3, 0]]


def test_a_returning_cell_is_a_new_track_and_the_parent_of_its_daughters() -> None:
    cells = np.array([[[1, -1]], [[-1, -1]], [[1, -1]], [[2, 3]]], np.int32)
    _, tracks = name_tracks(cells, {1: -1, 2: 1, 3: 1})
    assert [(t.begin, t.end, t.parent) for t in tracks] == [
        (0, 0, 0),
        (2, 2, 0),
        (3, 3, 2),
        (3, 3, 2),
    ]


def test_too_many_tracks_for_uint16_are_refused() -> None:
    cells = np.arange(65537, dtype=np.int32).reshape(1, 1, -1)
    with pytest.raises(ValueError, match="65537 tracks do not fit"):
        name_tracks(cells, {})
