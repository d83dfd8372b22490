"""Which image masks are of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_cellseg.widgets.layers.below import stack_below
from napari_cellseg.widgets.layers.canvas import OURS

SHAPE = (3, 40, 48)


@pytest.fixture
def model() -> ViewerModel:
    return ViewerModel()


def add(model: ViewerModel, value: int, **given: Any) -> None:
    model.add_image(np.full(SHAPE, value, np.uint8), **given)


def found(model: ViewerModel, layer: Any) -> int | None:
    stack = stack_below(model, layer, SHAPE)
    return None if stack is None else int(stack.frame(0)[0, 0])


def test_the_nearest_image_below_is_theirs(model: ViewerModel) -> None:
    add(model, 1)
    add(model, 2)
    model.add_image(np.zeros((3, 40, 50), np.uint8))
    add(model, 3, metadata={OURS: {"kind": "contrast"}})
    masks = model.add_labels(np.zeros(SHAPE, np.uint16))
    add(model, 4)
    assert found(model, masks) == 2
    model.layers.remove(masks)
    assert found(model, masks) == 4


def test_an_image_above_is_better_than_none(model: ViewerModel) -> None:
    masks = model.add_labels(np.zeros(SHAPE, np.uint16))
    model.add_points(np.zeros((1, 3)))
    assert found(model, masks) is None
    add(model, 4)
    assert found(model, masks) == 4
