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
