"""The sample movie as napari gets it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from napari_cellseg._sample_data import simulated_cells, simulated_movie
from napari_cellseg.simulate import simulate


def test_layers_lie_on_each_other() -> None:
    (image, picture, kind), (labels, truth, _), (_tracks, paths, _) = simulated_movie()
    assert kind == "image"
    assert image.shape == labels.shape == (20, 512, 512)
    assert picture["scale"] == truth["scale"] == paths["scale"] == (1.0, 0.4, 0.4)
    assert picture["axis_labels"] == ("t", "y", "x")
    assert truth["visible"] is False
    low, high = picture["contrast_limits"]
    assert low < high


def test_tracks_run_through_their_labels() -> None:
    movie = simulate()
    _, (labels, *_), (rows, paths, _) = simulated_movie()
    assert {int(r) for r in rows[:, 0]} == {track.label for track in movie.tracks}
    at = np.rint(rows[:, 1:]).astype(int)
    assert np.mean(labels[tuple(at.T)] == rows[:, 0]) > 0.99
    assert paths["graph"] == {t.label: [t.parent] for t in movie.tracks if t.parent}


def test_cells_and_their_nuclei_share_ids() -> None:
    layers = {
        options["name"]: (data, options, kind)
        for data, options, kind in simulated_cells()
    }
    assert list(layers) == [
        "Simulated cells",
        "Nuclear channel",
        "True cells",
        "True nuclei",
    ]
    for data, options, kind in layers.values():
        assert data.shape == (5, 512, 512)
        assert options["scale"] == (1.0, 0.65, 0.65)
        assert kind == ("labels" if "True" in options["name"] else "image")
    cells, nuclei = layers["True cells"][0], layers["True nuclei"][0]
    np.testing.assert_array_equal(cells[nuclei > 0], nuclei[nuclei > 0])


@pytest.mark.parametrize("module", ["_sample_data", "simulate", "io.overlay"])
def test_no_window_toolkit_is_imported(module: str) -> None:
    code = (
        "import sys; sys.modules['napari'] = sys.modules['qtpy'] = None\n"
        f"import napari_cellseg.{module}\n"
        "assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
