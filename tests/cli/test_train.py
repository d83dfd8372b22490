"""``train`` with a paper's recipe: what it reads, and where the model goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import tifffile
from typer.testing import Result

from napari_cellseg.network.bundle import load_bundle
from napari_cellseg.simulate import write_cells

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Result]
SMALL = (
    "architecture.widths=[4,8]",
    "architecture.dropout=0",
    "crop=32",
    "batch=2",
    "epochs=1",
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of the user's that is not there yet."""
    folder = tmp_path / "models"
    monkeypatch.setenv("NAPARI_CELLSEG_MODELS", str(folder))
    return folder


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """Ten small images of cells with their truth."""
    write_cells(tmp_path / "cells", 10, shape=(64, 64))
    return tmp_path / "cells"


@pytest.fixture
def train(run: Run) -> Run:
    """Train the network of alkofahi2018, far smaller."""

    def invoke(*arguments: object) -> Result:
        settings = [word for s in SMALL for word in ("--set", f"training.{s}")]
        chosen = ("--recipe", "alkofahi2018", "--device", "cpu")
        return run("train", *arguments, *chosen, *settings)

    return invoke


def test_without_out_the_model_is_found_by_its_name(
    train: Run, run: Run, cells: Path, models: Path
) -> None:
    # those of the recipe's own name ship with the package
    named = ("--set", "network.model=mine")
    done = train(cells, *named)
    assert done.exit_code == 0, done.stderr
    out = models / "mine.safetensors"
    assert done.stdout == f"{out}\n"
    assert "Kept: epoch 1." in done.stderr
    assert "card names the images" in done.stderr
    card = load_bundle("mine").card
    assert len(card["split"]["test"]) == len(card["split"]["validation"]) == 1
    listed = run("models").stdout
    assert "mine" in listed
    assert "images: 0 simulated, 1 test, 8 train, 1 validation" in listed
    again = train(cells, *named)
    assert again.exit_code == 1
    assert "--overwrite" in again.stderr


def test_validation_within_an_epoch_is_said(
    train: Run, cells: Path, tmp_path: Path
) -> None:
    looking = ("--set", "training.validate_every=10")
    done = train(cells, "--out", tmp_path / "m.safetensors", *looking)
    assert done.exit_code == 0, done.stderr
    # 8 images of 4 crops in batches of 2
    (line,) = [row for row in done.stderr.splitlines() if "epoch 1 of 1" in row]
    assert " at step 10) (" in line


def test_the_best_epoch_is_named(train: Run, cells: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    done = train(cells, "--out", out, "--set", "training.keep=best", "--epochs", 2)
    assert done.exit_code == 0, done.stderr
    assert "Kept: the epoch of the lowest validation loss, " in done.stderr


def test_a_model_that_ships_is_not_hidden(run: Run, cells: Path, models: Path) -> None:
    done = run("train", cells)
    assert done.exit_code == 2
    assert "ships with the package" in done.stderr
    assert not models.exists()


def test_a_model_that_is_a_path_needs_out(train: Run, cells: Path) -> None:
    done = train(cells, "--set", "network.model=my/own.safetensors")
    assert done.exit_code == 2
    assert "--out FILE" in done.stderr


def test_an_unknown_pixel_size_is_asked_for(
    train: Run, cells: Path, tmp_path: Path
) -> None:
    for file in (cells / "images").iterdir():
        tifffile.imwrite(file, tifffile.imread(file))
    out = tmp_path / "m.safetensors"
    done = train(cells, "--out", out)
    assert done.exit_code == 1
    assert "--pixel-size" in done.stderr
    assert not out.exists()
    done = train(cells, "--out", out, "--pixel-size", 0.65)
    assert done.exit_code == 0, done.stderr


def test_two_channels_without_labels(train: Run, tmp_path: Path) -> None:
    write_cells(tmp_path / "plate", 10, shape=(96, 96), truth=False)
    out = tmp_path / "m.safetensors"
    done = train(tmp_path / "plate", "--out", out)
    assert done.exit_code == 0, done.stderr
    made = load_bundle(out).card["labels"]
    assert made["made from"] == "two channels"
    assert made["postprocess"]["sensitivity"] == 60
    assert made["postprocess"]["smallest_blob"] == "8 µm"
    assert made["cells"]["area"] == "500 µm²"
    other = ("--set", "postprocess.sensitivity=40")
    done = train(tmp_path / "plate", "--out", out, "--resume", *other)
    assert done.exit_code == 1
    assert "labels.postprocess.sensitivity (was 60.0, now 40.0)" in done.stderr
    assert load_bundle(out).architecture.maps == ("nucleus", "cytoplasm", "background")


def test_a_folder_that_is_none_of_these(train: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = train(tmp_path / "empty", "--out", tmp_path / "m.safetensors")
    assert done.exit_code == 1
    assert "no folder 'images'" in done.stderr
    assert "Cell Tracking Challenge" in done.stderr
