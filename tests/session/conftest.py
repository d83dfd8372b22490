"""A session on small noise with an untrained network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellseg.io.images import Stack
from napari_cellseg.recipe import Recipe
from napari_cellseg.session import Session

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
def recipe(tiny_model: Path) -> Recipe:
    recipe = Recipe(name="tiny").change("network", model=str(tiny_model))
    return recipe.change("scale", diameter=12.0)


@pytest.fixture
def stack() -> Stack:
    images = np.random.default_rng(0).integers(0, 255, (4, 40, 48), np.uint8)
    return Stack.from_array(images, "noise")


@pytest.fixture
def session(recipe: Recipe, stack: Stack) -> Session:
    session = Session(recipe, "cpu")
    session.open(stack)
    return session
