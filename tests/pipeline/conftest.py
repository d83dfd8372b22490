from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from napari_cellseg.network.architectures import build_network
from napari_cellseg.network.bundle import save_bundle
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.recipe import Recipe, load_recipe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one pixel's sight: bright is foreground, and far from the outline."""
    architecture = Architecture(widths=(4, 4))
    weights = {
        name: torch.zeros_like(value)
        for name, value in build_network(architecture).state_dict().items()
    }
    for name in weights:
        if name.endswith(("1.weight", "running_var")):
            weights[name] += 1
    # the image itself travels through the shallow block to the head
    weights["encoder.0.first.0.weight"][0, 0, 1, 1] = 1
    weights["decoder.0.first.0.weight"][0, 0, 1, 1] = 1
    weights["head.weight"][:, 0, 0, 0] = torch.tensor([20.0, 1.0])
    weights["head.bias"][:] = torch.tensor([-10.0, 0.0])
    path = tmp_path_factory.mktemp("model") / "bright.safetensors"
    save_bundle(path, weights, architecture, 24.0, {})
    return path


@pytest.fixture
def recipe(model_file: Path) -> Recipe:
    """The recipe ``nuclei`` with that model and every length given."""
    recipe = load_recipe().change("network", model=str(model_file))
    recipe = recipe.change("scale", diameter=24.0)
    return recipe.change("postprocess", h=2.0, smallest_area=5.0)
