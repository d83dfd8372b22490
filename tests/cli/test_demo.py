"""The demo: all of the job, small."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from napari_cellseg.cli import demo as command
from napari_cellseg.errors import OutputError
from napari_cellseg.io.ctc import validate
from napari_cellseg.pipeline.demo import MARK, Demo, run_demo
from napari_cellseg.recipe import load_recipe, override
from napari_cellseg.simulate import Simulation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

    from napari_cellseg.recipe import Recipe

SMALL = Simulation(frames=2, height=64, width=64, cells=4)


@pytest.fixture
def recipe(model: Path) -> Recipe:
    settings = (f"network.model={model}", "scale.diameter=30")
    return override(load_recipe(), settings)


def test_everything_is_there_and_a_second_run_replaces_it(
    recipe: Recipe, tmp_path: Path
) -> None:
    demo = Demo(tmp_path / "demo")
    for _ in range(2):
        said = [words for words, _ in run_demo(demo.folder, recipe, "cpu", SMALL)]
        assert said[0] == "simulating the movie"
    parts = (demo.movie, demo.masks, demo.overlay, demo.scores, demo.recipe)
    assert all(part.is_file() for part in parts)
    assert validate(demo.result) == []
    scores = json.loads(demo.scores.read_text())
    assert scores["provenance"]["frames"] == 2
    assert load_recipe(demo.recipe).scale.diameter == 30


def test_a_folder_of_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(OutputError, match="holds other things"):
        next(run_demo(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_command_prints_scores_and_says_why_no_window_opens(
    run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(folder: Path, device: str) -> object:
        return run_demo(folder, recipe, "cpu", SMALL)

    monkeypatch.setattr("napari_cellseg.pipeline.demo.run_demo", small)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(command.sys, "platform", "linux")
    done = run("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.stderr
    assert "TRA" in done.stdout
    assert str(tmp_path / "demo" / "overlay.png") in done.stdout
    assert "napari is not opened: there is no display." in done.stderr
    assert (tmp_path / "demo" / MARK).is_file()
    done = run("demo", "--out", tmp_path / "demo", "--no-gui")
    assert "napari" not in done.stderr
