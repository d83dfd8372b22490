"""The simulated movies in napari's menu File > Open Sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_cellseg.simulate import Movie, simulate, simulate_cells_movie
from napari_cellseg.simulate.cells import PIXEL_SIZE

LayerData = tuple[Any, dict[str, Any], str]

_AXES = ("t", "y", "x")
SEED = 2


def simulated_movie() -> list[LayerData]:
    """Simulate the sample movie.

    Returns
    -------
    list of tuple
        Layers as napari reads them: the movie ``(T, Y, X)``, its true labels
        (hidden) and its true tracks (hidden). Scale: 1 frame, µm, µm.
    """
    movie = simulate()
    scale = (1.0, movie.pixel_size, movie.pixel_size)
    placed = {"scale": scale, "axis_labels": _AXES}
    metadata = {
        "time_step": movie.time_step,
        "pixel_size": movie.pixel_size,
        "simulation": movie.parameters.model_dump(),
    }
    picture = {
        "name": "Simulated nuclei",
        "contrast_limits": _contrast(movie.images[0]),
        "colormap": "gray",
        "units": ("pixel", "micrometer", "micrometer"),
        "metadata": metadata,
    }
    truth = {"name": "True nuclei", "visible": False}
    paths = {"name": "True tracks", "visible": False, "graph": _graph(movie)}
    return [
        (movie.images, placed | picture, "image"),
        (movie.labels, placed | truth | {"units": picture["units"]}, "labels"),
        (_positions(movie), placed | paths | {"units": picture["units"]}, "tracks"),
    ]


def simulated_cells() -> list[LayerData]:
    """Simulate cells of bright cytoplasm and dark nuclei, five frames.

    Returns
    -------
    list of tuple
        Layers as napari reads them, each ``(T, Y, X)``: the cytoplasm, the nuclear
        channel (hidden), the true cells and the true nuclei (hidden), which share ids.
        Scale: 1 frame, µm, µm.
    """
    movie = simulate_cells_movie(np.random.default_rng(SEED), frames=5)
    placed = {
        "scale": (1.0, PIXEL_SIZE, PIXEL_SIZE),
        "axis_labels": _AXES,
        "units": ("pixel", "micrometer", "micrometer"),
        "metadata": {"pixel_size": PIXEL_SIZE},
    }
    channels = (
        # a dock that is open takes the first
        ("Simulated cells", movie.cell_channel, True),
        ("Nuclear channel", movie.nuclear_channel, False),
    )
    images = [
        (
            data,
            placed
            | {
                "name": name,
                "visible": visible,
                "colormap": "gray",
                "contrast_limits": _contrast(data[0]),
            },
            "image",
        )
        for name, data, visible in channels
    ]
    truth = [
        (data, placed | {"name": name, "visible": False}, "labels")
        for name, data in (("True cells", movie.cells), ("True nuclei", movie.nuclei))
    ]
    return [*images, *truth]


def _contrast(image: np.ndarray[Any, Any]) -> tuple[float, float]:
    low, high = np.percentile(image, [0.5, 99.9])
    return float(low), float(max(high, low + 1))


def _positions(movie: Movie) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows (label, t, y, x) of the nuclei's centres, in the order of the labels."""
    rows = []
    for t, labels in enumerate(movie.labels):
        y, x = np.nonzero(labels)
        label = labels[y, x]
        size = np.bincount(label)
        seen = np.flatnonzero(size)
        cy, cx = (np.bincount(label, at)[seen] / size[seen] for at in (y, x))
        rows.append(np.column_stack([seen, np.full(len(seen), t), cy, cx]))
    table = np.concatenate(rows).astype(np.float64)
    return table[np.lexsort((table[:, 1], table[:, 0]))]


def _graph(movie: Movie) -> dict[int, list[int]]:
    return {track.label: [track.parent] for track in movie.tracks if track.parent}
