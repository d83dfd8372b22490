"""Fixtures that every part's tests share."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.tracking.lineage import Track

# how long an example takes says something of the machine only
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep journals out of the folder of whoever runs the tests."""
    folder = tmp_path / "corrections"
    monkeypatch.setenv("NAPARI_CELLSEG_CORRECTIONS", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of annotated microscopy, or skip where it is not there."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"annotated microscopy is not at {folder}")
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an untrained model for cells of 12 px: noise, but always the same."""
    import torch

    from napari_cellseg.network.architectures import build_network
    from napari_cellseg.network.bundle import save_bundle
    from napari_cellseg.network.parameters import Architecture

    torch.manual_seed(3)
    architecture = Architecture(widths=(8, 16))
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    weights = build_network(architecture).state_dict()
    save_bundle(path, weights, architecture, 12.0, {})
    return path


@pytest.fixture
def case() -> dict[str, tuple[NDArray[np.uint16], tuple[Track, ...]]]:
    """The canonical label movies of tests/cases.py by name: labels and tracks."""
    makers: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("cases.py")))
    return {name: make() for name, make in makers["CASES"].items()}
