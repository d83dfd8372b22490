from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.preprocess import rescale

sides = st.integers(1, 40)


@given(sides, sides, sides, sides)
def test_any_shape_to_any_shape(a: int, b: int, c: int, d: int) -> None:
    result = rescale(np.full((a, b), 3, np.float32), (c, d))
    assert result.shape == (c, d)
    np.testing.assert_allclose(result, 3, rtol=1e-5)


def test_shrinking_averages() -> None:
    board = np.indices((64, 64)).sum(0) % 2
    np.testing.assert_allclose(rescale(board.astype(np.float32), (16, 16)), 0.5)
