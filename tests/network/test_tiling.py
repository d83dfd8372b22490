from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cellseg.network.tiling import predict_tiled, tile_starts


@given(st.integers(1, 500), st.integers(20, 90), st.integers(0, 19))
def test_tiles_cover_and_overlap(extent: int, tile: int, overlap: int) -> None:
    starts = tile_starts(extent, tile, overlap)
    assert starts[0] == 0
    if len(starts) > 1:
        assert starts[-1] == extent - tile
        assert (np.diff(starts) <= tile - overlap).all()
        assert (np.diff(starts) > 0).all()


@given(st.integers(1, 70), st.integers(1, 70))
def test_a_local_function_is_not_changed_by_tiling(height: int, width: int) -> None:
    image = np.random.default_rng(0).random((height, width), np.float32)
    *rest, maps = predict_tiled(image, lambda x: np.stack([x, 2 * x]), 32, 8)
    assert all(step is None for step in rest)
    np.testing.assert_allclose(maps, np.stack([image, 2 * image]), rtol=1e-5)


def test_no_seam_between_tiles_that_disagree() -> None:
    calls = iter(range(10))
    image = np.zeros((8, 60), np.float32)
    *_, maps = predict_tiled(
        image, lambda x: np.full((1, *x.shape), next(calls), np.float32), 40, 20
    )
    assert maps is not None
    assert np.abs(np.diff(maps[0], axis=1)).max() == pytest.approx(1 / 21, rel=0.1)
