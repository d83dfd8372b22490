"""Opening every kind of image, lazily, and refusing what is none."""

from __future__ import annotations

import logging
import pickle
from typing import TYPE_CHECKING

import cv2
import dask.array as da
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cellseg.errors import ImageError
from napari_cellseg.io import _tiff
from napari_cellseg.io.images import Stack, image_paths, open_image

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def movie() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4000, (5, 12, 10)).astype(np.uint16)


@pytest.fixture
def folder(tmp_path: Path, movie: np.ndarray) -> Path:
    folder = tmp_path / "01"
    folder.mkdir()
    for n, frame in zip((0, 1, 2, 9, 10), movie, strict=True):
        tifffile.imwrite(folder / f"t{n:d}.tif", frame, compression="lzw")
    return folder


def pages(path: Path, movie: np.ndarray, **how: object) -> Path:
    tifffile.imwrite(path, movie, photometric="minisblack", **how)
    return path


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "i2", "f4", ">u2"])
def test_pages_without_metadata_are_time(
    tmp_path: Path, movie: np.ndarray, dtype: str, compression: str | None
) -> None:
    data = (movie % 100).astype(dtype)
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        data,
        photometric="minisblack",
        metadata=None,
        compression=compression,
        byteorder=">" if dtype.startswith(">") else "<",
    )
    image = open_image(path)
    stack = image.stack()
    assert image.axes == "TYX"
    assert stack.shape == data.shape
    assert not stack.single
    assert stack.dtype == np.dtype(dtype).newbyteorder("=")
    for t, frame in enumerate(data):
        np.testing.assert_array_equal(stack.frame(t), frame)


def test_axes_that_the_user_gives_override(tmp_path: Path, movie: np.ndarray) -> None:
    path = pages(tmp_path / "a.tif", movie, metadata={"axes": "TYX"})
    stack = open_image(path, axes="zyx").stack()
    assert stack.single
    np.testing.assert_array_equal(stack.frame(0), movie.max(axis=0))


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ("TYXC", "3 dimensions"),
        ("TQX", "each of the letters"),
        ("TYY", "each of the letters"),
        ("TCX", "Y and X are needed"),
    ],
)
def test_wrong_axes_are_refused(
    tmp_path: Path, movie: np.ndarray, axes: str, says: str
) -> None:
    path = pages(tmp_path / "a.tif", movie)
    with pytest.raises(ImageError, match=f"a.tif.*{says}"):
        open_image(path, axes=axes)


def test_axes_that_nobody_names_are_asked_for(tmp_path: Path) -> None:
    path = pages(tmp_path / "a.tif", np.zeros((2, 4, 6, 5), np.uint8))
    with pytest.raises(ImageError, match=r"name them, for example --axes CZYX$"):
        open_image(path)
    assert open_image(path, axes="TCYX").stack(channel=3).shape == (2, 6, 5)


def test_imagej_hyperstack(tmp_path: Path) -> None:
    data = np.random.default_rng(1).integers(0, 99, (3, 2, 4, 8, 6)).astype(np.uint16)
    meta = {"axes": "TZCYX", "unit": "um", "finterval": 30.0}
    tifffile.imwrite(
        tmp_path / "h.tif", data, imagej=True, resolution=(2, 2), metadata=meta
    )
    image = open_image(tmp_path / "h.tif")
    assert (image.axes, image.pixel_size, image.time_step) == ("TZCYX", 0.5, 30.0)
    np.testing.assert_array_equal(image.stack(2).frame(1), data[1, :, 2].max(axis=0))
    np.testing.assert_array_equal(image.stack(0, z=1).frame(2), data[2, 1, 0])
    mean = np.round(data[0, :, 1].mean(axis=0))
    np.testing.assert_array_equal(image.stack(1, z="mean").frame(0), mean)
    with pytest.raises(ImageError, match=r"no channel 4: choose 0 to 3"):
        image.stack(channel=4)
    with pytest.raises(ImageError, match=r"no z plane 2"):
        image.stack(z=2)


def test_resolution_without_a_unit_of_length_is_no_pixel_size(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((4, 4), np.uint8), resolution=(72, 72)
    )
    assert open_image(tmp_path / "a.tif").pixel_size is None


def test_ome_tiff(tmp_path: Path) -> None:
    data = np.random.default_rng(1).integers(0, 99, (3, 2, 8, 6)).astype(np.uint8)
    meta = {
        "axes": "TCYX",
        "PhysicalSizeX": 325.0,
        "PhysicalSizeXUnit": "nm",
        "TimeIncrement": 2.0,
        "TimeIncrementUnit": "min",
    }
    tifffile.imwrite(tmp_path / "a.ome.tif", data, metadata=meta, ome=True)
    image = open_image(tmp_path / "a.ome.tif")
    assert (image.name, image.axes) == ("a", "TCYX")
    assert image.pixel_size == pytest.approx(0.325)
    assert image.time_step == 120
    np.testing.assert_array_equal(image.stack(1).frame(2), data[2, 1])


def test_colour_is_channels_and_grey_stored_as_colour_is_itself(tmp_path: Path) -> None:
    grey = np.random.default_rng(1).integers(0, 255, (7, 9)).astype(np.uint8)
    rgba = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    cv2.imwrite(str(tmp_path / "a.png"), rgba)
    tifffile.imwrite(tmp_path / "b.tif", rgba[..., :3], photometric="rgb")
    for name in ("a.png", "b.tif"):
        image = open_image(tmp_path / name)
        assert image.rgb
        assert (image.axes, image.size("C")) == ("CYX", 3)
        np.testing.assert_array_equal(image.stack().frame(0), grey)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3)])
def test_png(tmp_path: Path, dtype: type, shape: tuple[int, ...]) -> None:
    info = np.iinfo(dtype)
    data = np.random.default_rng(2).integers(0, info.max, shape, dtype=dtype)
    cv2.imwrite(str(tmp_path / "a.png"), data[..., ::-1] if len(shape) == 3 else data)
    found = np.asarray(open_image(tmp_path / "a.png").data)
    assert found.dtype == dtype
    channels = np.moveaxis(data, -1, 0) if len(shape) == 3 else data
    np.testing.assert_array_equal(found, channels)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_ome_zarr(tmp_path: Path, movie: np.ndarray, zarr_format: int) -> None:
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=zarr_format)
    group.create_array("0", data=movie, chunks=(1, 12, 10))
    axes = [{"name": "t", "type": "time", "unit": "minute"}]
    axes += [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    steps = [{"type": "scale", "scale": [2.0, 0.5, 0.5]}]
    level = {"path": "0", "coordinateTransformations": steps}
    image = {"version": "0.4", "axes": axes, "datasets": [level]}
    if zarr_format == 2:
        group.attrs["multiscales"] = [image]
    else:
        group.attrs["ome"] = {"version": "0.5", "multiscales": [image]}
    found = open_image(tmp_path / "a.zarr")
    assert (found.axes, found.pixel_size, found.time_step) == ("TYX", 0.5, 120)
    assert isinstance(found.data, da.Array)
    np.testing.assert_array_equal(found.stack().frame(3), movie[3])


def test_folder_is_in_natural_order_and_keeps_its_numbers(
    folder: Path, movie: np.ndarray
) -> None:
    (folder / "notes.txt").write_text("no image")
    (folder / "._t0.tif").write_text("left by a mac")
    image = open_image(folder)
    assert (image.name, image.axes) == ("01", "TYX")
    assert image.frame_numbers == (0, 1, 2, 9, 10)
    assert [f.name for f in image.files][-2:] == ["t9.tif", "t10.tif"]
    stack = image.stack()
    assert stack.where(3) == "frame 9 (t9.tif)"
    for t, frame in enumerate(movie):
        np.testing.assert_array_equal(stack.frame(t), frame)


def test_pages_of_files_in_a_folder_are_z(tmp_path: Path, movie: np.ndarray) -> None:
    for t in range(2):
        pages(tmp_path / f"t{t}.tif", movie + t)
    image = open_image(tmp_path)
    assert image.axes == "TZYX"
    np.testing.assert_array_equal(image.stack().frame(1), movie.max(axis=0) + 1)


def test_one_frame_decodes_one_page(
    tmp_path: Path, movie: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pages(tmp_path / "a.tif", movie, compression="zlib")
    read: list[int] = []
    real = _tiff.TiffPages.read

    def spy(self: _tiff.TiffPages, index: int) -> np.ndarray:
        read.append(index)
        return real(self, index)

    monkeypatch.setattr(_tiff.TiffPages, "read", spy)
    stack = open_image(path).stack()
    assert read == []
    stack.frame(3)
    assert read == [3]


def test_one_frame_of_a_folder_decodes_one_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = _tiff.TiffPages.read

    def spy(self: _tiff.TiffPages, index: int) -> np.ndarray:
        read.append(self.path.name)
        return real(self, index)

    monkeypatch.setattr(_tiff.TiffPages, "read", spy)
    stack = open_image(folder).stack()
    assert read == []
    stack.frame(3)
    assert read == ["t9.tif"]


def test_a_stack_survives_a_process(tmp_path: Path, movie: np.ndarray) -> None:
    path = pages(tmp_path / "a.tif", movie)
    stack = open_image(path).stack()
    stack.frame(0)
    again = pickle.loads(pickle.dumps(stack))
    np.testing.assert_array_equal(again.frame(2), movie[2])


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.tif: does not exist"):
        open_image(tmp_path / "none.tif")


def test_empty_folder_and_folder_of_folders(tmp_path: Path) -> None:
    link = tmp_path / "t0.tif"
    link.symlink_to(tmp_path / "gone.tif")
    with pytest.raises(ImageError, match=r"t0\.tif: is a link to .*gone\.tif"):
        open_image(tmp_path)
    link.unlink()
    with pytest.raises(ImageError, match="holds no images"):
        open_image(tmp_path)
    (tmp_path / "SEG").mkdir()
    with pytest.raises(ImageError, match="holds the folders SEG"):
        open_image(tmp_path)


@pytest.mark.parametrize("name", ["a.tif", "a.png"])
@pytest.mark.parametrize("text", ["", "hello, no image"])
def test_not_an_image(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ImageError, match=name.replace(".", r"\.")):
        open_image(tmp_path / name)


def test_unsupported_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.czi").write_text("x")
    with pytest.raises(ImageError, match="cannot be read: convert it to TIFF"):
        open_image(tmp_path / "a.czi")


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8, 0.99])
@pytest.mark.parametrize("how", ["contiguous", "zlib", "imagej"])
def test_truncated_stack_is_found_at_the_latest_when_read(
    tmp_path: Path, movie: np.ndarray, how: str, part: float
) -> None:
    path = tmp_path / "cut.tif"
    options = {
        "contiguous": {},
        "zlib": {"compression": "zlib", "metadata": None},
        "imagej": {"imagej": True},
    }[how]
    pages(path, movie, **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(ImageError, match=r"cut\.tif.*(truncated|damaged)"):
        [open_image(path).stack().frame(t) for t in range(len(movie))]


def test_a_truncated_file_is_spoken_of_once(
    tmp_path: Path,
    movie: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # as in a program that has not set up any logging
    monkeypatch.setattr(logging.root, "handlers", [])
    path = pages(tmp_path / "cut.tif", movie, compression="zlib", metadata=None)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(ImageError, match="truncated"):
        open_image(path)
    assert capsys.readouterr().err == ""


def test_truncated_frame_of_a_folder_names_frame_and_file(folder: Path) -> None:
    path = folder / "t9.tif"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    stack = open_image(folder).stack()
    stack.frame(2)
    with pytest.raises(ImageError, match=r"^frame 9 \(t9\.tif\): page 0 .*truncated"):
        stack.frame(3)


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_truncated_picture(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 60), dtype=np.uint8)
    path = tmp_path / name
    cv2.imwrite(str(path), noise)
    path.write_bytes(path.read_bytes()[:-700])
    with pytest.raises(ImageError, match="truncated"):
        open_image(path).stack().frame(0)


def test_mixed_sizes_name_the_first_that_differs(folder: Path) -> None:
    tifffile.imwrite(folder / "t2.tif", np.zeros((12, 11), np.uint16))
    says = r"t0\.tif is 12 x 10.*t2\.tif is 12 x 11.*--independent"
    with pytest.raises(ImageError, match=says):
        open_image(folder)
    images = [open_image(p) for p in image_paths([folder], independent=True)]
    assert [i.name for i in images] == ["t0", "t1", "t2", "t9", "t10"]
    assert images[2].stack().shape == (1, 12, 11)


def test_mixed_kinds_and_mixed_pages(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(np.zeros((4, 4), np.uint8), metadata=None)
        tif.write(np.zeros((4, 5), np.uint8), metadata=None)
    with pytest.raises(ImageError, match=r"page 1 is 4 x 5"):
        open_image(tmp_path / "a.tif")
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((4, 4), np.uint8))
    with pytest.raises(ImageError, match=r"1 \.tif and 1 \.png"):
        open_image(tmp_path)


def test_folder_that_is_no_zarr(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(ImageError, match=r"a\.zarr: is no OME-Zarr"):
        open_image(tmp_path / "a.zarr")


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(4), "1 dimensions"),
        (np.zeros((1, 2, 3, 4)), "4 dimensions"),
        (np.zeros((0, 4)), "no pixels"),
        (np.zeros((3, 0, 4)), "no pixels"),
        (np.zeros((4, 4), bool), "mask"),
        (np.zeros((4, 4), complex), "complex128"),
        (np.zeros((4, 4), object), "object"),
    ],
)
def test_a_stack_refuses(array: np.ndarray, says: str) -> None:
    with pytest.raises(ImageError, match=f"cells: .*{says}"):
        Stack.from_array(array, "cells")


@settings(max_examples=25, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from(["u1", "u2", "i4", "f2", "f4", "f8"]),
        hnp.array_shapes(min_dims=2, max_dims=3, max_side=5),
    )
)
def test_any_array_becomes_a_stack_of_its_frames(array: np.ndarray) -> None:
    for made in (array, da.from_array(array, chunks=2), zarr.array(array)):
        stack = Stack.from_array(made)
        assert stack.single == (array.ndim == 2)
        frames = array[np.newaxis] if array.ndim == 2 else array
        assert stack.shape == frames.shape
        for t, frame in enumerate(frames):
            np.testing.assert_array_equal(stack.frame(t), frame)
        with pytest.raises(IndexError):
            stack.frame(len(frames))


@pytest.mark.realdata
def test_challenge_folders(shared_data: Path) -> None:
    root = shared_data / "ctc" / "Fluo-N2DH-GOWT1"
    image = open_image(root / "01")
    assert (image.axes, image.data.shape) == ("TYX", (64, 1024, 1024))
    assert image.frame_numbers is not None
    assert image.frame_numbers[:5] == (0, 1, 2, 3, 5)
    stack = image.stack()
    assert stack.where(4) == "frame 5 (t005.tif)"
    np.testing.assert_array_equal(
        stack.frame(4), tifffile.imread(root / "01" / "t005.tif")
    )
    gold = open_image(root / "01_GT" / "SEG")
    assert gold.labels
    assert gold.frame_numbers is not None
    assert gold.frame_numbers[:3] == (2, 5, 6)
    assert open_image(root / "02_GT" / "TRA").labels
