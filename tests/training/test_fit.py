from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from napari_cellseg.errors import ImageError
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.protocol import Protocol
from napari_cellseg.training.batches import (
    PLAIN,
    epoch_order,
    make_batch,
    training_batches,
    validation_batches,
)
from napari_cellseg.training.checkpoint import (
    Run,
    read_state,
    snapshot,
    weights,
    write_state,
)
from napari_cellseg.training.dataset import Example
from napari_cellseg.training.fit import Epoch, fit
from napari_cellseg.training.run import first_network
from napari_cellseg.training.schedule import learning_rate
from napari_cellseg.training.targets import distance_to_outline

if TYPE_CHECKING:
    from pathlib import Path

CPU = torch.device("cpu")
WHOLE = Protocol(
    architecture=Architecture(
        kind="plain-unet",
        widths=(4, 8),
        maps=("background", "foreground"),
        activation="softmax",
        dropout=0.2,
    ),
    augmentation=PLAIN.replace(flip="both", rotation=90),
    loss="cross-entropy",
    optimizer="adam",
    schedule="steps",
    step_epochs=1,
    learning_rate=0.01,
    averaging=0,
    crop=0,
    batch=2,
    epochs=3,
)


def examples(*sides: int) -> list[Example]:
    made = []
    for seed, side in enumerate(sides):
        labels = np.zeros((side, side), np.int32)
        labels[4:14, 4 + seed : 16 + seed] = 1
        labels[18:28, 8:20] = 2
        noise = np.random.default_rng(seed).normal(0, 0.05, labels.shape)
        image = ((labels > 0) + noise).astype(np.float32)
        nuclei = np.where(distance_to_outline(labels) > 3, labels, 0).astype(np.int32)
        made.append(Example(image, labels, distance_to_outline(labels), nuclei))
    return made


def run(protocol: Protocol, checks: int = 1) -> list[Epoch]:
    network, _ = first_network(protocol)
    data = examples(32, 32, 32, 32)
    return list(fit(network, data, data[:checks], protocol, CPU))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"keep": "best", "patience": 2},
        {"averaging": 0.5, "optimizer": "adamw", "schedule": "one-cycle"},
    ],
)
def test_a_resumed_run_is_the_same_run(
    settings: dict[str, object], tmp_path: Path
) -> None:
    protocol = WHOLE.replace(**settings)
    whole = run(protocol)
    data = examples(32, 32, 32, 32)
    network, _ = first_network(protocol)
    first = next(fit(network, data, data[:1], protocol, CPU))
    write_state(tmp_path / "state", first.state, {}, {"seconds": 1.5})
    state, notes = read_state(tmp_path / "state", {})
    assert notes == {"seconds": 1.5}
    network, _ = first_network(protocol, resume=True)
    rest = list(fit(network, data, data[:1], protocol, CPU, state))
    assert [e.number for e in rest] == [2, 3]
    for name, value in whole[-1].state.items():
        torch.testing.assert_close(rest[-1].state[name], value, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("keep", "kept"), [("best", 1.0), ("last", 3.0)])
def test_the_epoch_that_is_kept(keep: str, kept: float) -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    state = Run(network, None, torch.optim.Adam(network.parameters()))
    for weight, loss in enumerate([2.0, 1.0, 1.5, float("nan")]):
        torch.nn.init.constant_(network.weight, weight)
        state.judge(loss, keep == "best")
    assert state.lowest == 1.0
    assert state.stale == 2
    assert weights(snapshot(state))["weight"].item() == kept


def test_training_stops_when_nothing_improves() -> None:
    # without dropout and steps the first epoch stays the best
    still = WHOLE.replace(learning_rate=1e-12, patience=2, epochs=9)
    epochs = run(still)
    losses = [e.validation_loss for e in epochs]
    best = int(np.argmin(losses))
    assert len(epochs) == best + 3 < 9


def test_validation_is_looked_at_within_an_epoch() -> None:
    (first, *_) = run(WHOLE.replace(validate_every=1, epochs=1))
    assert [step for step, _ in first.looks] == [1, 2]
    assert first.looks[-1][1] == pytest.approx(first.validation_loss, abs=1e-6)


def test_without_images_validation_is_not_looked_at() -> None:
    (first, *_) = run(WHOLE.replace(validate_every=1, epochs=1), checks=0)
    assert first.looks == ()


@pytest.mark.parametrize("settings", [{"keep": "best"}, {"patience": 3}])
def test_what_needs_validation_is_refused_without(settings: dict[str, object]) -> None:
    with pytest.raises(ImageError, match="needs images to validate with"):
        run(WHOLE.replace(**settings), checks=0)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [1, 1, 1, 1, 1, 1, 1]),
        ("steps", [1, 1, 1, 0.1, 0.1, 0.1, 0.01]),
    ],
)
def test_learning_rates(schedule: str, rates: list[float]) -> None:
    protocol = Protocol(schedule=schedule, learning_rate=1, epochs=7)
    found = [learning_rate(protocol, n, 0.5) for n in range(1, 8)]
    assert found == pytest.approx(rates)


def test_whole_images_of_one_shape_come_together() -> None:
    data = examples(32, 48, 32, 48, 32)
    groups = epoch_order(data, WHOLE, np.random.default_rng(0))
    assert sorted(i for group in groups for i, _ in group) == [0, 1, 2, 3, 4]
    for group in groups:
        assert len({data[i].image.shape for i, _ in group}) == 1
    assert sorted(map(len, groups)) == [1, 2, 2]


def test_crops_fill_their_batches() -> None:
    protocol = Protocol(crop=32, batch=4)
    data = examples(32, 64, 96)
    (group,) = epoch_order(data, protocol, np.random.default_rng(0))
    assert len(group) == 4  # of 1 + 2 + 3 crops


@pytest.mark.parametrize(("side", "tiles"), [(20, 1), (64, 4), (80, 9)])
def test_tiles_cover_an_image(side: int, tiles: int) -> None:
    protocol = Protocol(crop=32, batch=1, cover="all", augmentation=PLAIN)
    (view,) = examples(side)
    view = replace(view, image=np.arange(side**2, dtype=np.float32).reshape(side, side))
    groups = epoch_order([view], protocol, np.random.default_rng(0))
    learned = training_batches([view], groups, protocol, np.random.default_rng(0))
    for batches in (learned, validation_batches([view], protocol)):
        seen = [batch.images.numpy() for batch in batches]
        assert len(seen) == tiles
        assert set(np.unique(seen)) == set(range(side**2))


def test_the_papers_patches() -> None:
    protocol = Protocol(crop=160, batch=1, cover="all")
    blank = np.zeros((2048, 2048), np.float32)
    view = Example(blank, blank.astype(np.int32), blank)
    assert len(epoch_order([view], protocol, np.random.default_rng(0))) == 13**2


def test_maps_come_in_the_order_that_was_named() -> None:
    names = ("background", "cytoplasm", "nucleus")
    protocol = WHOLE.replace(architecture=Architecture(maps=names), loss="rmsd")
    (view,) = examples(32)
    truth = make_batch([view], protocol).truth[0].bool().numpy()
    np.testing.assert_array_equal(truth[0], view.labels == 0)
    np.testing.assert_array_equal(truth[1], (view.labels > 0) & (view.nuclei == 0))
    np.testing.assert_array_equal(truth[2], view.nuclei > 0)
    assert (truth.sum(0) == 1).all()
    with pytest.raises(ImageError, match="nuclei of an annotated image are not known"):
        make_batch([replace(view, nuclei=None)], protocol)


def test_a_mask_rcnn_is_trained() -> None:
    protocol = WHOLE.replace(
        architecture=Architecture(
            kind="mask-rcnn", encoder="resnet18", maps=("foreground",)
        ),
        augmentation=PLAIN,
        loss="shape-aware",
        epochs=2,
        learning_rate=1e-3,
        keep="best",
    )
    batch = make_batch(examples(32), protocol)
    assert set(batch.cells[0]) == {"boxes", "labels", "masks", "weights"}
    assert batch.cells[0]["masks"].shape == (2, 32, 32)
    epochs = run(protocol)
    assert epochs[1].loss < epochs[0].loss
    assert np.isfinite([e.validation_loss for e in epochs]).all()


@pytest.mark.parametrize(("how", "fan"), [("kaiming", 1024), ("xavier", 1026)])
def test_the_heads_of_a_mask_rcnn_are_drawn_as_named(how: str, fan: int) -> None:
    architecture = Architecture(
        kind="mask-rcnn", encoder="resnet18", maps=("foreground",)
    )
    protocol = WHOLE.replace(architecture=architecture, initialisation=how)
    network, _ = first_network(protocol)
    head = network.roi_heads.box_predictor.cls_score  # of 1024 features, 2 classes
    assert head.weight.std().item() == pytest.approx((2 / fan) ** 0.5, rel=0.1)
    assert not head.bias.any()
    network, _ = first_network(protocol.replace(initialisation="default"))
    head = network.roi_heads.box_predictor.cls_score
    assert head.weight.abs().max() <= 1024**-0.5


def test_a_cell_in_two_pieces_is_two() -> None:
    protocol = WHOLE.replace(
        architecture=Architecture(kind="mask-rcnn", maps=("foreground",))
    )
    labels = np.zeros((32, 32), np.int32)
    labels[2:8, 2:8] = labels[20:30, 20:30] = labels[15, 15] = 4
    view = Example(labels.astype(np.float32), labels, labels.astype(np.float32))
    (cells,) = make_batch([view], protocol).cells
    assert cells["boxes"].tolist() == [[2, 2, 8, 8], [20, 20, 30, 30]]
    assert "weights" not in cells
