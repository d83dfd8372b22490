"""Labels to files: every format, interruptions, what is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from napari_cellseg.errors import OutputError
from napari_cellseg.io.ctc import read_tracks, validate
from napari_cellseg.io.images import Stack, open_image
from napari_cellseg.io.results import read_labels
from napari_cellseg.pipeline.export import Target, check, save, targets
from napari_cellseg.recipe import load_recipe
from napari_cellseg.tracking import Track

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

FORMATS = ("ctc", "tiff", "zarr")


@pytest.fixture
def frames() -> NDArray[np.uint16]:
    """One cell that moves a pixel a frame, under another id in each."""
    labels = np.zeros((4, 20, 20), np.uint16)
    for t in range(4):
        labels[t, 5:10, 5 + t : 10 + t] = 4 - t
    return labels


@pytest.fixture
def stack(frames: NDArray[np.uint16]) -> Stack:
    return Stack.from_array(np.zeros(frames.shape, np.uint8), "cells", pixel_size=0.5)


def goal(folder: Path, kind: str) -> Target:
    return targets(folder, ["cells"], kind)[0]


def ending(frames: NDArray[np.uint16], error: BaseException) -> Iterator[np.ndarray]:
    yield from frames[:2]
    raise error


def partial(place: Target) -> Path:
    if place.format == "ctc":
        return place.folder / "partial"
    return place.path.with_name(f"cells.partial{place.path.suffix}")


@pytest.mark.parametrize("kind", FORMATS)
def test_labels_come_back(kind: str, frames, stack, tmp_path: Path) -> None:
    place = goal(tmp_path / "a" / "out", kind)
    steps = list(save(frames, stack, place, recipe=load_recipe()))
    writing = 1 + 4 * (kind == "ctc")
    assert [s.step for s in steps] == ["frames"] * 4 + ["writing"] * writing + ["done"]
    assert (steps[-1].done, steps[-1].total, steps[-1].objects) == (4, 4, 4)
    back = np.asarray(read_labels(place.path).data)
    np.testing.assert_array_equal(back > 0, frames > 0)
    if kind != "ctc":
        np.testing.assert_array_equal(back, frames)
    assert load_recipe(place.folder / "recipe.toml") == load_recipe()
    hidden = [p.name for p in place.folder.iterdir() if p.name.startswith(".")]
    assert hidden == []


def test_ctc_is_linked_and_valid(frames, stack, tmp_path: Path) -> None:
    list(save(frames, stack, goal(tmp_path, "ctc")))
    assert validate(tmp_path) == []
    assert read_tracks(tmp_path) == [Track(1, 0, 3, 0)]


def test_known_tracks_are_kept(frames, stack, tmp_path: Path) -> None:
    tracks = [Track(4, 0, 0), Track(3, 1, 1, 4), Track(2, 2, 2, 3), Track(1, 3, 3, 2)]
    list(save(frames, stack, goal(tmp_path, "ctc"), tracks=tracks))
    assert read_tracks(tmp_path) == sorted(tracks)
    assert validate(tmp_path) == []


def test_signs_of_life_are_handed_on(frames, stack, tmp_path: Path) -> None:
    labels = [None, frames[0], None, *frames[1:]]
    steps = list(save(labels, stack, goal(tmp_path, "tiff")))
    assert [s.done for s in steps] == [0, 1, 1, 2, 3, 4, 4, 4]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("error", [OutputError, KeyboardInterrupt])
def test_finished_frames_are_kept(kind, error, frames, stack, tmp_path: Path) -> None:
    place = goal(tmp_path, kind)
    with pytest.raises(error) as caught:
        list(save(ending(frames, error()), stack, place, recipe=load_recipe()))
    (note,) = caught.value.__notes__
    assert "2 of 4 frames" in note
    assert "frames 0 to 1 are kept in" in note
    assert str(partial(place)) in note
    kept = np.asarray(read_labels(partial(place)).data)
    np.testing.assert_array_equal(kept[:2] > 0, frames[:2] > 0)
    if kind == "ctc":
        assert validate(partial(place)) == []
    # what is kept is in nobody's way
    list(save(frames, stack, place))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_closed_export_keeps_its_frames(kind, frames, stack, tmp_path: Path) -> None:
    place = goal(tmp_path, kind)
    steps = save(frames, stack, place)
    next(steps)
    steps.close()
    assert partial(place).exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_result_is_replaced_only_by_a_complete_one(
    kind, frames, stack, tmp_path: Path
) -> None:
    place = goal(tmp_path, kind)
    list(save(frames, stack, place))
    before = np.asarray(read_labels(place.path).data).copy()
    with pytest.raises(OutputError, match=r"holds results already.*--overwrite"):
        list(save(frames, stack, place))
    broken = ending(np.roll(frames, 3, 1), OutputError("broken"))
    with pytest.raises(OutputError, match="broken"):
        list(save(broken, stack, place, overwrite=True))
    names = sorted(p.name for p in tmp_path.glob("mask*"))
    after = np.asarray(read_labels(place.path).data)
    np.testing.assert_array_equal(before, after[:4])
    list(save(np.roll(frames, 3, 1), stack, place, overwrite=True))
    last = np.asarray(read_labels(place.path).data)
    np.testing.assert_array_equal(last > 0, np.roll(frames, 3, 1) > 0)
    assert sorted(p.name for p in tmp_path.glob("mask*")) == names


def test_frames_that_cannot_be_written_linked_are_kept(
    frames, stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OutputError("too many ids")

    monkeypatch.setattr("napari_cellseg.pipeline.challenge.write_steps", refuse)
    with pytest.raises(OutputError, match="too many ids") as caught:
        list(save(frames, stack, goal(tmp_path, "ctc")))
    assert str(tmp_path / "unlinked") in caught.value.__notes__[0]
    back = np.asarray(read_labels(tmp_path / "unlinked").data)
    np.testing.assert_array_equal(back, frames)


def test_frames_are_kept_beside_those_kept_before(
    frames, stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OutputError("too many ids")

    monkeypatch.setattr("napari_cellseg.pipeline.challenge.write_steps", refuse)
    mine = tmp_path / "unlinked" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    for name in ("unlinked-2", "unlinked-3"):
        with pytest.raises(OutputError) as caught:
            list(save(frames, stack, goal(tmp_path, "ctc"), overwrite=True))
        assert str(tmp_path / name) in caught.value.__notes__[0]
        back = np.asarray(read_labels(tmp_path / name).data)
        np.testing.assert_array_equal(back, frames)
    assert mine.exists()
    monkeypatch.setattr("pathlib.Path.rename", _refuse_rename)
    with pytest.raises(OutputError) as caught:
        list(save(frames, stack, goal(tmp_path, "ctc"), overwrite=True))
    (hidden,) = tmp_path.glob(".unfinished-*")
    assert str(hidden) in caught.value.__notes__[0]
    np.testing.assert_array_equal(np.asarray(read_labels(hidden).data), frames)


def test_one_frame_is_kept(frames, stack, tmp_path: Path) -> None:
    broken = ending(frames[:1], OutputError("broken"))
    with pytest.raises(OutputError) as caught:
        list(save(broken, stack, goal(tmp_path, "tiff")))
    assert "frame 0 is kept in" in caught.value.__notes__[0]


def test_writing_can_be_stopped_between_two_files(
    frames, stack, tmp_path: Path
) -> None:
    steps = save(frames, stack, goal(tmp_path, "ctc"))
    while not list(tmp_path.glob("partial/mask*.tif")):
        next(steps)
    with pytest.raises(KeyboardInterrupt) as caught:
        steps.throw(KeyboardInterrupt())
    assert str(tmp_path / "unlinked") in caught.value.__notes__[0]
    back = np.asarray(read_labels(tmp_path / "unlinked").data)
    np.testing.assert_array_equal(back, frames)
    assert [p.name for p in tmp_path.iterdir()] == ["unlinked"]


def test_no_frame_leaves_nothing(stack, tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        list(save(ending(np.zeros((0, 2, 2)), OutputError("x")), stack,
                  goal(tmp_path, "ctc")))  # fmt: skip
    assert "nothing was written" in caught.value.__notes__[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_the_images_are_spared(kind, frames, tmp_path: Path) -> None:
    images = tmp_path / "cells"
    images.mkdir()
    for t, frame in enumerate(frames):
        tifffile.imwrite(images / f"t{t:03d}.tif", frame)
    stack = open_image(images).stack()
    with pytest.raises(OutputError, match="holds the images themselves"):
        list(save(frames, stack, goal(images, kind), overwrite=True))
    assert len(list(images.iterdir())) == 4


def test_notes_beside_a_result_are_in_nobodys_way(frames, stack, tmp_path) -> None:
    (tmp_path / "notes.md").write_text("mine")
    list(save(frames, stack, goal(tmp_path, "ctc")))
    assert (tmp_path / "notes.md").exists()


def test_two_inputs_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="2 inputs are named 'a'"):
        targets(tmp_path, ["a", "b", "a"], "tiff")


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="a part of its path is a file"):
        check([goal(tmp_path / "out" / "deep", "tiff")])


def _refuse_rename(*_: object) -> None:
    raise OSError("no")
