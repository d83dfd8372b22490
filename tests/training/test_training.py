from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import torch

from napari_cellseg.errors import ImageError, ModelError
from napari_cellseg.network.bundle import load_bundle
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.preprocess import Preprocess
from napari_cellseg.protocol import Augmentation, Protocol
from napari_cellseg.simulate import simulate_frame
from napari_cellseg.training.augment import random_crop
from napari_cellseg.training.dataset import find_pairs, prepare
from napari_cellseg.training.run import split, train
from napari_cellseg.training.targets import median_diameter

if TYPE_CHECKING:
    from pathlib import Path

TINY = Protocol(
    architecture=Architecture(widths=(8, 16)),
    crop=64,
    batch=2,
    epochs=2,
    averaging=0.5,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six annotated images, the last two for validation."""
    rng = np.random.default_rng(0)
    rows = ["id,kind,split"]
    for part in ("images", "labels"):
        (tmp_path / "data" / part).mkdir(parents=True)
    for i in range(6):
        frame, labels = simulate_frame(rng, (96, 96), 20.0)
        cv2.imwrite(str(tmp_path / f"data/images/{i}.png"), frame)
        cv2.imwrite(str(tmp_path / f"data/labels/{i}.png"), labels)
        kind = "brightfield" if i == 0 else "fluorescence"
        rows.append(f"{i},{kind},{'val' if i > 3 else 'train'}")
    (tmp_path / "data/index.csv").write_text("\n".join(rows))
    return tmp_path / "data"


def test_the_loss_falls_and_the_file_loads(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny.safetensors"
    protocol = TINY.replace(epochs=8, learning_rate=0.01)
    epochs = list(train([folder], out, protocol, Preprocess(), torch.device("cpu")))
    assert [e.number for e in epochs] == list(range(1, 9))
    assert epochs[-1].loss < 0.8 * epochs[0].loss
    assert np.isfinite(epochs[-1].validation_loss)
    bundle = load_bundle(out)
    assert bundle.card["epoch"] == 8
    assert bundle.architecture.widths == (8, 16)


def test_a_stopped_run_resumes_to_the_same_weights(
    folder: Path, tmp_path: Path
) -> None:
    arguments = (TINY, Preprocess(), torch.device("cpu"))
    whole, parts = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    list(train([folder], whole, *arguments))
    next(train([folder], parts, *arguments))
    rest = list(train([folder], parts, *arguments, resume=True))
    assert [e.number for e in rest] == [2]
    for name, value in load_bundle(whole).network.state_dict().items():
        resumed = load_bundle(parts).network.state_dict()[name]
        torch.testing.assert_close(resumed, value, rtol=1e-2, atol=1e-3)


def test_a_model_is_adapted_from_its_own_weights(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    list(train([folder], first, TINY, Preprocess(), torch.device("cpu")))
    still = TINY.replace(epochs=1, learning_rate=1e-9, weight_decay=0, averaging=0.999)
    list(train([folder], second, still, Preprocess(), torch.device("cpu"), start=first))
    assert load_bundle(second).card["start"] == str(first)
    for name, value in load_bundle(first).network.named_parameters():
        kept = load_bundle(second).network.get_parameter(name)
        torch.testing.assert_close(kept, value, rtol=1e-3, atol=1e-5)


def test_a_model_of_another_architecture_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    first = tmp_path / "a.safetensors"
    list(train([folder], first, TINY, Preprocess(), torch.device("cpu")))
    other = TINY.replace(architecture=Architecture(widths=(4, 8)))
    arguments = (tmp_path / "b.safetensors", other, Preprocess(), torch.device("cpu"))
    with pytest.raises(ModelError, match=r"a\.safetensors has the architecture"):
        next(train([folder], *arguments, start=first))


def test_the_index_decides_what_is_used(folder: Path) -> None:
    pairs = find_pairs(folder, {"kind": "fluorescence"})
    learn, check = split(pairs, seed=0)
    assert [p.name for p in learn] == ["1", "2", "3"]
    assert [p.name for p in check] == ["4", "5"]


def test_a_missing_label_image_is_named(folder: Path) -> None:
    (folder / "labels" / "3.png").unlink()
    with pytest.raises(ImageError, match=r"3\.png has no label image"):
        find_pairs(folder, {})


def test_a_folder_of_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no folder 'images'"):
        find_pairs(tmp_path, {})


def test_examples_have_the_protocols_diameter() -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (200, 200), 48.0)
    example = prepare(frame, labels, Preprocess(), 24.0)
    assert example.image.shape == example.labels.shape == example.distance.shape
    assert median_diameter(example.labels) == pytest.approx(24, rel=0.03)


def test_crops_keep_image_labels_and_distance_together() -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (300, 300), 24.0)
    example = prepare(frame, labels, Preprocess(), 24.0)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        crop = random_crop(example, 128, Augmentation(), rng)
        assert crop.image.shape == crop.labels.shape == (128, 128)
        assert np.isfinite(crop.image).all()
        # interpolation smears the outline by about a pixel
        inside = cv2.erode((crop.labels > 0).astype(np.uint8), np.ones((3, 3)))
        assert (crop.distance[inside > 0] > 0).mean() > 0.99
        assert set(np.unique(crop.labels)) <= set(np.unique(example.labels))
