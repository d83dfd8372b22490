from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from napari_cellseg.errors import ModelError
from napari_cellseg.network.architectures import fuse_normalisation
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.network.device import choose_device
from napari_cellseg.network.parameters import Network
from napari_cellseg.network.predict import Predictor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def predictor(model_file: Path) -> Predictor:
    return Predictor(load_bundle(model_file), torch.device("cpu"))


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 2), (33, 47), (200, 130)])
@pytest.mark.parametrize("diameter", [8.0, 24.0, 120.0])
def test_maps_have_the_images_shape(
    predictor: Predictor, shape: tuple[int, int], diameter: float
) -> None:
    image = np.random.default_rng(0).random(shape, np.float32)
    maps = predictor(image, diameter, Network())
    assert maps.names == ("foreground", "distance")
    assert maps.data.shape == (2, *shape)
    assert np.isfinite(maps.data).all()
    assert (maps["foreground"] >= 0).all()
    assert (maps["foreground"] <= 1).all()


def test_tiles_give_what_one_piece_gives(predictor: Predictor) -> None:
    image = np.random.default_rng(0).random((200, 260), np.float32)
    whole = predictor(image, 24, Network(tile=512))
    tiled = predictor(image, 24, Network(tile=96, overlap=32))
    # two resolutions and four 3x3 convolutions each see 20 px around a pixel; the
    # blending leaves a trace of the tiles' padded borders, and so does bf16
    assert np.abs(whole["foreground"] - tiled["foreground"]).max() < 0.05


def test_tiles_are_steps(predictor: Predictor) -> None:
    image = np.zeros((96, 192), np.float32)
    steps = list(predictor.steps(image, 24, Network(tile=96, overlap=0)))
    assert [step is None for step in steps] == [True, True, False]


def test_distances_scale_with_the_diameter(predictor: Predictor) -> None:
    image = np.random.default_rng(0).random((48, 48), np.float32)
    once = predictor(image, 24, Network())["distance"]
    twice = predictor(np.kron(image, np.ones((2, 2), np.float32)), 48, Network())
    assert twice["distance"].mean() == pytest.approx(2 * once.mean(), rel=0.02)


def test_distances_stay_true_where_cells_are_shown_larger(
    model_file: Path, tmp_path: Path
) -> None:
    bundle = load_bundle(model_file)
    larger = tmp_path / "larger.safetensors"
    weights = bundle.network.state_dict()
    save_bundle(larger, weights, bundle.architecture, 48.0, {}, bundle.unit)
    image = np.random.default_rng(0).random((48, 48), np.float32)
    device = torch.device("cpu")
    # both see the same pixels: a network pixel is half as large in the image then
    once = Predictor(bundle, device)(image, 24.0, Network())["distance"]
    twice = Predictor(load_bundle(larger), device)(image, 48.0, Network())["distance"]
    np.testing.assert_allclose(twice, once, rtol=1e-3, atol=1e-2)


def test_fused_normalisation_changes_nothing(model_file: Path) -> None:
    network = load_bundle(model_file).network
    for buffer in network.buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 2)
    image = torch.rand(1, 1, 16, 24)
    fused = fuse_normalisation(network)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in fused.modules())
    torch.testing.assert_close(fused(image), network(image), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("overlap", [64, 65])
def test_tiles_that_do_not_advance_are_refused(overlap: int) -> None:
    with pytest.raises(ValidationError, match=r"must be below tile \(64 px\)"):
        Network(tile=64, overlap=overlap)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ModelError, match=r"no tpu device here; choose auto or .*cpu"):
        choose_device("tpu")  # type: ignore[arg-type]


def test_an_absent_device_is_refused() -> None:
    if torch.cuda.is_available():
        pytest.skip("this computer has a CUDA device")
    with pytest.raises(ModelError, match=r"no cuda device here; choose auto or .*cpu"):
        choose_device("cuda")
