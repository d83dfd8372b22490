from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.errors import RecipeError
from napari_cellseg.preprocess import Scale, network_shape, rescale, zooms

sides = st.integers(1, 40)


@given(sides, sides, sides, sides)
def test_any_shape_to_any_shape(a: int, b: int, c: int, d: int) -> None:
    result = rescale(np.full((a, b), 3, np.float32), (c, d))
    assert result.shape == (c, d)
    np.testing.assert_allclose(result, 3, rtol=1e-5)


def test_shrinking_averages() -> None:
    board = np.indices((64, 64)).sum(0) % 2
    np.testing.assert_allclose(rescale(board.astype(np.float32), (16, 16)), 0.5)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (Scale(diameter=48), (50, 101)),
        (Scale(to="factor", factor=2), (200, 404)),
        (Scale(to="image size", side=64), (64, 64)),
        (Scale(to="factor", factor=0.001), (1, 1)),
        (Scale(diameter=2), (1200, 2424)),
    ],
)
def test_what_the_network_sees(scale: Scale, expected: tuple[int, int]) -> None:
    assert network_shape((100, 202), scale, 24.0) == expected


@given(sides, sides)
def test_an_image_size_is_a_square_of_any_image(a: int, b: int) -> None:
    scale = Scale(to="image size", side=33)
    assert network_shape((a, b), scale, 1.0) == (33, 33)
    assert zooms((a, b), scale, 1.0) == (33 / a, 33 / b)


@pytest.mark.parametrize("scale", [Scale(), Scale(to="pixel size")])
def test_a_scale_that_is_not_resolved_is_refused(scale: Scale) -> None:
    with pytest.raises(RecipeError, match="resolve the recipe first"):
        network_shape((10, 10), scale, 24.0)
