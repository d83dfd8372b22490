"""A small untrained model, images to give it, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
import torch
from typer.testing import CliRunner, Result

from napari_cellseg.cli import app
from napari_cellseg.network.architectures import build_network
from napari_cellseg.network.bundle import save_bundle
from napari_cellseg.network.parameters import Architecture

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of a few hundred weights, all random."""
    torch.manual_seed(0)
    architecture = Architecture(widths=(4, 8))
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    weights = build_network(architecture).state_dict()
    save_bundle(path, weights, architecture, 24.0, {"data": ["nothing"], "epoch": 0})
    return path


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the command line in this process."""
    runner = CliRunner()

    def invoke(*arguments: object) -> Result:
        result = runner.invoke(app, [str(a) for a in arguments])
        # what is no SystemExit is a fault of the program
        if isinstance(result.exception, Exception):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def segment(run: Run, model: Path, tmp_path: Path) -> Run:
    """Run ``segment`` with the small model into ``tmp_path / "out"``."""

    def invoke(*arguments: object) -> Result:
        chosen = (f"network.model={model}", "scale.diameter=24")
        settings = [word for setting in chosen for word in ("--set", setting)]
        out = [] if "--out" in arguments else ["--out", tmp_path / "out"]
        return run("segment", *arguments, *out, *settings, "--device", "cpu")

    return invoke


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    """Four frames of noise with a bright square, one file."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 50, (4, 48, 64), dtype=np.uint8)
    frames[:, 10:30, 10:30] += 100
    path = tmp_path / "movie.tif"
    tifffile.imwrite(path, frames, metadata={"axes": "TYX"}, imagej=True)
    return path


@pytest.fixture
def folder(movie: Path, tmp_path: Path) -> Path:
    """The same frames, one file each."""
    place = tmp_path / "01"
    place.mkdir()
    for t, frame in enumerate(tifffile.imread(movie)):
        tifffile.imwrite(place / f"t{t:03d}.tif", frame)
    return place
