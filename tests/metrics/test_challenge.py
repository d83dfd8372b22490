"""SEG, DET and TRA against py-ctcmetrics and against numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cellseg.metrics import SegSum, overlap, seg, seg_values, tracking_score
from napari_cellseg.metrics.challenge import track_fault

labels = hnp.arrays(np.uint8, (4, 5), elements=st.integers(0, 4))
ONE, NONE = np.array([[1, 1, 0, 0]]), np.zeros((1, 4), int)


@given(labels, st.permutations(range(1, 5)))
def test_seg_of_itself_under_other_ids(image, order):
    table = np.array([0, *order])
    found = seg(overlap(table[image], image))
    assert found.score == 1 if image.any() else math.isnan(found.score)


def test_seg_is_a_mean_over_objects_not_over_frames():
    two = seg(overlap(np.array([[1, 0, 2, 0]]), np.array([[1, 0, 2, 0]])))
    none = seg(overlap(NONE, ONE))
    assert (two + none).score == pytest.approx(2 / 3)
    assert two + none == SegSum(2.0, 3)


def test_exactly_half_is_not_covered():
    found = overlap(np.array([[5, 5, 0, 0]]), np.array([[1, 1, 1, 1]]))
    assert seg_values(found).tolist() == [0.0]
    found = overlap(np.array([[5, 5, 5, 0]]), np.array([[1, 1, 1, 1]]))
    assert seg_values(found).tolist() == [0.75]


@pytest.mark.realdata
@pytest.mark.parametrize("movie", ["DIC-C2DH-HeLa/02", "Fluo-N2DH-GOWT1/02"])
def test_seg_equals_py_ctcmetrics(shared_data, movie):
    from ctc_metrics.metrics.technical.seg import seg as oracle
    from ctc_metrics.utils.representations import match

    gold = sorted((shared_data / "ctc" / f"{movie}_GT" / "SEG").glob("*.tif"))[:4]
    silver = shared_data / "ctc" / f"{movie}_ST" / "SEG"
    pairs = [(path, silver / path.name) for path in gold]
    pairs = [pair for pair in pairs if pair[1].is_file()]
    assert pairs
    matched = [match(str(truth), str(pred)) for truth, pred in pairs]
    expected = oracle([m[0] for m in matched], [m[4] for m in matched])
    found = SegSum()
    for truth, pred in pairs:
        found += seg(overlap(tifffile.imread(pred), tifffile.imread(truth)))
    assert found.score == pytest.approx(expected, abs=1e-6)
    assert 0.5 < found.score < 1


def test_a_missed_division_costs_its_edges():
    # a cell of four frames divides after two; the prediction keeps one label
    mother = np.array([[1, 1, 1, 1, 1]])
    daughters, kept = np.array([[2, 2, 0, 3, 3]]), np.array([[1, 1, 0, 4, 4]])
    truth = [[1, 0, 1, 0], [2, 2, 3, 1], [3, 2, 3, 1]]
    pred = [[1, 0, 3, 0], [4, 2, 3, 0]]
    frames = [(mother, mother)] * 2 + [(kept, daughters)] * 2
    found = tracking_score(frames, pred, truth)
    assert found.det == 1
    operations = dict(found.operations)
    assert (operations["EA"], operations["EC"], operations["ED"]) == (1, 1, 0)
    # six vertices and five edges from scratch cost 10 * 6 + 1.5 * 5
    assert found.tra == pytest.approx(1 - (1.5 + 1) / 67.5)


def test_nothing_predicted_and_nothing_true():
    tracks = [[1, 0, 1, 0]]
    found = tracking_score([(NONE, ONE)] * 2, [], tracks)
    assert (found.det, found.tra) == (0, 0)
    found = tracking_score([(ONE, NONE)] * 2, tracks, [])
    assert math.isnan(found.det)
    assert found.reason == "no true object"


def test_a_single_frame():
    found = tracking_score([(ONE, ONE)], [[1, 0, 0, 0]], [[1, 0, 0, 0]])
    assert (found.det, found.tra) == (1, 1)


@pytest.mark.parametrize(
    ("tracks", "words"),
    [
        ([[1, 0, 1, 0], [1, 0, 0, 0]], "label 1 has more than one track"),
        ([[1, 0, 2, 0]], "track 1 runs from frame 0 to 2 of 2"),
        ([[1, 1, 0, 0]], "track 1 runs from frame 1 to 0"),
        ([[1, 0, 1, 1]], "the parent 1 of track 1 does not end before it"),
        ([[1, 0, 1, 9]], "the parent 9 of track 1"),
        ([[1, 0, 0, 0]], "label 1 in frame 1 belongs to no track"),
        ([[1, 0, 1, 0], [2, 0, 0, 0]], "label 2 has a track through frame 0 but no"),
        ([[1, 0, 1, 0]], ""),
    ],
)
def test_tracks_that_do_not_agree_with_their_labels(tracks, words):
    fault = track_fault(np.array(tracks), [np.array([1]), np.array([1])])
    assert fault.startswith(words)
    assert bool(fault) == bool(words)
    found = tracking_score([(ONE, ONE)] * 2, tracks, [[1, 0, 1, 0]])
    assert math.isnan(found.tra) == bool(words)
    assert found.reason == (f"prediction: {fault}" if fault else "")
