from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file

from napari_cellseg.errors import ModelError
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.network.files import (
    find_model,
    installed_models,
    shipped_models,
    stated_checksum,
    stated_reference,
)
from napari_cellseg.preprocess import Reference

if TYPE_CHECKING:
    from pathlib import Path


def test_write_then_read(model_file: Path) -> None:
    bundle = load_bundle(model_file)
    assert bundle.name == "tiny"
    assert bundle.diameter == 24
    assert bundle.architecture.widths == (8, 16)
    assert bundle.card == {"data": ["none"]}
    assert not bundle.network.training
    assert load_bundle(model_file).checksum == bundle.checksum
    assert stated_checksum(model_file) == bundle.checksum


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_others_may_read_a_model_where_they_may_read_files(
    model_file: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("")
    assert model_file.stat().st_mode == plain.stat().st_mode


def test_a_changed_weight_is_refused(model_file: Path) -> None:
    content = bytearray(model_file.read_bytes())
    content[-3] ^= 1
    model_file.write_bytes(content)
    with pytest.raises(ModelError, match=r"tiny\.safetensors was changed or damaged"):
        load_bundle(model_file)


def test_a_changed_card_is_refused(model_file: Path) -> None:
    content = model_file.read_bytes()
    model_file.write_bytes(content.replace(b"none", b"more"))
    with pytest.raises(ModelError, match="was changed or damaged"):
        load_bundle(model_file)


def test_a_truncated_file_is_refused(model_file: Path) -> None:
    model_file.write_bytes(model_file.read_bytes()[:-100])
    with pytest.raises(ModelError, match="not a readable model file"):
        load_bundle(model_file)


def test_other_safetensors_are_refused(tmp_path: Path, model_file: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file(load_file(model_file), other)
    with pytest.raises(ModelError, match="format is 'not stated'"):
        load_bundle(other)


def test_a_name_that_is_not_installed_is_refused_with_those_that_are() -> None:
    with pytest.raises(ModelError, match=r"'nuclear'.*installed: .*nuclei"):
        load_bundle("nuclear")


def test_a_reference_travels_with_the_model(model_file: Path, tmp_path: Path) -> None:
    bundle = load_bundle(model_file)
    assert bundle.reference is None
    assert stated_reference(model_file) is None
    path, reference = tmp_path / "r.safetensors", Reference((1.0, 3.5), (0.25, 1.0))
    weights, architecture = bundle.network.state_dict(), bundle.architecture
    save_bundle(path, weights, architecture, 24.0, {}, reference=reference)
    assert load_bundle(path).reference == stated_reference(path) == reference
    assert stated_checksum(path) != stated_checksum(model_file)
    path.write_bytes(path.read_bytes().replace(b"3.5", b"4.5"))
    with pytest.raises(ModelError, match="was changed or damaged"):
        load_bundle(path)


def test_a_checkpoint_is_no_model(tmp_path: Path, model_file: Path) -> None:
    path = tmp_path / "x.safetensors.checkpoint"
    save_file(load_file(model_file), path, {"run": "{}"})
    with pytest.raises(ModelError, match=r"checkpoint of a training run, not a model"):
        load_bundle(path)


def test_weights_of_another_architecture_are_refused(
    tmp_path: Path, model_file: Path
) -> None:
    path, bundle = tmp_path / "odd.safetensors", load_bundle(model_file)
    other = bundle.architecture.replace(widths=(8, 8))
    save_bundle(path, bundle.network.state_dict(), other, 24.0, {})
    with pytest.raises(ModelError, match=r"'unet', but has the weights of another"):
        load_bundle(path)


def test_the_users_models_are_found_by_name(
    tmp_path: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    monkeypatch.setenv("NAPARI_CELLSEG_MODELS", str(folder))
    with pytest.raises(
        ModelError, match=r"models\. Train it .*train DATA --recipe draghici2025$"
    ):
        find_model("draghici2025")
    folder.mkdir()
    own = folder / "draghici2025.safetensors"
    own.write_bytes(model_file.read_bytes())
    (folder / "nuclei.safetensors").write_bytes(b"")
    assert find_model("draghici2025") == own
    assert find_model("nuclei") == shipped_models()["nuclei"]
    assert installed_models() == shipped_models() | {"draghici2025": own}


@pytest.mark.parametrize("name", shipped_models())
def test_installed_models_load_and_fit_the_wheel(name: str) -> None:
    bundle = load_bundle(name)
    assert shipped_models()[name].stat().st_size <= 10e6
    assert {"data", "protocol", "scores", "limits"} <= set(bundle.card)
    assert all(torch.isfinite(p).all() for p in bundle.network.parameters())


@pytest.mark.parametrize(
    "data", [b"", b"x", b"\xff" * 99, (2).to_bytes(8, "little") + b"{}"]
)
def test_a_file_that_is_no_model_states_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.safetensors"
    path.write_bytes(data)
    assert stated_checksum(path) == ""
    with pytest.raises(ModelError, match="neither a file nor installed"):
        stated_checksum(tmp_path / "none.safetensors")
