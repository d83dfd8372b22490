"""The order of the review, and verdicts that outlive it."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.correction.review import VERDICTS, Queue, Reason, Suspect
from napari_cellseg.errors import OutputError


def suspect(t=0, label=1, place=(50.0, 60.0), area=300, kinds=("area",), doubt=0.5):
    reasons = tuple(Reason(kind, f"{kind} is odd", doubt) for kind in kinds)
    return Suspect(t, label, reasons, place, area)


MANY = [suspect(t=i // 2, label=i + 1, place=(20.0 * i, 30.0)) for i in range(5)]


def test_next_passes_over_what_was_judged_and_comes_round():
    queue = Queue(MANY)
    assert queue.next() == MANY[0]
    queue.judge(MANY[1], "accepted")
    assert queue.next(MANY[0]) == MANY[2]
    assert queue.next(MANY[4]) == MANY[0]
    assert queue.next(suspect(t=9)) == MANY[0]
    for one in MANY[1:]:
        queue.judge(one, "skipped")
    assert queue.next(MANY[3]) == MANY[0]
    assert queue.next(MANY[0]) is None
    queue.judge(MANY[0], "corrected")
    assert queue.next() is None


def test_previous_goes_back_to_what_was_judged():
    queue = Queue(MANY)
    queue.judge(MANY[1], "accepted")
    assert queue.previous(MANY[2]) == MANY[1]
    assert queue.previous(MANY[0]) is None
    assert queue.previous() == MANY[-1]
    assert Queue().previous() is None
    assert Queue().next() is None


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*VERDICTS, None]))))
def test_the_last_verdict_counts(steps):
    queue, plain = Queue(MANY), {}
    for i, verdict in steps:
        if verdict is None:
            queue.withdraw(MANY[i])
            plain.pop(i, None)
        else:
            queue.judge(MANY[i], verdict)
            plain[i] = verdict
    assert [queue.verdict(one) for one in MANY] == [plain.get(i) for i in range(5)]
    again = Queue(MANY, queue.verdicts)
    assert again.verdicts == queue.verdicts


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({"label": 40}, True),
        ({"place": (51.5, 61.0)}, True),
        ({"place": (54.0, 60.0)}, False),
        ({"area": 360}, True),
        ({"area": 250}, True),
        ({"area": 400}, False),
        ({"area": 200}, False),
        ({"t": 1}, False),
        ({"kinds": ("area",)}, True),
        ({"kinds": ("area", "outline", "split")}, False),
        ({"doubt": 0.9}, True),
    ],
)
def test_a_verdict_holds_until_the_cell_is_another(change, holds):
    first = suspect(kinds=("area", "split"))
    queue = Queue([first])
    queue.judge(first, "accepted")
    other = suspect(**{"kinds": ("area", "split")} | change)
    queue.replace([other])
    assert queue.verdict(other) == ("accepted" if holds else None)
    queue.replace([first])
    assert queue.verdict(first) == "accepted"


def test_a_new_verdict_takes_the_place_of_one_that_held():
    first = suspect()
    later = replace(first, area=320)
    queue = Queue([first])
    queue.judge(first, "accepted")
    queue.judge(later, "corrected")
    assert queue.verdicts == {later.key: "corrected"}
    queue.withdraw(first)
    assert queue.verdicts == {}


def test_a_verdict_is_one_of_three():
    with pytest.raises(ValueError, match="not 'fine'"):
        Queue(MANY).judge(MANY[0], "fine")


def test_the_table(tmp_path):
    odd = suspect(t=3, label=7, place=(1.234, 5.0), kinds=("area", "split"))
    queue = Queue([*MANY, odd], checked=[3])
    queue.judge(odd, "corrected")
    path = tmp_path / "review.csv"
    queue.write_csv(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert rows[-1] == {
        "frame": "3",
        "label": "7",
        "y": "1.23",
        "x": "5.0",
        "doubt": "0.75",
        "reasons": "area is odd; split is odd",
        "verdict": "corrected",
        "checked": "True",
    }
    assert rows[0]["verdict"] == ""
    assert rows[0]["checked"] == "False"


def test_a_table_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(OutputError, match=r"gone.*cannot be written"):
        Queue(MANY).write_csv(tmp_path / "gone" / "review.csv")
