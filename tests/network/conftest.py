from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from napari_cellseg.network.architectures import build_network
from napari_cellseg.network.bundle import save_bundle
from napari_cellseg.network.parameters import Architecture

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """A tiny untrained model."""
    torch.manual_seed(0)
    architecture = Architecture(widths=(8, 16))
    path = tmp_path / "tiny.safetensors"
    weights = build_network(architecture).state_dict()
    save_bundle(path, weights, architecture, 24.0, {"data": ["none"]})
    return path
