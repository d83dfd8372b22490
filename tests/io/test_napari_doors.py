"""The reader and the writer as napari calls them."""

from __future__ import annotations

from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import tifffile

from napari_cellseg._reader import get_reader
from napari_cellseg._writer import write_labels_tiff, write_labels_zarr
from napari_cellseg.io.results import read_labels


def layers(path: Path) -> list[tuple[object, dict[str, object], str]]:
    reader = get_reader(str(path))
    assert reader is not None
    return reader(str(path))


def test_channels_are_layers_with_axes_and_scale(tmp_path: Path) -> None:
    data = np.zeros((3, 2, 8, 6), np.uint16)
    tifffile.imwrite(
        tmp_path / "a.tif",
        data,
        imagej=True,
        resolution=(4, 4),
        metadata={"axes": "TCYX", "unit": "um"},
    )
    first, second = layers(tmp_path / "a.tif")
    assert isinstance(first[0], da.Array)
    assert first[0].shape == (3, 8, 6)
    assert second[1]["name"] == "a channel 1"
    assert first[1]["axis_labels"] == ("t", "y", "x")
    assert first[1]["scale"] == (1.0, 0.25, 0.25)
    assert first[2] == "image"


def test_colour_stays_colour(tmp_path: Path) -> None:
    data = np.zeros((8, 6, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb")
    ((found, meta, kind),) = layers(tmp_path / "a.tif")
    assert (found.shape, meta["rgb"], kind) == ((8, 6, 3), True, "image")


def test_masks_are_labels(tmp_path: Path) -> None:
    for t in range(2):
        path = tmp_path / f"man_seg{t:03d}.tif"
        tifffile.imwrite(path, np.zeros((8, 6), np.uint16))
    ((found, meta, kind),) = layers(tmp_path)
    assert kind == "labels"
    assert found.shape == (2, 8, 6)
    assert meta["metadata"]["napari-cellseg"]["frame_numbers"] == (0, 1)


def test_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "a.czi").write_text("x")
    assert get_reader(str(tmp_path / "a.czi")) is None
    assert get_reader(str(tmp_path)) is None
    assert get_reader([]) is None
    assert get_reader([str(tmp_path / "a.tif"), str(tmp_path / "b.czi")]) is None


@pytest.mark.parametrize(
    ("write", "name"), [(write_labels_tiff, "a.tif"), (write_labels_zarr, "a.zarr")]
)
@pytest.mark.parametrize("shape", [(4, 5), (3, 4, 5)])
def test_labels_are_written_and_come_back_as_labels(
    tmp_path: Path, write: object, name: str, shape: tuple[int, ...]
) -> None:
    data = np.random.default_rng(0).integers(0, 9, shape)
    meta = {
        "name": "cells",
        "scale": (0.5,) * len(shape),
        "units": ("micrometer",) * len(shape),
        "metadata": {},
    }
    asked = tmp_path / Path(name).stem
    (path,) = write(str(asked), da.from_array(data), meta)
    assert path == str(tmp_path / name)
    write(path, data, meta)
    stack = read_labels(path)
    assert (stack.single, stack.pixel_size) == (len(shape) == 2, 0.5)
    ((found, again, kind),) = layers(Path(path))
    assert kind == "labels"
    np.testing.assert_array_equal(np.asarray(found), data)
    assert again["scale"][-1] == 0.5
