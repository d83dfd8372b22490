"""The report: pooled counts, what is null and why, and that it is lazy."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from napari_cellseg.errors import ImageError
from napari_cellseg.metrics import TrackingScore, evaluate

TRUTH = np.array([[1, 1, 1, 1, 0], [0, 0, 0, 0, 0], [2, 2, 0, 3, 3]])
# object 1 cut to 3 of 4 pixels, object 2 exact, object 3 missed, 9 invented
PRED = np.array([[4, 4, 4, 0, 0], [0, 0, 9, 0, 0], [7, 7, 0, 0, 0]])
EMPTY = np.zeros_like(TRUTH)


def test_worked_by_hand():
    found = evaluate([("a", PRED, TRUTH)]).as_json()
    assert found["pixel"] == {
        "f1": pytest.approx(10 / 14),
        "iou": pytest.approx(5 / 9),
        "accuracy": pytest.approx(11 / 15),
        "precision": pytest.approx(5 / 6),
        "recall": pytest.approx(5 / 8),
    }
    assert list(found["ap"]) == [f"{0.5 + 0.05 * i:.2f}" for i in range(10)]
    assert found["ap"]["0.50"] == found["ap"]["0.75"] == 0.5
    assert found["ap"]["0.80"] == found["ap"]["0.95"] == 0.2
    assert found["dsb_score"] == pytest.approx((6 * 0.5 + 4 * 0.2) / 10)
    assert found["instance"] == {
        "threshold": 0.5,
        "tp": 2,
        "fp": 1,
        "fn": 1,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(2 / 3),
    }
    assert found["centroid"] == {
        "tp": 2,
        "fp": 1,
        "fn": 1,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
        "mean_distance_px": pytest.approx(0.25),
    }
    assert found["seg"] == pytest.approx(1.75 / 3)
    assert found["sm"] == pytest.approx(0.6 * (6 / 7 + 1) / 3 + 0.4 * 4 / 6)
    assert found["count"] == {"pred": 3, "truth": 3}
    assert found["det"] is None
    assert found["reasons"] == {"det": "no tracks given", "tra": "no tracks given"}


def test_means_over_frames_and_pooled_counts():
    found = evaluate([("a", PRED, TRUTH), ("b", TRUTH, TRUTH)])
    assert found.ap["0.50"] == pytest.approx(0.75)
    assert (found.instances.tp, found.instances.fp, found.instances.fn) == (5, 1, 1)
    assert found.seg == pytest.approx((1.75 + 3) / 6)


def test_a_frame_without_a_prediction_is_an_empty_prediction():
    found = evaluate([("a", None, TRUTH)])
    assert found == evaluate([("a", None, TRUTH)])
    assert found.frames[0].missing
    written = found.as_json()
    assert written["ap"]["0.50"] == written["dsb_score"] == written["seg"] == 0
    assert written["instance"]["precision"] is None
    assert written["reasons"]["instance.precision"] == "no objects in the prediction"
    assert written["provenance"]["frames_without_prediction"] == 1


def test_a_frame_without_objects_is_left_out_of_the_mean():
    found = evaluate([("a", EMPTY, EMPTY), ("b", TRUTH, TRUTH)]).as_json()
    assert found["ap"]["0.50"] == found["dsb_score"] == found["sm"] == 1
    assert found["frames"][0]["dsb_score"] is None
    assert found["provenance"]["frames_without_objects"] == 1
    assert evaluate([("a", PRED, EMPTY), ("b", TRUTH, TRUTH)]).dsb_score == 0.5


@pytest.mark.parametrize("pairs", [[], [("a", EMPTY, EMPTY)]])
def test_whatever_is_null_has_a_reason(pairs):
    found = evaluate(pairs).as_json()
    json.dumps(found, allow_nan=False)
    assert found["dsb_score"] is None
    assert found["seg"] is None
    null = {
        f"{group}.{name}"
        for group in ("pixel", "ap", "instance", "centroid")
        for name, value in found[group].items()
        if value is None
    }
    null |= {"success_rate", "dsb_score", "sm", "seg", "det", "tra"}
    assert set(found["reasons"]) == null
    assert all(found["reasons"].values())


def test_tracking_scores_are_passed_on():
    found = evaluate([("a", TRUTH, TRUTH)], tracking=TrackingScore(0.9, 0.8)).as_json()
    assert (found["det"], found["tra"], found["reasons"]) == (0.9, 0.8, {})
    bad = TrackingScore(math.nan, math.nan, "prediction: label 1 in frame 0 ...")
    found = evaluate([("a", TRUTH, TRUTH)], tracking=bad).as_json()
    assert found["reasons"]["tra"].startswith("prediction")


def test_rows_for_a_table():
    rows = evaluate([("a", PRED, TRUTH), ("b", TRUTH, TRUTH)]).as_rows()
    assert [row["name"] for row in rows] == ["a", "b", "all"]
    assert len({tuple(sorted(row)) for row in rows}) == 1
    assert rows[-1]["tp"] == 5
    assert rows[-1]["ap50"] == pytest.approx(0.75)


def test_other_thresholds_and_provenance():
    found = evaluate(
        [("a", PRED, TRUTH)], thresholds=[0.3], threshold=0.8, inputs={"pred": "x"}
    ).as_json()
    assert found["ap"] == {"0.30": 0.5}
    assert found["instance"]["tp"] == 1
    assert found["dsb_score"] == pytest.approx(0.38)
    assert found["frames"][0]["ap50"] == 0.5
    assert found["provenance"]["inputs"] == {"pred": "x"}
    assert found["provenance"]["thresholds"] == [0.3]


def test_errors_name_the_frame():
    with pytest.raises(ImageError, match=r"t007: .*\(3, 5\) against \(5, 3\)"):
        evaluate([("t007", TRUTH, TRUTH.T)])
    with pytest.raises(ImageError, match=r"t007: .*float64"):
        evaluate([("t007", TRUTH * 1.0, TRUTH)])


def test_one_frame_in_memory_at_a_time():
    seen = []

    def pairs():
        for name in "ab":
            seen.append(name)
            yield name, TRUTH, TRUTH

    assert len(evaluate(pairs()).frames) == len(seen) == 2


@pytest.mark.parametrize("area", ["metrics", "tracking"])
def test_import_is_light(area):
    code = (
        f"import sys, napari_cellseg.{area}; print(sorted({{'pandas', 'laptrack', "
        "'ctc_metrics', 'networkx', 'torch', 'sklearn', 'cv2', 'skimage'}"
        " & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_the_success_rate_counts_true_cells_alone():
    assert evaluate([("a", PRED, TRUTH)]).success_rate == pytest.approx(2 / 3)
    written = evaluate([("a", PRED, EMPTY)]).as_json()
    assert written["success_rate"] is None
    assert written["reasons"]["success_rate"] == "no objects in the truth"
