from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import torch
from pydantic import ValidationError

from napari_cellseg.errors import ImageError, ModelError
from napari_cellseg.network import pretrained
from napari_cellseg.network.bundle import load_bundle
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.preprocess import Preprocess
from napari_cellseg.protocol import Augmentation, Protocol
from napari_cellseg.recipe import Recipe
from napari_cellseg.simulate import simulate_frame
from napari_cellseg.training.augment import random_crop
from napari_cellseg.training.dataset import Annotated, prepare
from napari_cellseg.training.folders import find_pairs
from napari_cellseg.training.run import train

if TYPE_CHECKING:
    from pathlib import Path

TINY = Protocol(
    architecture=Architecture(widths=(8, 16)),
    crop=64,
    batch=2,
    epochs=2,
    averaging=0.5,
)


def recipe(protocol: Protocol, **preprocess: float) -> Recipe:
    return Recipe(name="x", training=protocol, preprocess=Preprocess(**preprocess))


def test_the_loss_falls_and_the_file_loads(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny.safetensors"
    protocol = TINY.replace(epochs=8, learning_rate=0.01)
    epochs = list(train([folder], out, recipe(protocol), torch.device("cpu")))
    assert [e.number for e in epochs] == list(range(1, 9))
    assert epochs[-1].loss < 0.8 * epochs[0].loss
    assert np.isfinite(epochs[-1].validation_loss)
    bundle = load_bundle(out)
    assert bundle.card["epoch"] == 8
    assert bundle.architecture.widths == (8, 16)


def test_the_card_says_how_the_model_came_about(folder: Path, tmp_path: Path) -> None:
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    next(train([folder], out, recipe(TINY), cpu))
    first = load_bundle(out).card
    assert first["split"] == {
        "train": 4,
        "simulated": 0,
        "validation": ["4", "5"],
        "test": [],
    }
    assert first["seed"] == 0
    assert first["pretrained"] == {"asked": "no", "used": "no"}
    assert first["hardware"].startswith("cpu")
    assert first["recipe"] == "x"
    assert first["looks"] == []
    assert "labels" not in first
    assert first["torch"] == torch.__version__
    list(train([folder], out, recipe(TINY), cpu, resume=True))
    assert load_bundle(out).card["seconds"] >= first["seconds"]


def test_training_goes_on_from_random_weights_only_if_asked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    # nothing listens at port 9
    monkeypatch.setattr(pretrained, "source", lambda *_: "http://127.0.0.1:9/x-0.pth")
    architecture = Architecture(kind="encoder-unet", maps=("foreground",))
    settings = {"architecture": architecture, "loss": "jaccard", "epochs": 1}
    asked = recipe(TINY.replace(pretrained="imagenet", **settings))
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    with pytest.raises(ModelError, match="--allow-random-init"):
        next(train([folder], out, asked, cpu))
    assert not out.exists()
    next(train([folder], out, asked, cpu, allow_random_init=True))
    assert load_bundle(out).card["pretrained"] == {
        "asked": "imagenet",
        "used": "random",
    }
    # what was begun at random goes on without asking again
    assert list(train([folder], out, asked, cpu, resume=True)) == []


def test_weights_are_fetched_after_the_images_are_seen(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        pretrained, "load_pretrained", lambda *_: pytest.fail("asked for")
    )
    architecture = Architecture(kind="encoder-unet", maps=("foreground",))
    settings = {"architecture": architecture, "loss": "jaccard", "batch": 64}
    asked = recipe(TINY.replace(pretrained="imagenet", **settings))
    with pytest.raises(ImageError, match="too few for a step of 64"):
        next(train([folder], tmp_path / "a.safetensors", asked, torch.device("cpu")))


def test_the_card_keeps_all_looks_at_validation(folder: Path, tmp_path: Path) -> None:
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    asked = recipe(TINY.replace(validate_every=1))
    first = next(train([folder], out, asked, cpu))
    (second,) = train([folder], out, asked, cpu, resume=True)
    expected = [[e.number, *look] for e in (first, second) for look in e.looks]
    assert len(expected) > 2
    assert load_bundle(out).card["looks"] == expected


def test_a_stopped_run_resumes_to_the_same_weights(
    folder: Path, tmp_path: Path
) -> None:
    arguments = (recipe(TINY), torch.device("cpu"))
    whole, parts = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    list(train([folder], whole, *arguments))
    next(train([folder], parts, *arguments))
    rest = list(train([folder], parts, *arguments, resume=True))
    assert [e.number for e in rest] == [2]
    for name, value in load_bundle(whole).network.state_dict().items():
        resumed = load_bundle(parts).network.state_dict()[name]
        torch.testing.assert_close(resumed, value, rtol=1e-2, atol=1e-3)


def test_another_run_does_not_resume(folder: Path, tmp_path: Path) -> None:
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    next(train([folder], out, recipe(TINY), cpu))
    other = TINY.replace(architecture=Architecture(widths=(4, 8)), batch=1, epochs=3)
    with pytest.raises(
        ModelError, match=r"another run: .*batch \(was 2, now 1\)"
    ) as no:
        next(train([folder], out, recipe(other), cpu, resume=True))
    assert "protocol.architecture.widths (was [8, 16], now [4, 8])" in str(no.value)
    assert "epochs" not in str(no.value)
    with pytest.raises(ModelError, match=r"preprocess\.low \(was 1\.0, now 2\.0\)"):
        next(train([folder], out, recipe(TINY, low=2), cpu, resume=True))
    where = {"kind": "fluorescence"}
    with pytest.raises(ModelError, match=r'where\.kind \(was None, now "fluor'):
        next(train([folder], out, recipe(TINY), cpu, where=where, resume=True))
    shutil.copytree(folder, tmp_path / "other")
    with pytest.raises(ModelError, match=r'data \(was \["data"\], now \["other"\]\)'):
        next(train([tmp_path / "other"], out, recipe(TINY), cpu, resume=True))
    index = folder / "index.csv"
    rows = index.read_text()
    index.write_text(rows.replace("4,fluorescence,val", "4,fluorescence,train"))
    with pytest.raises(ModelError, match=r'images\.train \(was "4 images') as no:
        next(train([folder], out, recipe(TINY), cpu, resume=True))
    assert 'images.validation (was "2 images' in str(no.value)
    index.write_text(rows)
    longer = TINY.replace(epochs=3)
    rest = train([folder], out, recipe(longer), cpu, resume=True)
    assert next(rest).number == 2


def test_a_file_that_is_no_checkpoint_is_refused(folder: Path, tmp_path: Path) -> None:
    out, cpu = tmp_path / "a.safetensors", torch.device("cpu")
    next(train([folder], out, recipe(TINY), cpu))
    checkpoint = tmp_path / "a.safetensors.checkpoint"
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"\.checkpoint is damaged"):
        next(train([folder], out, recipe(TINY), cpu, resume=True))
    checkpoint.write_bytes(out.read_bytes())
    with pytest.raises(ModelError, match=r"\.checkpoint is no checkpoint"):
        next(train([folder], out, recipe(TINY), cpu, resume=True))


def test_a_model_is_adapted_from_its_own_weights(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    list(train([folder], first, recipe(TINY), torch.device("cpu")))
    still = TINY.replace(epochs=1, learning_rate=1e-9, weight_decay=0, averaging=0.999)
    list(train([folder], second, recipe(still), torch.device("cpu"), start=first))
    assert load_bundle(second).card["start"] == str(first)
    for name, value in load_bundle(first).network.named_parameters():
        kept = load_bundle(second).network.get_parameter(name)
        torch.testing.assert_close(kept, value, rtol=1e-3, atol=1e-5)


def test_a_model_of_another_architecture_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    first = tmp_path / "a.safetensors"
    list(train([folder], first, recipe(TINY), torch.device("cpu")))
    other = TINY.replace(architecture=Architecture(widths=(4, 8)))
    arguments = (tmp_path / "b.safetensors", recipe(other), torch.device("cpu"))
    with pytest.raises(ModelError, match=r"a\.safetensors has the architecture"):
        next(train([folder], *arguments, start=first))


def test_a_column_that_no_index_has_is_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    arguments = ([folder], out, recipe(TINY), torch.device("cpu"))
    with pytest.raises(ImageError, match="column 'kin'; there are: id, kind, split"):
        next(train(*arguments, where={"kin": "fluorescence"}))
    (folder / "index.csv").unlink()
    with pytest.raises(ImageError, match="column 'kind'; there are: none"):
        next(train(*arguments, where={"kind": "fluorescence"}))
    assert not out.exists()
    assert len(find_pairs(folder, {"kind": "fluorescence"})) == 6


def test_too_few_images_for_a_step_are_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    arguments = ([folder], out, recipe(TINY.replace(batch=64)))
    with pytest.raises(ImageError, match=r"too few for a step of 64.*batch to \d"):
        next(train(*arguments, torch.device("cpu")))
    index = folder / "index.csv"
    index.write_text(index.read_text().replace("train", "val"))
    with pytest.raises(ImageError, match="no image to train on"):
        next(train([folder], out, recipe(TINY), torch.device("cpu")))
    assert not out.exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"crop": 80, "architecture": {"widths": [4] * 6}}, "a multiple of 32 px"),
        ({"architecture": {"widths": [0, 0]}}, "greater than or equal to 1"),
        ({"augmentation": {"zoom": [0, 0]}}, "greater than or equal to 0.1"),
        ({"augmentation": {"gamma": [2, 1]}}, r"start \(2\.0\) is above its end"),
    ],
)
def test_settings_that_cannot_train_are_refused(
    settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Protocol.model_validate(settings)


@pytest.mark.parametrize("blur", [0, 0.2, 0.3])
def test_crops_without_blur(blur: float) -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (96, 96), 24.0)
    example = prepare(Annotated(frame, labels), recipe(TINY))
    for seed in range(10):
        rng = np.random.default_rng(seed)
        crop = random_crop(example, 64, Augmentation(blur=blur), rng)
        assert np.isfinite(crop.image).all()


def test_crops_keep_image_labels_and_distance_together() -> None:
    frame, labels = simulate_frame(np.random.default_rng(1), (300, 300), 24.0)
    example = prepare(Annotated(frame, labels), recipe(TINY))
    for seed in range(10):
        rng = np.random.default_rng(seed)
        crop = random_crop(example, 128, Augmentation(), rng)
        assert crop.image.shape == crop.labels.shape == (128, 128)
        assert np.isfinite(crop.image).all()
        # interpolation smears the outline by about a pixel
        inside = cv2.erode((crop.labels > 0).astype(np.uint8), np.ones((3, 3)))
        assert (crop.distance[inside > 0] > 0).mean() > 0.99
        assert set(np.unique(crop.labels)) <= set(np.unique(example.labels))
