"""The whole job on the simulated movie, with its truth at hand."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tifffile

from napari_cellseg.errors import OutputError
from napari_cellseg.io.ctc import write_tracks
from napari_cellseg.io.images import Stack
from napari_cellseg.io.overlay import montage, write_png
from napari_cellseg.io.results import read_labels
from napari_cellseg.pipeline.compare import compare
from napari_cellseg.pipeline.export import Target, check, save, segment_to
from napari_cellseg.pipeline.stages import Pipeline
from napari_cellseg.pipeline.whole import resolve
from napari_cellseg.recipe import load_recipe
from napari_cellseg.simulate import Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellseg.network.device import DeviceName
    from napari_cellseg.pipeline.export import Progress
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.simulate import Movie

MARK = "README.txt"
TEXT = """\
This folder was written by "napari-cellseg demo", which replaces it when run again.

movie.tif     the simulated movie
masks.tif     the cells found in each frame
01_RES        the same cells linked over time, in the Cell Tracking Challenge's format
01_GT/TRA     the truth, in that format
overlay.png   outlines of the cells found over four frames
scores.json   how well they fit the truth
recipe.toml   the recipe, with every number that made the masks
"""


@dataclass(frozen=True)
class Demo:
    """Where the parts of a demo lie.

    Attributes
    ----------
    folder : Path
        All of it.
    """

    folder: Path

    @property
    def movie(self) -> Path:
        """The simulated movie."""
        return self.folder / "movie.tif"

    @property
    def masks(self) -> Path:
        """Labels of each frame."""
        return self.folder / "masks.tif"

    @property
    def result(self) -> Path:
        """Linked labels and their tracks."""
        return self.folder / "01_RES"

    @property
    def truth(self) -> Path:
        """True labels and tracks."""
        return self.folder / "01_GT" / "TRA"

    @property
    def overlay(self) -> Path:
        """Outlines over four frames."""
        return self.folder / "overlay.png"

    @property
    def scores(self) -> Path:
        """Scores as JSON."""
        return self.folder / "scores.json"

    @property
    def recipe(self) -> Path:
        """The recipe with its numbers."""
        return self.folder / "recipe.toml"


def run_demo(
    folder: Path,
    recipe: Recipe | None = None,
    device: DeviceName = "auto",
    simulation: Simulation | None = None,
) -> Iterator[tuple[str, Progress | None]]:
    """Simulate a movie, segment, link and score it, and write all of it.

    Parameters
    ----------
    folder : Path
        New or empty, or that of a former demo, which is replaced.
    recipe : Recipe, optional
        ``nuclei`` by default.
    device : {"auto", "cpu", "cuda", "mps"}
        Where the network runs.
    simulation : Simulation, optional
        The sample movie by default.

    Yields
    ------
    words : str
        What is being done.
    progress : Progress or None
        How far it is, where that is known.

    Raises
    ------
    OutputError
        If the folder holds other things or cannot be written to.
    """
    demo = Demo(folder)
    _clear(demo)
    yield "simulating the movie", None
    movie = simulate(simulation)
    stack = Stack.from_array(
        movie.images,
        "movie",
        pixel_size=movie.pixel_size,
        time_step=movie.time_step,
    )
    _write_movie(demo, movie)
    yield "loading the network, finding the cells' size", None
    pipeline = Pipeline(stack, device, memory=0)
    ready = resolve(recipe or load_recipe(), pipeline)
    goal = Target(folder, "masks")
    for step in segment_to(pipeline, ready, goal):
        yield "finding cells", step
    labels = read_labels(demo.masks)
    frames = (labels.frame(t) for t in range(len(labels)))
    for step in save(frames, labels, Target(folder, "01_RES", "ctc"), recipe=ready):
        yield "linking them over time", step
    yield "scoring", None
    _write_scores(demo)
    picture = montage(movie.images, labels.data)
    write_png(demo.overlay, picture)


def read_scores(demo: Demo) -> dict[str, Any]:
    """Scores of a demo, as ``evaluate --json`` writes them."""
    scores: dict[str, Any] = json.loads(demo.scores.read_text(encoding="utf-8"))
    return scores


def _clear(demo: Demo) -> None:
    """Make the folder, or empty that of a former demo, and of nothing else."""
    folder = demo.folder
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise OutputError(
            f"{folder} holds other things than a demo and is left as it is: choose "
            "another folder with --out."
        )
    check([Target(folder, "masks")], overwrite=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(TEXT, encoding="utf-8")
    for part in (demo.result, demo.truth.parent):
        shutil.rmtree(part, ignore_errors=True)
    nuclei = Target(folder, "masks").nuclei_path
    files = (demo.movie, demo.masks, nuclei, demo.overlay, demo.scores, demo.recipe)
    for part in files:
        part.unlink(missing_ok=True)


def _write_movie(demo: Demo, movie: Movie) -> None:
    metadata = {
        "axes": "TYX",
        "PhysicalSizeX": movie.pixel_size,
        "PhysicalSizeY": movie.pixel_size,
        "TimeIncrement": movie.time_step,
    }
    tifffile.imwrite(
        demo.movie, movie.images, ome=True, metadata=metadata, compression="zlib"
    )
    demo.truth.mkdir(parents=True)
    for t, labels in enumerate(movie.labels):
        tifffile.imwrite(
            demo.truth / f"man_track{t:03d}.tif", labels, compression="zlib"
        )
    write_tracks(demo.truth / "man_track.txt", movie.tracks)


def _write_scores(demo: Demo) -> None:
    scores = compare(demo.result, demo.truth).report.as_json()
    text = json.dumps(scores, indent=2, allow_nan=False)
    demo.scores.write_text(text + "\n", encoding="utf-8")
