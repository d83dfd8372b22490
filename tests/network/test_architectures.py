from __future__ import annotations

import copy
import hashlib
import socket
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import resnet18

from napari_cellseg.errors import ModelError
from napari_cellseg.network import pretrained
from napari_cellseg.network.architectures import (
    build_network,
    fuse_normalisation,
    initialise,
)
from napari_cellseg.network.architectures.mask_rcnn import instances
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.network.pretrained import load_pretrained
from napari_cellseg.training.instances import instance_target

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("unet", "plain-unet", "asymmetric-unet", "deeplabv3+", "encoder-unet")
WIDTHS = (4, 8, 8, 8, 8)


def small(kind: str, **settings: object) -> Architecture:
    return Architecture.model_validate({"kind": kind, "widths": WIDTHS} | settings)


@pytest.mark.parametrize("inputs", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_grey_image_gives_the_maps(kind: str, inputs: int) -> None:
    maps = ("nucleus", "cytoplasm", "background")
    architecture = small(kind, inputs=inputs, maps=maps, dropout=0.2)
    network = build_network(architecture)
    images = torch.rand(2, 1, 64, 2 * architecture.stride)
    assert network(images).shape == (2, 3, 64, 2 * architecture.stride)
    # one image in training: its pooled features have no spread
    assert network(images[:1]).isfinite().all()
    network.eval()
    torch.testing.assert_close(network(images[:1]), network(images)[:1])


@pytest.mark.parametrize("kind", KINDS)
def test_fused_normalisation_changes_nothing(kind: str) -> None:
    network = build_network(small(kind)).eval()
    for name, buffer in network.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 2)
    image = torch.rand(1, 1, 64, 64)
    fused = fuse_normalisation(network)
    torch.testing.assert_close(fused(image), network(image), rtol=1e-3, atol=1e-4)


def test_the_plain_unet_is_the_papers() -> None:
    widths = (16, 32, 64, 128, 256)
    network = build_network(Architecture(kind="plain-unet", widths=widths, dropout=0.2))
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    # two a step, five steps down, four up, and the last one
    assert len(convolutions) == 19
    assert [c.out_channels for c in convolutions[:10:2]] == list(widths)
    assert convolutions[10].in_channels == 256 + 128
    assert not any(isinstance(m, nn.BatchNorm2d) for m in network.modules())
    assert {m.p for m in network.modules() if isinstance(m, nn.Dropout)} == {0.2}


def test_the_asymmetric_unet_is_the_papers() -> None:
    widths = (32, 64, 128, 128, 256)
    architecture = Architecture(kind="asymmetric-unet", widths=widths, dropout=0.3)
    network = build_network(architecture)
    lowest = []
    network.upward[0].register_forward_hook(  # type: ignore[union-attr, index]
        lambda _, inputs, __: lowest.append(inputs[0].shape)
    )
    network(torch.rand(1, 1, 160, 160))
    assert lowest == [(1, 256, 5, 5)]
    dropped = [m.p for m in network.modules() if isinstance(m, nn.Dropout) and m.p]
    assert dropped == [0.3, 0.3, 0.3]


def test_weights_are_drawn_as_named() -> None:
    layer = nn.Sequential(nn.Conv2d(64, 32, 3))
    torch.manual_seed(0)
    for how, spread in (
        ("xavier", (2 / (96 * 9)) ** 0.5),
        ("kaiming", (2 / 576) ** 0.5),
    ):
        initialise(layer, how)
        assert layer[0].weight.std().item() == pytest.approx(spread, rel=0.03)
        assert not layer[0].bias.any()
    before = layer[0].weight.clone()
    initialise(layer, "default")
    assert torch.equal(layer[0].weight, before)


@pytest.fixture(scope="module")
def mask_rcnn() -> nn.Module:
    torch.manual_seed(0)
    return build_network(Architecture(kind="mask-rcnn", encoder="resnet18"))


def test_a_mask_rcnn_gives_losses_and_instances(mask_rcnn: nn.Module) -> None:
    labels = np.zeros((64, 96), np.int32)
    labels[5:25, 5:25] = 3
    labels[30:60, 50:90] = 7
    images = torch.rand(2, 1, 64, 96)
    targets = [instance_target(labels), instance_target(labels * 0)]
    losses = mask_rcnn.train()(images, targets)
    assert len(losses) == 5
    assert all(loss.isfinite() for loss in losses.values())
    found, probability = instances(mask_rcnn.eval(), images[0, 0].numpy())
    assert found.shape == probability.shape == (64, 96)
    assert found.dtype == np.uint16
    assert set(np.unique(found)) == set(range(found.max() + 1))
    assert (probability[found > 0] > 0.5).all()


class Found(nn.Module):
    """Stands in for a network: two cells, the lower score first."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, images: torch.Tensor) -> list[dict[str, torch.Tensor]]:
        boxes = torch.tensor([[0.0, 0, 20, 20], [10, 0, 30, 20], [40, 0, 60, 20]])
        masks = torch.full((3, 1, 28, 28), 0.9)
        masks[2] = 0.4  # no pixel of it is more likely a cell than not
        scores = torch.tensor([0.6, 0.8, 0.7])
        return [{"boxes": boxes, "scores": scores, "masks": masks}]


def test_the_higher_score_has_the_pixel() -> None:
    labels, probability = instances(Found(), np.zeros((30, 64), np.float32))
    assert labels[10, 15] == labels[10, 25] == 1
    assert labels[10, 5] == 2
    assert labels.max() == 2
    assert labels[10, 50] == 0
    assert probability[10, 15] == pytest.approx(0.9)
    assert probability[10, 50] == pytest.approx(0.4)


def test_masks_learn_by_the_weights_within_their_boxes(mask_rcnn: nn.Module) -> None:
    weights = np.ones((64, 64), np.float32)
    labels = np.zeros((64, 64), np.int32)
    labels[8:40, 8:40] = 1
    weights[8:40, 8:40] = 3
    target = instance_target(labels, weights)
    box, cell = target["boxes"], torch.tensor([0])
    seen = {}

    def note(
        logits: torch.Tensor, truth: torch.Tensor, w: torch.Tensor
    ) -> torch.Tensor:
        seen.update(truth=truth, weights=w)
        return logits.sum()

    heads = mask_rcnn.roi_heads
    usual, heads.mask_loss = heads.mask_loss, note
    heads._mask_loss(torch.zeros(1, 1, 28, 28), [box], [cell], [target])
    heads.mask_loss = usual
    assert seen["truth"].shape == (1, 1, 28, 28)
    assert seen["weights"].shape == (1, 28, 28)
    assert seen["truth"][..., 2:-2, 2:-2].min() == 1
    assert seen["weights"][..., 2:-2, 2:-2].min() == 3


def test_frozen_normalisation_stays_as_it_is(mask_rcnn: nn.Module) -> None:
    layer = mask_rcnn.backbone.body.bn1
    assert mask_rcnn.train().backbone.body.bn1.training
    mask_rcnn.frozen.fill_(True)
    mask_rcnn.train()
    assert not layer.training
    assert not layer.weight.requires_grad
    mask_rcnn.frozen.fill_(False)
    mask_rcnn.examine()
    assert mask_rcnn.training
    assert not layer.training
    assert mask_rcnn.train().backbone.body.bn1.weight.requires_grad


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


RESNET = Architecture(kind="deeplabv3+", inputs=1, maps=("foreground",))


def put(weights: dict[str, torch.Tensor], folder: Path) -> str:
    """Save weights as torchvision names them; return the name."""
    folder.mkdir(exist_ok=True)
    torch.save(weights, folder / "x.pth")
    digits = hashlib.sha256((folder / "x.pth").read_bytes()).hexdigest()[:8]
    (folder / "x.pth").rename(folder / f"x-{digits}.pth")
    return f"x-{digits}.pth"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch keeps what it downloads."""
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    return tmp_path / "checkpoints"


def ask(monkeypatch: pytest.MonkeyPatch, name: str, port: int = 9) -> None:
    """Ask for a file of this computer; at port 9 nothing listens."""
    address = f"http://127.0.0.1:{port}/{name}"
    monkeypatch.setattr(pretrained, "source", lambda *_: address)


def test_weights_of_imagenet_are_downloaded_once(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = resnet18().state_dict()
    name = put(weights, tmp_path / "server")
    handler = partial(_Quiet, directory=str(tmp_path / "server"))
    network = build_network(RESNET)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ask(monkeypatch, name, server.server_port)
        assert load_pretrained(network, RESNET, "imagenet") == "imagenet"
        server.shutdown()
    encoder = network.network.encoder
    assert torch.equal(encoder.layer1[0].conv1.weight, weights["layer1.0.conv1.weight"])
    grey = weights["conv1.weight"].sum(1, keepdim=True)
    torch.testing.assert_close(encoder.conv1.weight, grey)
    # the server is gone, the file is kept
    assert (kept / name).is_file()
    assert load_pretrained(build_network(RESNET), RESNET, "imagenet") == "imagenet"


def test_weights_that_cannot_be_had_are_named(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(monkeypatch, "x-f37072fd.pth")
    network = build_network(RESNET)
    before = network.network.encoder.conv1.weight.clone()
    with pytest.raises(ModelError, match=r"imagenet weights could not .*refused") as no:
        load_pretrained(network, RESNET, "imagenet")
    for part in ("--allow-random-init", "x-f37072fd.pth", str(kept)):
        assert part in str(no.value)
    assert load_pretrained(network, RESNET, "imagenet", allow_random=True) == "random"
    assert torch.equal(network.network.encoder.conv1.weight, before)


def test_a_silent_network_ends_with_the_same_words(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretrained, "SILENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ask(monkeypatch, "x-0.pth", silent.getsockname()[1])
        with pytest.raises(ModelError, match=r"imagenet weights could not .*timed out"):
            load_pretrained(build_network(RESNET), RESNET, "imagenet")
    assert socket.getdefaulttimeout() is None


def test_a_damaged_file_of_weights_is_named(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.mkdir()
    (kept / "x-f37072fd.pth").write_bytes(b"half a file")
    ask(monkeypatch, "x-f37072fd.pth")
    with pytest.raises(ModelError, match=r"f37072fd\.pth.* is damaged.*Delete it"):
        load_pretrained(build_network(RESNET), RESNET, "imagenet")


def test_weights_of_another_network_are_refused(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(monkeypatch, put({"conv1.weight": torch.zeros(64, 3, 7, 7)}, kept))
    with pytest.raises(ModelError, match=r"do not fit deeplabv3\+ on resnet18: .*bn1"):
        load_pretrained(build_network(RESNET), RESNET, "imagenet")


def test_weights_of_coco_keep_the_heads_and_freeze(
    kept: Path, monkeypatch: pytest.MonkeyPatch, mask_rcnn: nn.Module
) -> None:
    weights = {
        name: value + 1
        for name, value in mask_rcnn.state_dict().items()
        if not name.endswith(("num_batches_tracked", "frozen"))
    }
    # of 91 classes
    head = "roi_heads.box_predictor.cls_score.weight"
    weights[head] = torch.zeros(91, 1024)
    weights["backbone.body.conv1.weight"] = torch.ones(64, 3, 7, 7)
    weights["backbone.body.bn1.running_var"] = torch.full((64,), 1e-5)
    ask(monkeypatch, put(weights, kept))
    network = copy.deepcopy(mask_rcnn)
    own = Architecture(kind="mask-rcnn", encoder="resnet18", inputs=1)
    assert load_pretrained(network, own, "coco") == "coco"
    there = network.state_dict()
    proposals = "rpn.head.cls_logits.weight"
    assert torch.equal(there[proposals], weights[proposals])
    assert torch.equal(there[head], mask_rcnn.state_dict()[head])
    assert (there["backbone.body.conv1.weight"] == 3).all()
    assert there["frozen"]
    image = torch.rand(1, 64, 4, 4)
    expected = nn.functional.batch_norm(
        image.double(),
        *(
            weights[f"backbone.body.bn1.{part}"].double()
            for part in ("running_mean", "running_var", "weight", "bias")
        ),
        eps=1e-30,  # torchvision has 0
    )
    found = network.eval().backbone.body.bn1(image)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-4)


def test_the_addresses_are_torchvisions() -> None:
    assert pretrained.source(RESNET, "imagenet").endswith("/resnet18-f37072fd.pth")
    assert "maskrcnn_resnet50_fpn_coco" in pretrained.source(RESNET, "coco")
