"""Whose the journal of masks is that are written to their own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zarr
from zarr.storage import MemoryStore

from napari_cellseg.widgets.layers.own_journal import made

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_another_movie_in_the_same_place_is_told(
    tmp_path: Path, zarr_format: Any
) -> None:
    def movie() -> Any:
        return zarr.create_array(
            store=str(tmp_path / "labels.zarr"),
            shape=(2, 8, 8),
            dtype=np.uint16,
            zarr_format=zarr_format,
            overwrite=True,
        )

    array = movie()
    before = made(array)
    array[0] = 7
    assert made(zarr.open_array(str(tmp_path / "labels.zarr"), mode="r+")) == before
    assert made(movie()) != before


def test_an_array_that_is_not_on_a_disk_has_an_address() -> None:
    array = zarr.create_array(MemoryStore(), shape=(2, 8, 8), dtype=np.uint16)
    assert made(array) == made(array)
