from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import ndimage

from napari_cellseg.errors import ModelError, RecipeError
from napari_cellseg.network.activation import activate
from napari_cellseg.network.architectures import build_network, fuse_normalisation
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.network.device import choose_device
from napari_cellseg.network.parameters import Architecture, Network
from napari_cellseg.network.predict import Predictor
from napari_cellseg.network.turns import predict_turned
from napari_cellseg.preprocess import Scale

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
    maps = predictor(image, Scale(diameter=diameter), Network())
    assert maps.names == ("foreground", "distance")
    assert maps.data.shape == (2, *shape)
    assert np.isfinite(maps.data).all()
    assert (maps["foreground"] >= 0).all()
    assert (maps["foreground"] <= 1).all()


def test_tiles_give_what_one_piece_gives(predictor: Predictor) -> None:
    image = np.random.default_rng(0).random((200, 260), np.float32)
    whole = predictor(image, Scale(diameter=24), Network(tile=512))
    tiled = predictor(image, Scale(diameter=24), Network(tile=96, overlap=32))
    # two resolutions and four 3x3 convolutions each see 20 px around a pixel; the
    # blending leaves a trace of the tiles' padded borders, and so does bf16
    assert np.abs(whole["foreground"] - tiled["foreground"]).max() < 0.05


def test_tiles_are_steps(predictor: Predictor) -> None:
    image = np.zeros((96, 192), np.float32)
    steps = list(
        predictor.steps(image, Scale(diameter=24), Network(tile=96, overlap=0))
    )
    assert [step is None for step in steps] == [True, True, False]


def test_distances_scale_with_the_diameter(predictor: Predictor) -> None:
    image = np.random.default_rng(0).random((48, 48), np.float32)
    once = predictor(image, Scale(diameter=24), Network())["distance"]
    double = Scale(diameter=48)
    twice = predictor(np.kron(image, np.ones((2, 2), np.float32)), double, Network())
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
    once = Predictor(bundle, device)(image, Scale(diameter=24), Network())["distance"]
    twice = Predictor(load_bundle(larger), device)(
        image, Scale(diameter=48), Network()
    )["distance"]
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


@pytest.mark.parametrize(
    "scale",
    [
        Scale(to="image size", side=40),
        Scale(to="factor", factor=0.5),
        Scale(to="factor", factor=2.5),
    ],
)
def test_maps_come_back_from_any_scale(predictor: Predictor, scale: Scale) -> None:
    image = np.random.default_rng(0).random((33, 71), np.float32)
    assert predictor(image, scale, Network()).data.shape == (2, 33, 71)


def test_distances_follow_the_geometric_mean_of_unequal_zooms(
    predictor: Predictor,
) -> None:
    image = np.random.default_rng(0).random((64, 64), np.float32)
    square = Scale(to="image size", side=64)
    once = predictor(image, square, Network())["distance"]
    wide = predictor(np.repeat(image, 4, 1), square, Network())["distance"]
    assert wide.mean() == pytest.approx(2 * once.mean(), rel=0.02)


def _untrained(path: Path, architecture: Architecture) -> Predictor:
    torch.manual_seed(0)
    weights = build_network(architecture).state_dict()
    save_bundle(path, weights, architecture, 24.0, {})
    return Predictor(load_bundle(path), torch.device("cpu"))


def test_classes_add_up_and_the_background_is_not_kept(tmp_path: Path) -> None:
    architecture = Architecture(
        widths=(4, 4), maps=("background", "nucleus", "cytoplasm"), activation="softmax"
    )
    image = np.random.default_rng(0).random((32, 48), np.float32)
    two = _untrained(tmp_path / "a.safetensors", architecture)
    maps = two(image, Scale(diameter=24), Network())
    assert maps.names == ("nucleus", "cytoplasm")
    total = maps["nucleus"] + maps["cytoplasm"]
    assert (total > 0.1).all()
    assert (total < 1).all()


def test_softmax_is_that_of_torch() -> None:
    raw = np.random.default_rng(0).normal(0, 9, (3, 5, 4)).astype(np.float32)
    maps = ("nucleus", "distance", "background")
    ours = activate(raw, Architecture(maps=maps, activation="softmax"))
    theirs = torch.from_numpy(raw[[0, 2]]).softmax(0).numpy()
    np.testing.assert_allclose(ours[[0, 2]], theirs, rtol=1e-5)
    np.testing.assert_array_equal(ours[1], raw[1])


@pytest.mark.parametrize("shape", [(6, 6), (4, 7), (1, 5)])
def test_turns_are_taken_back_exactly(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random(shape, np.float32)
    blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16

    def equivariant(x: np.ndarray) -> np.ndarray:
        return np.stack([2 * x, ndimage.convolve(x, blur)])

    found = predict_turned(image, equivariant)
    np.testing.assert_allclose(found, equivariant(image), rtol=1e-6)


def test_each_turn_counts_once() -> None:
    image = np.arange(6, dtype=np.float32).reshape(2, 3)
    corner = predict_turned(
        image, lambda x: np.pad(x[:1, :1], [(0, n - 1) for n in x.shape])[None]
    )
    # the first pixel of every turn is a corner: of six, two see one, and so on
    expected = np.zeros((2, 3), np.float32)
    for y, x, times in ((0, 0, 1), (0, 2, 2), (1, 2, 1), (1, 0, 2)):
        expected[y, x] = image[y, x] * times / 6
    np.testing.assert_allclose(corner[0], expected)


def test_turned_and_mirrored_averages_probabilities(predictor: Predictor) -> None:
    image = np.random.default_rng(0).random((30, 52), np.float32)
    plain = predictor(image, Scale(diameter=24), Network())
    settings = Network(test_time="turned and mirrored")
    turned = predictor(image, Scale(diameter=24), settings)
    assert turned.data.shape == plain.data.shape
    assert (turned["foreground"] >= 0).all()
    assert (turned["foreground"] <= 1).all()
    assert 0 < np.abs(turned["foreground"] - plain["foreground"]).max() < 0.5


@pytest.fixture
def instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Predictor:
    """A Mask R-CNN that finds every grey level, as numbers of its own."""

    def found(network: object, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return image.astype(np.uint16), (image > 0).astype(np.float32)

    name = "napari_cellseg.network.architectures.mask_rcnn.instances"
    monkeypatch.setattr(name, found)
    architecture = Architecture(kind="mask-rcnn", maps=("foreground",))
    return _untrained(tmp_path / "m.safetensors", architecture)


def test_instances_come_back_at_the_images_size(instances: Predictor) -> None:
    image = np.zeros((40, 60), np.float32)
    image[4:20, 4:20], image[4:20, 20:36], image[30, 50] = 3, 7, 5
    maps = instances(image, Scale(to="factor", factor=1), Network())
    assert maps.names == ("foreground",)
    assert maps.instances is not None
    # 1, 2, 3 in place of 3, 5, 7
    np.testing.assert_array_equal(maps.instances, np.ceil((image - 1) / 2))
    assert maps.nbytes == 4 * image.size
    smaller = instances(image[:20], Scale(to="factor", factor=2), Network()).instances
    assert smaller is not None
    assert smaller.shape == (20, 60)
    assert smaller[10, 10] > 0


def test_instances_have_no_mean_over_turns(instances: Predictor) -> None:
    settings = Network(test_time="turned and mirrored")
    with pytest.raises(RecipeError, match=r"network\.test_time .*set it to 'none'"):
        instances(np.zeros((8, 8), np.float32), Scale(to="factor"), settings)


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
