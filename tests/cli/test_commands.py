"""The other commands, in this process."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from napari_cellseg import __version__
from napari_cellseg.io.ctc import read_tracks, validate, write_result, write_tracks
from napari_cellseg.io.results import read_labels
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.recipe import Recipe, load_recipe
from napari_cellseg.tracking import Track

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

CONTRACT = {
    "pixel": {"f1", "iou", "accuracy", "precision", "recall"},
    "instance": {"threshold", "tp", "fp", "fn", "precision", "recall", "f1"},
    "centroid": {"tp", "fp", "fn", "precision", "recall", "mean_distance_px"},
    "count": {"pred", "truth"},
}
COMMANDS = (
    "demo",
    "segment",
    "track",
    "evaluate",
    "train",
    "export",
    "validate",
    "recipes",
    "models",
)
PLAIN = {"ap", "dsb_score", "sm", "seg", "det", "tra", "frames", "provenance"}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """One cell that moves a pixel a frame, under another id in each."""
    frames = np.zeros((4, 20, 20), np.uint16)
    for t in range(4):
        frames[t, 5:10, 5 + t : 10 + t] = 4 - t
    path = tmp_path / "labels.tif"
    tifffile.imwrite(path, frames, metadata={"axes": "TYX"}, ome=True)
    return path


@pytest.fixture
def truth(labels: Path, tmp_path: Path) -> Path:
    """The same cell as the challenge's truth, with its track."""
    place = tmp_path / "01_GT" / "TRA"
    place.mkdir(parents=True)
    for t, frame in enumerate(tifffile.imread(labels)):
        tifffile.imwrite(place / f"man_track{t:03d}.tif", (frame > 0).astype(np.uint16))
    write_tracks(place / "man_track.txt", [Track(1, 0, 3)])
    return place


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"napari-cellseg {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, run: Run) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    assert "Usage: napari-cellseg" in done.stdout.replace("root", "napari-cellseg")
    assert max(map(len, done.stdout.splitlines())) <= 80
    listed = next(
        line for line in run("--help").stdout.splitlines() if f"  {command}  " in line
    )
    assert "..." not in listed


@pytest.mark.parametrize(
    "arguments",
    ["segment", "segment a", "evaluate a", "nothing", "models --bogus"],
)
def test_wrong_usage(arguments: str, run: Run) -> None:
    done = run(*arguments.split())
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr


def test_track(run: Run, labels: Path, tmp_path: Path) -> None:
    done = run("track", labels, "--out", tmp_path / "res")
    assert done.exit_code == 0, done.stderr
    assert "4 frames, 1 track," in done.stdout
    assert read_tracks(tmp_path / "res") == [Track(1, 0, 3)]
    assert run("validate", tmp_path / "res").stdout == "valid\n"
    assert run("track", labels, "--out", tmp_path / "res").exit_code == 1


def test_export_keeps_a_table_of_tracks(run: Run, tmp_path: Path) -> None:
    frame = np.zeros((9, 9), np.uint16)
    frame[2:5, 2:5] = 1
    tracks = [Track(1, 0, 0), Track(2, 1, 1, 1)]
    write_result(tmp_path / "01_RES", [frame, frame * 2], tracks)
    done = run("export", tmp_path / "01_RES", "--out", tmp_path / "res")
    assert done.exit_code == 0, done.stderr
    assert read_tracks(tmp_path / "res") == tracks


@pytest.mark.parametrize(("kind", "name"), [("tiff", "labels.tif"),
                                            ("zarr", "labels.zarr")])  # fmt: skip
def test_export(kind: str, name: str, run: Run, labels: Path, tmp_path: Path) -> None:
    done = run("export", labels, "--out", tmp_path / "o", "--format", kind)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'o' / name}: 4 frames, 4 cells\n"
    back = np.asarray(read_labels(tmp_path / "o" / name).data)
    np.testing.assert_array_equal(back, tifffile.imread(labels))


def test_export_of_an_image_is_refused(run: Run, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "grey.tif", np.full((9, 9), 0.5, np.float32))
    done = run("export", tmp_path / "grey.tif", "--out", tmp_path / "o")
    assert done.exit_code == 1
    assert "no label image" in done.stderr


def test_validate_says_what_is_wrong(run: Run, truth: Path, tmp_path: Path) -> None:
    frame = np.ones((5, 5), np.uint16)
    write_result(tmp_path / "01_RES", [frame], [Track(1, 0, 0)])
    write_tracks(
        tmp_path / "01_RES" / "res_track.txt", [Track(1, 0, 5), Track(2, 0, 0)]
    )
    done = run("validate", tmp_path / "01_RES")
    assert done.exit_code == 1
    assert "valid" not in done.stdout
    assert len(done.stdout.splitlines()) == len(validate(tmp_path / "01_RES")) == 2
    assert run("validate", tmp_path / "absent").exit_code == 1


def test_scores_are_those_of_the_contract(
    run: Run, labels: Path, truth: Path, tmp_path: Path
) -> None:
    run("track", labels, "--out", tmp_path / "res")
    (tmp_path / "res" / "mask003.tif").unlink()
    table = tmp_path / "scores.csv"
    done = run("evaluate", tmp_path / "res", truth, "--json", "-", "--csv", table)
    assert done.exit_code == 0, done.stderr
    scores = json.loads(done.stdout)
    assert set(CONTRACT) | PLAIN <= set(scores)
    for name, keys in CONTRACT.items():
        assert set(scores[name]) == keys
    assert set(scores["ap"]) == {f"0.{p}" for p in range(50, 100, 5)}
    assert scores["seg"] == 0.75
    assert scores["count"] == {"pred": 3, "truth": 4}
    assert scores["det"] is None
    assert "track" in scores["reasons"]["det"]
    assert "1 true frames have no prediction" in done.stderr
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["missing"] for row in rows] == ["False"] * 3 + ["True", "1"]


def test_tracking_scores_and_the_table(
    run: Run, labels: Path, truth: Path, tmp_path: Path
) -> None:
    run("track", labels, "--out", tmp_path / "res")
    out = tmp_path / "scores.json"
    done = run("evaluate", tmp_path / "res", truth, "--json", out)
    assert done.exit_code == 0, done.stderr
    scores = json.loads(out.read_text())
    assert (scores["det"], scores["tra"], scores["seg"]) == (1.0, 1.0, 1.0)
    said = {line.rsplit(maxsplit=1)[0]: line.split()[-1]
            for line in done.stdout.splitlines()}  # fmt: skip
    assert said["TRA"] == said["AP 0.50"] == "1.0000"


def test_a_label_file_without_tracks(run: Run, labels: Path, truth: Path) -> None:
    done = run("evaluate", labels, truth)
    assert done.exit_code == 0, done.stderr
    line = next(row for row in done.stdout.splitlines() if row.startswith("TRA"))
    assert line.split(maxsplit=2)[1:] == ["-", "no tracks given"]


def test_scores_go_to_a_new_folder_or_are_refused_before_the_work(
    run: Run, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new" / "s"
    done = run("evaluate", labels, labels, "--json", out / "s.json")
    assert done.exit_code == 0, done.stderr
    assert [p.name for p in out.iterdir()] == ["s.json"]
    monkeypatch.setattr("napari_cellseg.pipeline.compare.compare", None)
    for option in ("--json", "--csv"):
        done = run("evaluate", labels, labels, option, out)
        assert done.exit_code == 1
        assert f"{out}: is a folder" in done.stderr
    assert [p.name for p in out.iterdir()] == ["s.json"]


def test_scores_replace_no_image(run: Run, labels: Path, tmp_path: Path) -> None:
    before = labels.read_bytes()
    for option in ("--json", "--csv"):
        done = run("evaluate", labels, labels, option, labels)
        assert done.exit_code == 1
        assert "labels.tif: is the name of an image" in done.stderr
    assert labels.read_bytes() == before
    both = ("--json", tmp_path / "s", "--csv", tmp_path / "s")
    assert run("evaluate", labels, labels, *both).exit_code == 2


def test_images_in_place_of_labels_are_named(
    run: Run, movie: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.tif"
    cells = np.zeros((4, 48, 64), np.uint16)
    cells[:, 10:30, 10:30] = 1
    tifffile.imwrite(labels, cells, metadata={"axes": "TYX"}, ome=True)
    for pair in ((movie, labels), (labels, movie)):
        done = run("evaluate", *pair, "--json", tmp_path / "s.json")
        assert done.exit_code == 1
        assert f"{tmp_path}: frame 0 (movie.tif): holds grey levels" in done.stderr
    assert not (tmp_path / "s.json").exists()


def test_nothing_to_pair(run: Run, labels: Path, tmp_path: Path) -> None:
    done = run("evaluate", labels, tmp_path / "absent")
    assert done.exit_code == 1
    assert "absent: does not exist" in done.stderr


def test_recipes(run: Run, tmp_path: Path) -> None:
    assert run("recipes").stdout.startswith("nuclei: ")
    shown = run("recipes", "nuclei").stdout
    path = tmp_path / "mine.toml"
    path.write_text(shown, encoding="utf-8")
    assert load_recipe(path) == load_recipe("nuclei")
    for stage in ("preprocess", "scale", "network", "postprocess", "tracking"):
        for field in getattr(Recipe.model_fields[stage].annotation, "model_fields"):  # noqa: B009
            assert field in shown
    assert "# h = automatic" in shown
    assert run("recipes", "absent").exit_code == 1


def test_models(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"tiny": model}
    monkeypatch.setattr("napari_cellseg.network.files.installed_models", lambda: files)
    done = run("models")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("tiny  0.0 MB  checksum fits (")
    assert "learnt from nothing" in done.stdout
    assert "cells brought to 24 px" in done.stdout
    whole = load_bundle(model)
    card = {
        "scale": {"to": "image size", "side": 256},
        "pretrained": {"asked": "imagenet", "used": "random"},
    }
    files["square"] = model.with_name("square.safetensors")
    weights = whole.network.state_dict()
    save_bundle(files["square"], weights, whole.architecture, 24.0, card)
    shown = run("models").stdout
    assert "predicts foreground, distance of images brought to 256 x 256 px" in shown
    assert "began with weights: random (the recipe asks for imagenet)" in shown
    damaged = model.with_name("damaged.safetensors")
    damaged.write_bytes(model.read_bytes()[:-1] + b"x")
    files["damaged"] = damaged
    done = run("models")
    assert done.exit_code == 1
    assert "damaged  0.0 MB  damaged" in done.stdout
    assert "checksum does not fit" in done.stderr


class TestTrain:
    """A few steps on a few crops."""

    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        rng = np.random.default_rng(0)
        for name in ("images", "labels"):
            (tmp_path / "data" / name).mkdir(parents=True)
        for n in range(3):
            labels = np.zeros((80, 80), np.uint16)
            labels[10:34, 10:34], labels[40:64, 44:68] = 1, 2
            noise = rng.integers(0, 40, labels.shape) + 100 * (labels > 0)
            place = tmp_path / "data"
            tifffile.imwrite(place / "labels" / f"{n}.tif", labels)
            tifffile.imwrite(place / "images" / f"{n}.tif", noise.astype(np.uint8))
        rows = "id,kind,split\n0,a,train\n1,a,val\n2,b,train\n"
        (tmp_path / "data" / "index.csv").write_text(rows)
        return tmp_path / "data"

    def options(self, *more: object) -> list[object]:
        small = ("simulated=0", "batch=1", "crop=64", "architecture.widths=[4,8]")
        settings = [w for s in small for w in ("--set", f"training.{s}")]
        return [*settings, "--device", "cpu", *more]

    def test_train_and_resume(self, run: Run, data: Path, tmp_path: Path) -> None:
        out = tmp_path / "model.safetensors"
        done = run("train", data, "--out", out, *self.options("--epochs", 1))
        assert done.exit_code == 0, done.stderr
        assert done.stdout == f"{out}\n"
        assert "epoch 1 of 1: loss" in done.stderr
        refused = run("train", data, "--out", out, *self.options())
        assert refused.exit_code == 1
        assert "--overwrite" in refused.stderr
        more = self.options("--epochs", 2, "--resume")
        done = run("train", data, "--out", out, *more)
        assert done.exit_code == 0, done.stderr
        assert "epoch 2 of 2" in done.stderr
        assert "epoch 1 of 2" not in done.stderr

    def test_where(self, run: Run, data: Path, tmp_path: Path) -> None:
        out = tmp_path / "m.safetensors"
        done = run("train", data, "--out", out, *self.options("--where", "kind=c"))
        assert done.exit_code == 1
        assert "kind" in done.stderr
        done = run("train", data, "--out", out, *self.options("--where", "kin=a"))
        assert done.exit_code == 1
        assert "column 'kin'; there are: id, kind, split" in done.stderr
        assert not out.exists()
        done = run("train", data, "--out", out, *self.options("--where", "kind"))
        assert done.exit_code == 2

    def test_fewer_images_than_a_batch(
        self, run: Run, data: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "m.safetensors"
        batch = ("--set", "training.batch=99")
        done = run("train", data, "--out", out, *self.options(*batch))
        assert done.exit_code == 1
        assert "training.batch" in done.stderr
        assert not out.exists()

    def test_nothing_to_resume(self, run: Run, data: Path, tmp_path: Path) -> None:
        out = tmp_path / "m.safetensors"
        done = run("train", data, "--out", out, *self.options("--resume"))
        assert done.exit_code == 1
        assert "nothing to resume" in done.stderr
