"""The losses, on numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError

from napari_cellseg.network.parameters import Architecture
from napari_cellseg.protocol import Protocol
from napari_cellseg.training.losses import choose_loss, shape_weights

LOG3 = math.log(3)  # logistic(log 3) = 3/4; of classes with logits 0, log 3: 1/4, 3/4


def row(*maps: list[float]) -> torch.Tensor:
    """Maps of one image of one row: (1, C, 1, X)."""
    return torch.tensor(maps)[None, :, None]


def loss(
    name: str,
    predicted: torch.Tensor,
    truth: torch.Tensor,
    weights: torch.Tensor | None = None,
    activation: str = "logistic",
) -> float:
    maps = {1: ["foreground"], 2: ["background", "foreground"]}
    maps[3] = ["nucleus", "cytoplasm", "background"]
    protocol = Protocol(
        loss=name,
        architecture=Architecture(maps=maps[predicted.shape[1]], activation=activation),
    )
    return choose_loss(protocol)(predicted, truth, weights).item()


def test_cross_entropy_of_one_map() -> None:
    value = loss("cross-entropy", row([LOG3, LOG3]), row([1.0, 0.0]))
    assert value == pytest.approx((-math.log(0.75) - math.log(0.25)) / 2)


def test_cross_entropy_of_classes() -> None:
    predicted, truth = row([0.0, 0.0], [LOG3, LOG3]), row([0.0, 1.0], [1.0, 0.0])
    value = loss("cross-entropy", predicted, truth, activation="softmax")
    assert value == pytest.approx((-math.log(0.75) - math.log(0.25)) / 2)


def test_focal_loss_looks_at_what_is_hard() -> None:
    by_hand = (0.25**2 * -math.log(0.75) + 0.75**2 * -math.log(0.25)) / 2
    value = loss("focal", row([LOG3, LOG3]), row([1.0, 0.0]))
    assert value == pytest.approx(by_hand)
    predicted, truth = row([0.0, 0.0], [LOG3, LOG3]), row([0.0, 1.0], [1.0, 0.0])
    value = loss("focal", predicted, truth, activation="softmax")
    assert value == pytest.approx(by_hand)


@pytest.mark.parametrize("activation", ["logistic", "softmax"])
def test_shape_aware_loss_weights_the_pixels(activation: str) -> None:
    predicted, truth = row([LOG3, LOG3]), row([1.0, 0.0])
    if activation == "softmax":
        predicted = row([0.0, 0.0], [LOG3, LOG3])
        truth = row([0.0, 1.0], [1.0, 0.0])
    weights = torch.tensor([[[2.0, 5.0]]])
    value = loss("shape-aware", predicted, truth, weights, activation)
    assert value == pytest.approx((-2 * math.log(0.75) - 5 * math.log(0.25)) / 2)


def test_shape_weights_fall_from_the_outlines() -> None:
    labels = np.zeros((1, 60), np.int32)
    labels[0, 40:50] = 1
    labels[0, 50:] = 2

    def near(distance: float) -> float:
        return 10 * math.exp(-(distance**2) / 50)

    weights = shape_weights(labels)
    assert weights.dtype == np.float32
    # 40 background pixels, 20 of cells
    assert weights[0, 39] == pytest.approx(1 + near(0.5))
    assert weights[0, 30] == pytest.approx(1 + near(9.5))
    assert weights[0, 0] == pytest.approx(1, abs=1e-6)
    assert weights[0, 40] == weights[0, 49] == weights[0, 50]
    assert weights[0, 50] == pytest.approx(2 + near(0.5))
    # the border is no outline
    assert weights[0, 59] == pytest.approx(2 + near(9.5))


@given(arrays(np.int32, (7, 9), elements=st.integers(0, 2)))
def test_shape_weights_are_of_the_nearest_edge(labels: np.ndarray) -> None:
    ends = []  # of edges (y, x) and (y, x), a pixel's centre at whole numbers
    for y, x in np.ndindex(labels.shape):
        if y + 1 < 7 and labels[y, x] != labels[y + 1, x]:
            ends.append(((y + 0.5, x - 0.5), (y + 0.5, x + 0.5)))
        if x + 1 < 9 and labels[y, x] != labels[y, x + 1]:
            ends.append(((y - 0.5, x + 0.5), (y + 0.5, x + 0.5)))
    first, last = np.moveaxis(np.array(ends).reshape(-1, 2, 2), 1, 0)
    inside = (labels > 0).sum()
    expected = np.where(labels > 0, (labels.size - inside) / max(inside, 1), 1.0)
    for place in np.ndindex(labels.shape):
        if inside and ends:
            near = np.hypot(*(np.clip(place, first, last) - place).T).min()
            expected[place] += 10 * np.exp(-(near**2) / 50)
    np.testing.assert_allclose(shape_weights(labels), expected, atol=1e-4)


def test_shape_weights_without_cells_or_background() -> None:
    assert (shape_weights(np.zeros((3, 4), int)) == 1).all()
    assert np.isfinite(shape_weights(np.ones((3, 4), int))).all()


def test_jaccard_is_of_areas() -> None:
    predicted = row([LOG3, LOG3, -LOG3, -LOG3])
    # overlap 3/4 + 1/4, sum of both 2 + 2, one pixel is added above and below
    value = loss("jaccard", predicted, row([1.0, 0.0, 1.0, 0.0]))
    assert value == pytest.approx(1 - (1 + 1) / (4 - 1 + 1))
    empty = loss("jaccard", row([-50.0]), row([0.0]))
    assert empty == pytest.approx(0, abs=1e-6)


def test_rmsd_holds_the_sum_to_one() -> None:
    # probabilities 3/4, 3/4, 1/4 at the first pixel, 1/4 each at the second
    predicted = row([LOG3, -LOG3], [LOG3, -LOG3], [-LOG3, -LOG3])
    truth = row([1.0, 0.0], [0.0, 0.0], [0.0, 1.0])
    off = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.25)]  # the last: sums
    by_hand = sum(math.sqrt((a**2 + b**2) / 2) for a, b in off)
    assert loss("rmsd", predicted, truth) == pytest.approx(by_hand)


def test_rmsd_has_a_slope_where_all_is_right() -> None:
    predicted = row([200.0], [-200.0], [-200.0]).requires_grad_()
    architecture = Architecture(maps=("nucleus", "cytoplasm", "background"))
    measure = choose_loss(Protocol(loss="rmsd", architecture=architecture))
    measure(predicted, row([1.0], [0.0], [0.0]), None).backward()
    assert predicted.grad.isfinite().all()


def test_foreground_and_distance() -> None:
    predicted = row([LOG3, LOG3], [0.7, 0.5])
    truth = row([1.0, 0.0], [0.2, 0.0])
    entropy = (-math.log(0.75) - math.log(0.25)) / 2
    dice = 1 - (2 * 0.75 + 1) / (1.5 + 1 + 1)
    # a weight of 1 / (0.3 + 0.2) in the cell, 1/4 outside; both are off by 1/2
    value = choose_loss(Protocol())(predicted, truth, None).item()
    assert value == pytest.approx(entropy + 0.5 * dice + 2 * 0.5)


CLASSES = {"maps": ["background", "foreground"], "activation": "softmax"}
FOREGROUND = {"maps": ["foreground"]}
CELLS = {"kind": "mask-rcnn", "encoder": "resnet18"} | FOREGROUND


@pytest.mark.parametrize(
    ("architecture", "settings", "said"),
    [
        (FOREGROUND, {}, "needs architecture.maps = foreground, distance"),
        ({}, {"loss": "jaccard"}, "'jaccard' has no distance"),
        (FOREGROUND, {"loss": "rmsd"}, "sum of 1: add background"),
        (FOREGROUND | {"activation": "softmax"}, {"loss": "focal"}, "add background"),
        (CELLS, {"loss": "jaccard"}, "'cross-entropy', 'focal' or 'shape-aware'"),
        (
            CELLS,
            {"loss": "focal", "pretrained": "coco"},
            "encoder = 'resnet50'; these are 'mask-rcnn' and 'resnet18'",
        ),
        ({}, {"test": 0.1}, "test = 0.1 is drawn where split = 'random'"),
        ({}, {"cover": "all", "crop": 0}, "cover = 'all' is of crops"),
        (
            {},
            {"pretrained": "imagenet"},
            "kind = 'unet' has none: set .* to 'no'",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    architecture: dict[str, object], settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Protocol.model_validate({"architecture": architecture} | settings)


def test_parts_that_fit() -> None:
    for architecture, loss in ((CLASSES, "shape-aware"), (CELLS, "focal")):
        settings = {"architecture": architecture, "loss": loss}
        assert Protocol.model_validate(settings).loss == loss
