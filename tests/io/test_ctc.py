"""Challenge results: what is written is valid, and every rule can fail alone."""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from ctc_metrics.scripts.validate import validate_sequence

from napari_cellseg.errors import ImageError, OutputError
from napari_cellseg.io.ctc import (
    read_tracks,
    tracks_of,
    validate,
    write_result,
    write_tracks,
)
from napari_cellseg.io.images import open_image
from napari_cellseg.tracking.lineage import Track

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACKS = [Track(1, 0, 3), Track(2, 0, 1), Track(3, 2, 3, 2), Track(4, 2, 3, 2)]


def movie() -> list[np.ndarray]:
    """A cell that stays and one that divides before frame 2."""
    frames = []
    for t in range(4):
        frame = np.zeros((8, 12), np.uint16)
        frame[1:3, 1:3] = 1
        frame[5:7, 2:5] = 2 if t < 2 else 3
        frame[5:7, 7:10] = 0 if t < 2 else 4
        frames.append(frame)
    return frames


@pytest.fixture
def result(tmp_path: Path) -> Path:
    return write_result(tmp_path / "01_RES", movie(), TRACKS)


def repaint(folder: Path, frame: int, old: int, new: int) -> None:
    path = folder / f"mask{frame:03d}.tif"
    labels = tifffile.imread(path)
    labels[labels == old] = new
    tifffile.imwrite(path, labels)


def rows(folder: Path, *lines: str) -> None:
    (folder / "res_track.txt").write_text("".join(f"{line}\n" for line in lines))


def test_written_is_read_back_and_valid(result: Path) -> None:
    names = sorted(p.name for p in result.iterdir())
    assert names == [*(f"mask{t:03d}.tif" for t in range(4)), "res_track.txt"]
    assert (result / "res_track.txt").read_text().splitlines()[2] == "3 2 3 2"
    assert read_tracks(result) == TRACKS
    assert validate(result) == []
    assert validate_sequence(str(result), threads=1) == {"Valid": 1}
    image = open_image(result)
    assert image.labels
    assert image.frame_numbers == (0, 1, 2, 3)
    for t, frame in enumerate(movie()):
        np.testing.assert_array_equal(image.stack().frame(t), frame)
    with tifffile.TiffFile(result / "mask000.tif") as tif:
        assert tif.pages.first.dtype == np.uint16
        assert tif.pages.first.compression == 8


def test_four_digits_from_a_thousand_frames_on(tmp_path: Path) -> None:
    blank = np.zeros((2, 2), np.uint16)
    folder = write_result(tmp_path / "a", (blank for _ in range(1000)), [])
    assert (folder / "mask0000.tif").exists()
    assert (folder / "mask0999.tif").exists()
    assert open_image(folder).frame_numbers == tuple(range(1000))


def test_ids_beyond_16_bits_are_refused(tmp_path: Path) -> None:
    frame = np.full((2, 2), 65536, np.uint32)
    with pytest.raises(OutputError, match=r"65536.*--format zarr"):
        write_result(tmp_path / "a", [frame], [Track(65536, 0, 0)])
    with pytest.raises(OutputError, match=r"65536.*--format zarr"):
        write_result(tmp_path / "a", [frame], [])
    assert not list((tmp_path / "a").glob("*mask*"))
    write_result(tmp_path / "a", [frame - 1], [Track(65535, 0, 0)])
    assert validate(tmp_path / "a") == []


def test_absent_frames_become_empty_masks_and_cut_tracks(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "a", movie(), TRACKS, numbers=[0, 2, 3, 5])
    assert validate(folder) == []
    assert validate_sequence_quietly(folder) == {"Valid": 1}
    assert sorted(p.name for p in folder.glob("mask*"))[-1] == "mask005.tif"
    assert not tifffile.imread(folder / "mask004.tif").any()
    tracks = {t.label: t for t in read_tracks(folder)}
    assert tracks[1] == Track(1, 0, 0)
    # the second piece of track 2 is the parent of its daughters
    (second,) = [t for t in tracks.values() if t.parent == 2]
    assert (second.begin, second.end) == (2, 2)
    assert {tracks[3].parent, tracks[4].parent} == {second.label}
    for number, frame in zip((0, 2, 3, 5), movie(), strict=True):
        found = tifffile.imread(folder / f"mask{number:03d}.tif")
        np.testing.assert_array_equal(found > 0, frame > 0)


def test_numbers_that_are_dates_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = [20240101, 20240102, 20240103, 20240104]
    folder = write_result(tmp_path / "a", movie(), TRACKS, numbers=numbers)
    assert "up to 20240104" in caplog.text
    assert validate(folder) == []
    assert len(list(folder.glob("mask*"))) == 4
    assert read_tracks(folder) == TRACKS
    # two frames may well be a choice of a thousand
    write_result(tmp_path / "b", movie()[:2], [], numbers=[0, 1019])
    assert (tmp_path / "b" / "mask1019.tif").exists()


@pytest.mark.filterwarnings("ignore:Empty frame")
def validate_sequence_quietly(folder: Path) -> dict[str, int]:
    with pytest.warns(UserWarning, match="Empty frame"):
        return dict(validate_sequence(str(folder), threads=1))


def test_tracks_of_consistent_ids(tmp_path: Path) -> None:
    found = tracks_of(movie())
    assert found == [Track(t.label, t.begin, t.end) for t in TRACKS]
    folder = write_result(tmp_path / "a", movie(), found)
    assert validate(folder) == []


def test_an_existing_result_is_kept_unless_asked(result: Path) -> None:
    (result / "notes.md").write_text("mine")
    with pytest.raises(OutputError, match=r"01_RES.*--overwrite"):
        write_result(result, movie()[:2], [])
    assert validate(result) == []
    frames = [np.minimum(f, 1) for f in movie()[:2]]
    write_result(result, frames, [Track(1, 0, 1)], overwrite=True)
    assert validate(result) == []
    assert sorted(p.name for p in result.iterdir()) == [
        "mask000.tif",
        "mask001.tif",
        "notes.md",
        "res_track.txt",
    ]


def test_a_failure_keeps_the_old_result_and_the_finished_frames(result: Path) -> None:
    def failing() -> Iterator[np.ndarray]:
        yield from movie()[:2]
        raise RuntimeError("the third frame")

    with pytest.raises(RuntimeError, match="the third frame"):
        write_result(result, failing(), TRACKS, overwrite=True)
    assert len(list((result / "partial").glob("mask*.tif"))) == 2
    assert validate(result) == []
    assert read_tracks(result) == TRACKS
    write_result(result, movie(), TRACKS, overwrite=True)
    assert not (result / "partial").exists()


def test_a_left_partial_does_not_block_the_next_run(tmp_path: Path) -> None:
    def failing() -> Iterator[np.ndarray]:
        yield movie()[0]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_result(tmp_path / "a", failing(), TRACKS)
    write_result(tmp_path / "a", movie(), TRACKS)
    assert validate(tmp_path / "a") == []


def test_notes_are_not_in_the_way_and_other_pictures_are(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("")
    write_result(tmp_path, movie(), TRACKS)
    other = tmp_path / "other"
    other.mkdir()
    tifffile.imwrite(other / "t000.tif", movie()[0])
    with pytest.raises(OutputError, match=r"t000\.tif"):
        write_result(other, movie(), TRACKS)


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(OutputError, match=r"a.*choose another folder"):
        write_result(tmp_path / "a", movie(), TRACKS)
    with pytest.raises(OutputError, match="cannot be written"):
        write_result(tmp_path / "a" / "b", movie(), TRACKS)


def test_a_result_that_cannot_be_moved_leaves_the_old_one(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if self.name == "res_track.txt" and self.parent.name == "partial":
            raise OSError(errno.ENOSPC, "full")
        return replace(self, target)

    before = {p.name: p.read_bytes() for p in result.iterdir()}
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_result(result, movie()[:1], [Track(1, 0, 0)], overwrite=True)
    after = {p.name: p.read_bytes() for p in result.iterdir() if p.is_file()}
    assert after == before
    assert [p.name for p in result.iterdir() if p.is_dir()] == ["partial"]


def test_many_absent_masks_are_counted(result: Path) -> None:
    (result / "mask001.tif").rename(result / "mask9999999999.tif")
    found = [f for f in validate(result) if "absent" in f.message]
    assert [f.frame for f in found[:5]] == [1, *range(4, 8)]
    assert "mask files are absent" in found[5].message
    assert sum("mask file" in f.message for f in found) == 6


def test_absent_mask(result: Path) -> None:
    (result / "mask001.tif").unlink()
    (found,) = validate(result)
    assert (found.frame, found.label) == (1, None)
    assert "absent" in found.message


def test_not_uint16(result: Path) -> None:
    path = result / "mask002.tif"
    tifffile.imwrite(path, tifffile.imread(path).astype(np.uint8))
    (found,) = validate(result)
    assert found.frame == 2
    assert "uint8, not uint16" in found.message


def test_other_size(result: Path) -> None:
    path = result / "mask002.tif"
    tifffile.imwrite(path, np.pad(tifffile.imread(path), 1))
    (found,) = validate(result)
    assert found.frame == 2
    assert "(10, 14), the first mask is (8, 12)" in found.message


def test_damaged_mask(result: Path) -> None:
    (result / "mask002.tif").write_bytes(b"II*\0")
    (found,) = validate(result)
    assert found.frame == 2
    assert "damaged" in found.message


@pytest.mark.parametrize("name", ["mask2.tif", "mask0002.tif"])
@pytest.mark.parametrize("second", [True, False])
def test_mask_of_another_name(result: Path, name: str, second: bool) -> None:
    path = result / "mask002.tif"
    (result / name).write_bytes(path.read_bytes())
    if not second:
        path.unlink()
    (found,) = validate(result)
    assert str(found) == f"frame 2: {name} is not named mask002.tif"


def test_three_digits_for_a_thousand_frames(tmp_path: Path) -> None:
    blank = np.zeros((2, 2), np.uint16)
    folder = write_result(tmp_path / "a", (blank for _ in range(1000)), [])
    assert validate(folder) == []
    (folder / "mask0123.tif").rename(folder / "mask123.tif")
    (found,) = validate(folder)
    assert str(found) == "frame 123: mask123.tif is not named mask0123.tif"


@pytest.mark.parametrize(
    ("shape", "how"), [((8, 12, 3), "rgb"), ((4, 8, 12), "minisblack")]
)
def test_colours_and_volumes(result: Path, shape: tuple[int, ...], how: str) -> None:
    path = result / "mask000.tif"
    tifffile.imwrite(path, np.ones(shape, np.uint16), photometric=how)
    (found,) = validate(result)
    assert found.frame == 0
    assert f"mask000.tif is {shape}" in found.message
    assert "not one plane" in found.message


@pytest.mark.parametrize(
    ("lines", "line", "label", "says"),
    [
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 2", "5 0 x 0"), 5, None, "no.* row"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 2", ""), 5, None, "not a row"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 2", "0 0 0 0"), 5, None, "not a row"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 2", "1 0 3 0"), 5, 1, "on line 1"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 2", "5 2 1 0"), 5, 5, "before it be"),
        (("1 0 4 0", "2 0 1 0", "3 2 3 2", "4 2 3 2"), 1, 1, "the last is 3"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 9"), 4, 4, "parent 9 is not in"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 1"), 4, 4, "ends in frame 3, not"),
        (("1 0 3 0", "2 0 1 0", "3 2 3 2", "4 2 3 4"), 4, 4, "own ancestor"),
    ],
)
def test_wrong_rows(
    result: Path, lines: tuple[str, ...], line: int, label: int | None, says: str
) -> None:
    rows(result, *lines)
    (found,) = validate(result)
    assert (found.line, found.label) == (line, label)
    assert re.search(says, str(found))


def test_a_cycle_of_two(result: Path) -> None:
    rows(result, "1 0 3 0", "2 0 1 3", "3 2 3 2", "4 2 3 2")
    assert {f.label for f in validate(result)} == {2, 3}
    assert all("own ancestor" in f.message for f in validate(result))


def test_label_without_a_row(result: Path) -> None:
    path = result / "mask003.tif"
    labels = tifffile.imread(path)
    labels[0, 11] = 7
    tifffile.imwrite(path, labels)
    (found,) = validate(result)
    assert (found.frame, found.label) == (3, 7)
    assert "not in res_track" in found.message


def test_label_absent_from_a_frame_of_its_track(result: Path) -> None:
    repaint(result, 2, old=1, new=0)
    (found,) = validate(result)
    assert (found.frame, found.label, found.line) == (2, 1, 1)
    assert "absent" in found.message


def test_label_beyond_its_track(result: Path) -> None:
    path = result / "mask003.tif"
    labels = tifffile.imread(path)
    labels[0, 11] = 2
    tifffile.imwrite(path, labels)
    (found,) = validate(result)
    assert (found.frame, found.label, found.line) == (3, 2, 2)
    assert "beyond" in found.message


def test_no_table_no_masks_no_folder(result: Path, tmp_path: Path) -> None:
    (result / "res_track.txt").unlink()
    assert "res_track.txt is absent" in str(validate(result)[0])
    empty = tmp_path / "empty"
    empty.mkdir()
    rows(empty)
    assert [str(f) for f in validate(empty)] == [
        "no mask000.tif, mask001.tif ... are there"
    ]
    with pytest.raises(ImageError, match="is not a folder"):
        validate(tmp_path / "none")


def test_a_malformed_table_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "res_track.txt"
    path.write_text("1 0 3 0\n2 0 1\n")
    with pytest.raises(ImageError, match=r"res_track\.txt, line 2: '2 0 1'"):
        read_tracks(path)
    with pytest.raises(ImageError, match="no lineage table"):
        read_tracks(tmp_path / "none.txt")
    write_tracks(path, reversed(TRACKS))
    assert read_tracks(tmp_path) == TRACKS
    path.write_text("1\t0\t3\t0\r\n")
    assert read_tracks(path) == [Track(1, 0, 3)]
