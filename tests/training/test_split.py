from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.errors import ImageError
from napari_cellseg.protocol import Protocol
from napari_cellseg.training.folders import Pair
from napari_cellseg.training.split import split


def pairs(number: int, **attributes: str) -> list[Pair]:
    return [Pair(str(i), Path(f"{i}.png"), None, attributes) for i in range(number)]


@given(st.integers(20, 200), st.integers(0, 9), st.floats(0.1, 0.4), st.floats(0, 0.4))
def test_random_parts_are_disjoint_complete_and_repeatable(
    number: int, seed: int, validation: float, test: float
) -> None:
    protocol = Protocol(split="random", validation=validation, test=test, seed=seed)
    if 0 < test * number <= 0.5:
        protocol = protocol.replace(test=0)
    images = pairs(number)
    parts = split(images, protocol)
    names = [p.name for part in parts for p in part]
    assert sorted(names) == sorted(p.name for p in images)
    assert parts == split(images, protocol)
    assert abs(len(parts.test) - protocol.test * number) <= 0.5
    rest = number - len(parts.test)
    assert abs(len(parts.validation) - validation * rest) <= 0.5


def test_another_seed_draws_other_images() -> None:
    first = split(pairs(100), Protocol(split="random"))
    second = split(pairs(100), Protocol(split="random", seed=1))
    assert first.validation != second.validation


@pytest.mark.parametrize(
    ("number", "shares", "parts"),
    [
        (168, {"validation": 0.2}, (134, 34, 0)),
        (230, {"validation": 0.2}, (184, 46, 0)),
        (670, {"validation": 0.1, "test": 0.2}, (482, 54, 134)),
        (100, {"validation": 0.1111, "test": 0.1}, (80, 10, 10)),
    ],
    ids=["lin2022 HeLa", "lin2022 U373", "aydin2022", "alkofahi2018"],
)
def test_the_papers_numbers(
    number: int, shares: dict[str, float], parts: tuple[int, int, int]
) -> None:
    found = split(pairs(number), Protocol(split="random", **shares))
    assert tuple(map(len, found)) == parts


@pytest.mark.parametrize(
    ("number", "shares", "said"),
    [
        (3, {"validation": 0.1}, "Of 3 .* none is left for validation"),
        (2, {"validation": 0, "test": 0.2}, "none is left for tests"),
        (1, {"validation": 0.9}, "none is left for training"),
    ],
)
def test_an_empty_part_is_refused(
    number: int, shares: dict[str, float], said: str
) -> None:
    with pytest.raises(ImageError, match=said):
        split(pairs(number), Protocol(split="random", **shares))


def test_a_sequence_validates() -> None:
    images = pairs(3, sequence="01") + pairs(2, sequence="02")
    parts = split(images, Protocol(split="sequence"))
    assert (parts.train, parts.validation, parts.test) == (images[3:], images[:3], [])


@pytest.mark.parametrize("sequence", [1, "01"])
def test_a_sequence_may_be_a_number(sequence: object) -> None:
    assert Protocol.model_validate({"sequence": sequence}).sequence == "01"


@pytest.mark.parametrize("attributes", [{}, {"sequence": "01"}, {"sequence": "02"}])
def test_a_sequence_needs_another_one(attributes: dict[str, str]) -> None:
    with pytest.raises(ImageError, match="Sequence 01 is to validate"):
        split(pairs(4, **attributes), Protocol(split="sequence"))


def test_the_index_decides() -> None:
    values = ("train", "val", "test", "train")
    images = [pair for value in values for pair in pairs(1, split=value)]
    parts = split(images, Protocol())
    assert parts == ([images[0], images[3]], [images[1]], [images[2]])


def test_without_an_index_a_tenth_validates() -> None:
    parts = split(pairs(500), Protocol())
    assert 30 < len(parts.validation) < 70
    assert not parts.test
