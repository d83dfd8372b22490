"""Label files: written whole or not at all, read back, paired with the truth."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from ome_zarr_models.v05.image_label import ImageLabel

from napari_cellseg.errors import ImageError, OutputError
from napari_cellseg.io import _sinks
from napari_cellseg.io.images import Stack, open_image
from napari_cellseg.io.results import (
    LabelWriter,
    check_free,
    pair,
    read_labels,
    staged,
    write_labels,
)

if TYPE_CHECKING:
    from pathlib import Path

KINDS = pytest.mark.parametrize("suffix", [".tif", ".zarr"])


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 9, (4, 7, 6)).astype(np.uint16)


def like(shape: tuple[int, ...], **known: object) -> Stack:
    return Stack.from_array(np.zeros(shape, np.uint8), "cells", **known)


@KINDS
@settings(max_examples=15, deadline=None)
@given(
    labels=hnp.arrays(
        st.sampled_from([np.uint8, np.uint16, np.int32, np.uint32]),
        hnp.array_shapes(min_dims=2, max_dims=3, max_side=4),
        elements=st.integers(0, 127),
    )
)
def test_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, labels: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("a") / f"cells{suffix}"
    write_labels(path, labels)
    stack = read_labels(path)
    assert stack.dtype == np.uint16
    assert stack.single == (labels.ndim == 2 or (suffix == ".tif" and len(labels) == 1))
    frames = labels if labels.ndim == 3 else labels[np.newaxis]
    np.testing.assert_array_equal(np.stack([stack.frame(t) for t in range(len(stack))]),
                                  frames)  # fmt: skip


@KINDS
def test_scale_time_and_numbers_are_kept(
    tmp_path: Path, labels: np.ndarray, suffix: str
) -> None:
    stack = like(labels.shape, pixel_size=0.25, time_step=300.0, numbers=(0, 2, 3, 9))
    path = write_labels(tmp_path / f"µm{suffix}", labels, stack)
    found = open_image(path)
    assert found.labels
    assert (found.axes, found.pixel_size, found.time_step) == ("TYX", 0.25, 300.0)
    assert found.frame_numbers == (0, 2, 3, 9)


@KINDS
@pytest.mark.parametrize("at", [0, 2])
def test_uint32_from_the_first_id_that_needs_it(
    tmp_path: Path, labels: np.ndarray, suffix: str, at: int
) -> None:
    wide = labels.astype(np.uint32)
    wide[at, 0, 0] = 70_000
    stack = read_labels(write_labels(tmp_path / f"a{suffix}", wide))
    assert stack.dtype == np.uint32
    np.testing.assert_array_equal(np.asarray(stack.data), wide)
    assert len(list(tmp_path.iterdir())) == 1


def test_the_zarr_is_valid_ngff(tmp_path: Path, labels: np.ndarray) -> None:
    import zarr

    known = like(labels.shape, pixel_size=0.5, time_step=60.0)
    path = write_labels(tmp_path / "a.zarr", labels, known)
    found = ImageLabel.from_zarr(zarr.open_group(path, mode="r"))
    (multiscale,) = found.ome_attributes.multiscales
    assert [a.name for a in multiscale.axes] == ["t", "y", "x"]


def test_a_folder_is_a_challenge_result(tmp_path: Path) -> None:
    frames = np.zeros((3, 4, 4), np.uint16)
    frames[:, 1, 1] = 5
    write_labels(tmp_path / "out", frames)
    assert (tmp_path / "out" / "res_track.txt").read_text() == "5 0 2 0\n"


@KINDS
def test_an_existing_file_is_kept_unless_asked(
    tmp_path: Path, labels: np.ndarray, suffix: str
) -> None:
    path = write_labels(tmp_path / f"a{suffix}", labels)
    with pytest.raises(
        OutputError, match=rf"holds results already \(a\{suffix}\).*--overwrite"
    ):
        write_labels(path, labels + 1)
    np.testing.assert_array_equal(read_labels(path).frame(1), labels[1])
    write_labels(path, labels + 1, overwrite=True)
    np.testing.assert_array_equal(read_labels(path).frame(1), labels[1] + 1)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_folder_is_never_replaced_by_a_file(
    tmp_path: Path, labels: np.ndarray
) -> None:
    path = tmp_path / "a.tif"
    path.mkdir()
    (path / "thesis.txt").write_text("mine")
    for written in (["thesis.txt"], []):
        with pytest.raises(OutputError, match=r"a\.tif: is a folder"):
            write_labels(path, labels, overwrite=True)
        assert [p.name for p in path.iterdir()] == written
        (path / "thesis.txt").unlink(missing_ok=True)


def test_the_image_itself_is_never_replaced(tmp_path: Path, labels: np.ndarray) -> None:
    path = tmp_path / "cells.tif"
    tifffile.imwrite(path, labels, photometric="minisblack")
    with pytest.raises(OutputError, match="is the image itself"):
        write_labels(path, labels, open_image(path).stack(), overwrite=True)


@KINDS
def test_a_failure_keeps_the_old_file_and_the_finished_frames(
    tmp_path: Path, labels: np.ndarray, suffix: str
) -> None:
    path = write_labels(tmp_path / f"a{suffix}", labels)
    writer = LabelWriter(path, like(labels.shape), overwrite=True)
    with pytest.raises(RuntimeError, match="third"), writer:  # noqa: PT012
        writer.add(labels[0] + 1)
        writer.add(labels[1] + 1)
        raise RuntimeError("third")
    assert writer.kept == tmp_path / f"a.partial{suffix}"
    kept = read_labels(writer.kept)
    np.testing.assert_array_equal(kept.frame(1), labels[1] + 1)
    np.testing.assert_array_equal(read_labels(path).frame(1), labels[1])
    write_labels(path, labels, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@KINDS
def test_nothing_is_left_if_the_first_frame_fails(
    tmp_path: Path, labels: np.ndarray, suffix: str
) -> None:
    writer = LabelWriter(tmp_path / f"a{suffix}", like(labels.shape))
    with pytest.raises(ValueError, match="labels"), writer:
        writer.add(labels[0, :3])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_so(
    tmp_path: Path, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = _sinks.TiffSink._write

    def full(self: _sinks.TiffSink, frame: np.ndarray) -> None:
        if self.count == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, frame)

    monkeypatch.setattr(_sinks.TiffSink, "_write", full)
    with pytest.raises(OutputError, match=r"a\.tif.*the disk is full"):
        write_labels(tmp_path / "a.tif", labels)
    assert len(read_labels(tmp_path / "a.partial.tif")) == 2


def test_a_read_only_place_is_said_so(
    tmp_path: Path, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_sinks.tifffile, "TiffWriter", refuse)
    with pytest.raises(OutputError, match=r"a\.tif.*you may not write there"):
        LabelWriter(tmp_path / "a.tif", like(labels.shape))


def test_staged_files(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    with staged(path) as beside:
        beside.write_text("1")
    assert path.read_text() == "1"
    with pytest.raises(OutputError, match="--overwrite"), staged(path):
        pass
    with pytest.raises(KeyError), staged(path, overwrite=True) as beside:  # noqa: PT012
        beside.write_text("half")
        raise KeyError
    assert path.read_text() == "1"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_a_place_is_checked_without_making_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_free(tmp_path / "new" / "deep" / "a.json", overwrite=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"a\.json.*part of its path is a file"):
        check_free(tmp_path / "file" / "a.json", overwrite=False)
    # root may write anywhere
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(OutputError, match=r"a\.json.*may not write there"):
        check_free(tmp_path / "new" / "a.json", overwrite=False)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_whole_floats_are_ids_and_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.array([[0, 2], [3, 0]], np.float32))
    stack = read_labels(path)
    assert stack.dtype == np.uint32
    assert stack.frame(0).tolist() == [[0, 2], [3, 0]]
    for value, says in ((0.5, "fractions"), (-1.0, "negative"), (np.nan, "NaN")):
        tifffile.imwrite(path, np.array([[0, value]], np.float32))
        with pytest.raises(ImageError, match=rf"^a\.tif: holds .*{says}"):
            read_labels(path).frame(0)
    tifffile.imwrite(path, np.array([[0, -3]], np.int16))
    with pytest.raises(ImageError, match="negative"):
        read_labels(path).frame(0)


def test_ids_beyond_32_bits_are_refused_and_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frame = np.zeros((8, 8), np.uint64)
    frame[:4] = 2**32 - 1
    tifffile.imwrite(path, frame)
    np.testing.assert_array_equal(read_labels(path).frame(0), frame)
    frame[4:] = 2**32
    for kind in (np.uint64, np.int64, np.float64):
        tifffile.imwrite(path, frame.astype(kind))
        with pytest.raises(ImageError, match=r"^a\.tif: holds the id 4294967296"):
            read_labels(path).frame(0)
    with pytest.raises(OutputError, match=r"b\.tif: .*holds the id 4294967296"):
        write_labels(tmp_path / "b.tif", frame)
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_a_raw_image_is_no_label_image(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "a.tif"
    dim = rng.poisson(20, (2, 60, 70))
    for image in (
        dim.astype(np.uint8),
        rng.integers(0, 65535, (60, 70)).astype(np.uint16),
        np.where(dim > 15, dim, 0).astype(np.float32),
    ):
        tifffile.imwrite(path, image)
        with pytest.raises(ImageError, match=r"a\.tif.*grey levels, not labels"):
            read_labels(path).frame(0)


def test_small_cells_side_by_side_are_labels(tmp_path: Path) -> None:
    """As are a cell of many pieces, and one pixel a cell where few touch."""
    tiny = np.kron(np.arange(1, 901).reshape(30, 30), np.ones((3, 3), int))
    pieces = np.indices((60, 60)).sum(0) % 2
    points = np.zeros((60, 60), int)
    points[::2, ::2] = np.arange(1, 901).reshape(30, 30)
    for labels in (tiny, pieces, points, np.arange(100).reshape(10, 10)):
        path = tmp_path / "a.tif"
        tifffile.imwrite(path, labels.astype(np.uint16))
        np.testing.assert_array_equal(read_labels(path).frame(0), labels)


@pytest.mark.realdata
def test_annotated_microscopy_is_told_from_its_images(shared_data: Path) -> None:
    for sequence in sorted((shared_data / "ctc").glob("*/01")):
        first = min(sequence.iterdir())
        with pytest.raises(ImageError, match="grey levels"):
            read_labels(first).frame(0)
        folders = [f"01_{f}" for f in ("GT/SEG", "GT/TRA", "ST/SEG")]
        files = [f for d in folders for f in sequence.parent.glob(f"{d}/*.tif")]
        assert files
        for file in files[::9]:
            read_labels(file).frame(0)


def test_colours_masks_and_volumes_are_no_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((4, 4, 3), np.uint8), photometric="rgb")
    with pytest.raises(ImageError, match="colour image"):
        read_labels(path)
    tifffile.imwrite(path, np.zeros((4, 4), bool))
    with pytest.raises(ImageError, match="mask"):
        read_labels(path)
    volume = np.zeros((2, 3, 4, 4), np.uint8)
    tifffile.imwrite(path, volume, photometric="minisblack")
    with pytest.raises(ImageError, match="one plane a frame"):
        read_labels(path, axes="TZYX")


def test_planes_of_an_imagej_stack_are_frames(
    tmp_path: Path, labels: np.ndarray
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, labels, imagej=True, metadata={"axes": "ZYX"})
    stack = read_labels(path)
    assert stack.shape == labels.shape
    np.testing.assert_array_equal(stack.frame(2), labels[2])


def save(folder: Path, *names: str, size: int = 4) -> Path:
    folder.mkdir()
    for value, name in enumerate(names, 1):
        frame = np.full((size, size), value, np.uint16)
        if name.endswith(".png"):
            cv2.imwrite(str(folder / name), frame)
        else:
            tifffile.imwrite(folder / name, frame)
    return folder


def test_pairs_by_number(tmp_path: Path) -> None:
    pred = save(tmp_path / "p", *(f"mask{t:03d}.tif" for t in range(8)))
    truth = save(tmp_path / "t", "man_seg002.tif", "man_seg007.tif", "man_seg011.tif")
    found = pair(pred, truth)
    assert [p.frame for p in found] == [2, 7, 11]
    name, predicted, true = found[1]
    assert name == "frame 7 (man_seg007.tif)"
    assert predicted is not None
    assert (predicted.max(), true.max()) == (8, 2)
    assert found[2].pred is None
    assert found.missing == ("frame 11 (man_seg011.tif)",)
    assert len(found.left_out) == 6


def test_pairs_by_stem(tmp_path: Path) -> None:
    pred = save(tmp_path / "p", "a1.tif", "c1.tif", "x1.tif")
    truth = save(tmp_path / "t", "a1.png", "b1.png", "c1.png")
    found = pair(pred, truth)
    assert [p.pred is None for p in found] == [False, True, False]
    assert found[2].pred is not None
    assert found[2].pred.max() == 2
    assert found.left_out == ("x1.tif",)


@pytest.mark.parametrize("suffix", [".tif", ".zarr"])
@pytest.mark.parametrize("inside", [False, True])
def test_pairs_of_a_stack_and_a_folder(
    tmp_path: Path, suffix: str, inside: bool
) -> None:
    frames = np.arange(12, dtype=np.uint16).repeat(16).reshape(12, 4, 4)
    path = write_labels(tmp_path / "p" / f"01{suffix}", frames)
    truth = save(tmp_path / "t", "man_seg003.tif", "man_seg010.tif")
    found = pair(path.parent if inside and suffix == ".tif" else path, truth)
    assert [int(p.pred.max()) for p in found if p.pred is not None] == [3, 10]
    assert len(found.left_out) == 10


def test_pairs_of_a_stack_with_gaps_go_by_its_numbers(tmp_path: Path) -> None:
    frames = np.arange(3, dtype=np.uint16).repeat(16).reshape(3, 4, 4)
    path = tmp_path / "01.tif"
    write_labels(path, frames, like((3, 4, 4), numbers=(1, 4, 7)))
    truth = save(tmp_path / "t", "man_seg004.tif", "man_seg007.tif")
    assert [int(p.pred.max()) for p in pair(path, truth) if p.pred is not None] == [
        1,
        2,
    ]


def test_pairs_of_two_stacks_and_of_two_images(
    tmp_path: Path, labels: np.ndarray
) -> None:
    first = write_labels(tmp_path / "p.tif", labels)
    second = write_labels(tmp_path / "t.tif", labels[:3])
    found = pair(first, second)
    assert len(found) == 3
    assert found.left_out == ("frame 3 (p.tif)",)
    for _, a, b in found:
        np.testing.assert_array_equal(a, b)
    one = write_labels(tmp_path / "one.tif", labels[0])
    other = write_labels(tmp_path / "other.tif", labels[0])
    assert len(pair(one, other)) == 1


def test_a_file_by_itself_keeps_to_its_number(
    tmp_path: Path, labels: np.ndarray
) -> None:
    pred = save(tmp_path / "p", *(f"mask{t:03d}.tif" for t in range(3)))
    truth = save(tmp_path / "t", *(f"man_seg{t:03d}.tif" for t in range(3)))
    found = pair(pred / "mask001.tif", truth)
    assert [p.pred is None for p in found] == [True, False, True]
    stack = write_labels(tmp_path / "all.tif", labels[:, :4, :4])
    (only,) = pair(stack, truth / "man_seg001.tif")
    assert only.pred is not None
    np.testing.assert_array_equal(only.pred, labels[1, :4, :4])
    other = save(tmp_path / "o", "man_seg007.tif")
    for first, second in ((pred / "mask001.tif", other), (stack, other)):
        with pytest.raises(ImageError, match="named like one of"):
            pair(first, second)
    kept = write_labels(
        tmp_path / "01.tif", labels[:1, :4, :4], like((1, 4, 4), numbers=(2,))
    )
    assert [p.pred is None for p in pair(kept, truth)] == [True, True, False]


def test_an_image_is_no_frame_of_a_stack_of_its_name(
    tmp_path: Path, labels: np.ndarray
) -> None:
    stack = write_labels(tmp_path / "01.tif", labels[:, :4, :4])
    truth = save(tmp_path / "t", "01.tif", "03.tif")
    found = pair(stack, truth)
    for p, t in zip(found, (1, 3), strict=True):
        assert p.pred is not None
        np.testing.assert_array_equal(p.pred, labels[t, :4, :4])


def test_pairs_of_a_folder_of_zarrs(tmp_path: Path, labels: np.ndarray) -> None:
    for name in ("a", "b"):
        write_labels(tmp_path / "p" / f"{name}.zarr", labels)
        write_labels(tmp_path / "t" / f"{name}.tif", labels)
        assert len(pair(tmp_path / "p", tmp_path / "t")) == (4 if name == "a" else 8)


def test_pairs_that_do_not_fit(tmp_path: Path) -> None:
    pred = save(tmp_path / "p", "mask001.tif", "mask002.tif", size=5)
    truth = save(tmp_path / "t", "man_seg001.tif", "man_seg002.tif")
    says = r"mask001\.tif\) is 5 x 5.*man_seg001\.tif\) is 4 x 4"
    with pytest.raises(ImageError, match=says):
        pair(pred, truth)
    names = save(tmp_path / "n", "a.tif", "b.tif")
    with pytest.raises(ImageError, match="named like one of"):
        pair(names, truth)


@pytest.mark.realdata
def test_pairs_of_challenge_truth(shared_data: Path) -> None:
    root = shared_data / "ctc" / "Fluo-N2DH-GOWT1"
    found = pair(root / "01_ST" / "SEG", root / "01_GT" / "SEG")
    assert len(found) == 30
    name, pred, true = next(iter(found))
    assert "man_seg002" in str(name)
    assert pred is None or pred.shape == true.shape
