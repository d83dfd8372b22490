"""``segment``: what is written, and what bad input is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from napari_cellseg.io.ctc import validate
from napari_cellseg.io.results import read_labels
from napari_cellseg.pipeline import segment as segment_array
from napari_cellseg.recipe import load_recipe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_movie_is_one_label_file_with_its_recipe(
    segment: Run, movie: Path, tmp_path: Path
) -> None:
    done = segment(movie)
    assert done.exit_code == 0, done.stderr
    out = tmp_path / "out"
    assert sorted(p.name for p in out.iterdir()) == ["movie.tif", "recipe.toml"]
    assert done.stdout.startswith(f"{out / 'movie.tif'}: 4 frames, ")
    assert "cell diameter 24 px, as given" in done.stderr
    recipe = load_recipe(out / "recipe.toml")
    assert recipe.postprocess.h == pytest.approx(2.4)
    assert recipe.postprocess.smallest_area is not None
    labels = np.asarray(read_labels(out / "movie.tif").data)
    same = segment_array(tifffile.imread(movie), recipe, device="cpu")
    np.testing.assert_array_equal(labels, same)


def test_the_recipe_beside_gives_the_same_labels(
    segment: Run, run: Run, movie: Path, tmp_path: Path
) -> None:
    assert segment(movie).exit_code == 0
    again = tmp_path / "again"
    recipe = tmp_path / "out" / "recipe.toml"
    done = run("segment", movie, "--out", again, "--recipe", recipe)
    assert done.exit_code == 0, done.stderr
    assert (again / "recipe.toml").read_bytes() == recipe.read_bytes()
    np.testing.assert_array_equal(
        tifffile.imread(again / "movie.tif"),
        tifffile.imread(tmp_path / "out/movie.tif"),
    )


def test_results_of_other_settings_in_one_folder(
    segment: Run, movie: Path, tmp_path: Path
) -> None:
    """Each keeps the recipe that made it, whatever the order."""
    out = tmp_path / "out"
    for name in ("plain", "third"):
        movie.with_name(f"{name}.tif").write_bytes(movie.read_bytes())
    plain, third = tmp_path / "plain.tif", tmp_path / "third.tif"
    assert segment(movie).exit_code == 0
    first = (out / "recipe.toml").read_bytes()
    done = segment(plain, "--set", "postprocess.h=4")
    assert done.exit_code == 0, done.stderr
    assert f"{out / 'recipe.toml'} is that of other results" in done.stderr
    assert (out / "recipe.toml").read_bytes() == first
    assert load_recipe(out / "plain.recipe.toml").postprocess.h == 4
    # the same settings share a file, and what is shared is not replaced
    assert segment(third).exit_code == 0
    assert segment(movie, "--set", "postprocess.h=5", "--overwrite").exit_code == 0
    assert (out / "recipe.toml").read_bytes() == first
    assert load_recipe(out / "movie.recipe.toml").postprocess.h == 5
    # one of its own stays the one that counts
    assert segment(plain, "--overwrite").exit_code == 0
    assert (out / "plain.recipe.toml").read_bytes() == first
    # a recipe that is nobody's but this result's is replaced
    for path in (*out.glob("movie.*"), *out.glob("plain.*")):
        path.unlink()
    assert segment(third, "--set", "postprocess.h=6", "--overwrite").exit_code == 0
    assert load_recipe(out / "recipe.toml").postprocess.h == 6


def test_ctc(segment: Run, folder: Path, tmp_path: Path) -> None:
    done = segment(folder, "--format", "ctc")
    assert done.exit_code == 0, done.stderr
    names = [f"mask{t:03d}.tif" for t in range(4)]
    expected = [*names, "recipe.toml", "res_track.txt"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == expected
    assert validate(tmp_path / "out") == []


def test_zarr(segment: Run, folder: Path, tmp_path: Path) -> None:
    assert segment(folder, "--format", "zarr").exit_code == 0
    assert read_labels(tmp_path / "out" / "01.zarr").shape == (4, 48, 64)


def test_unrelated_images(segment: Run, folder: Path, tmp_path: Path) -> None:
    tifffile.imwrite(folder / "wide.tif", np.zeros((20, 90), np.uint16))
    (folder / "broken.tif").write_bytes(b"II*\0nothing")
    done = segment(folder, "--independent")
    assert done.exit_code == 1
    assert "broken.tif" in done.stderr
    assert "1 of 6 inputs failed" in done.stderr
    made = sorted(p.name for p in (tmp_path / "out").iterdir())
    frames = [f"t{t:03d}.tif" for t in range(4)]
    assert made == ["recipe.toml", *frames, "wide.tif"]
    assert tifffile.imread(tmp_path / "out" / "wide.tif").shape == (20, 90)


def test_only_inputs_that_fail(segment: Run, tmp_path: Path) -> None:
    for name in ("a.tif", "b.tif"):
        (tmp_path / name).write_bytes(b"II*\0nothing")
    done = segment(tmp_path / "a.tif", tmp_path / "b.tif")
    assert done.exit_code == 1
    assert done.stderr.endswith("2 of 2 inputs failed.\n")


def test_warnings_are_said_once(
    segment: Run, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By the example of dates in the names."""
    for path in folder.iterdir():
        path.rename(path.with_name(path.name.replace("t00", "t2024010")))
    done = segment(folder, "--format", "ctc")
    assert done.exit_code == 0, done.stderr
    assert validate(tmp_path / "out") == []
    (record,) = caplog.records
    assert done.stderr.count(f"Warning: {record.getMessage()}") == 1
    assert "2024010" in record.getMessage()


def test_several_inputs_have_a_result_each(
    segment: Run, folder: Path, movie: Path, tmp_path: Path
) -> None:
    done = segment(folder, movie, "--format", "ctc")
    assert done.exit_code == 0, done.stderr
    assert validate(tmp_path / "out" / "01") == []
    assert validate(tmp_path / "out" / "movie") == []
    assert (tmp_path / "out" / "recipe.toml").is_file()


def test_channel_and_plane(segment: Run, tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    data = np.zeros((5, 2, 40, 40), np.uint8)
    tifffile.imwrite(path, data, imagej=True, metadata={"axes": "ZCYX"})
    refused = segment(path)
    assert refused.exit_code == 1
    assert f"{path}: has 5 z planes" in refused.stderr
    assert "--z max" in refused.stderr
    assert "--axes TCYX" in refused.stderr
    movie = tmp_path / "movie3d.tif"
    tifffile.imwrite(movie, data, imagej=True, metadata={"axes": "TZYX"})
    assert "--axes" not in segment(movie).stderr
    assert not (tmp_path / "out").exists()
    done = segment(path, "--z", "max", "--channel", "1")
    assert done.exit_code == 0, done.stderr
    assert segment(path, "--z", "top", "--overwrite").exit_code == 2
    beyond = segment(path, "--z", "7", "--overwrite")
    assert beyond.exit_code == 1
    assert "has no z plane 7" in beyond.stderr


def test_pixel_size_is_kept(segment: Run, movie: Path, tmp_path: Path) -> None:
    assert segment(movie, "--pixel-size", "0.25").exit_code == 0
    assert read_labels(tmp_path / "out" / "movie.tif").pixel_size == 0.25


def test_a_link_gives_its_own_name(segment: Run, movie: Path, tmp_path: Path) -> None:
    links = [tmp_path / "links" / f"{name}.tif" for name in ("one", "two")]
    links[0].parent.mkdir()
    for link in links:
        link.symlink_to(movie)
    assert segment(*links).exit_code == 0
    assert {p.stem for p in (tmp_path / "out").glob("*.tif")} == {"one", "two"}


def test_time_step_is_kept_and_can_be_changed(
    run: Run, segment: Run, movie: Path, tmp_path: Path
) -> None:
    made = tmp_path / "out" / "movie.tif"
    assert segment(movie, "--time-step", "90").exit_code == 0
    assert read_labels(made).time_step == 90
    zarr = ("--format", "zarr", "--time-step", "60", "--pixel-size", "0.5")
    done = run("export", made, "--out", tmp_path / "zarr", *zarr)
    assert done.exit_code == 0, done.stderr
    found = read_labels(tmp_path / "zarr" / "movie.zarr")
    assert (found.time_step, found.pixel_size) == (60, 0.5)
    for wrong in ("0", "inf", "nan"):
        refused = run("export", made, "--out", tmp_path / "x", "--time-step", wrong)
        assert refused.exit_code == 2


def test_a_wrong_setting_is_wrong_usage(segment: Run, movie: Path) -> None:
    for setting in ("postprocess.hh=1", "postprocess.h=-1", "h=1", "nonsense"):
        done = segment(movie, "--set", setting)
        assert done.exit_code == 2, setting
        assert setting.partition("=")[0] in done.stderr


@pytest.mark.parametrize("value", [0, 7])
def test_a_frame_without_cells(value: int, segment: Run, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "flat.tif", np.full((40, 40), value, np.uint16))
    done = segment(tmp_path / "flat.tif", "--set", "postprocess.threshold=1")
    assert done.exit_code == 0, done.stderr
    assert "1 frame, 0 cells" in done.stdout
    assert not tifffile.imread(tmp_path / "out" / "flat.tif").any()


def test_no_cell_in_a_challenge_result(
    segment: Run, folder: Path, tmp_path: Path
) -> None:
    done = segment(folder, "--format", "ctc", "--set", "postprocess.threshold=1")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "out" / "res_track.txt").read_text() == ""
    assert validate(tmp_path / "out") == []


def _refuse(_: object, mode: int) -> bool:
    return not mode & os.W_OK


def test_a_model_of_other_training_is_warned_of(segment: Run, movie: Path) -> None:
    done = segment(movie, "--recipe", "nuclei")
    assert "Warning" not in done.stderr
    other = ("--set", "training.architecture.kind=deeplabv3+", "--overwrite")
    done = segment(movie, *other)
    assert done.exit_code == 0, done.stderr
    assert "kind = unet (the recipe has deeplabv3+)" in done.stderr
