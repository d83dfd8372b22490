"""Annotated images: found in folders, brought to one cell size, kept in memory."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from skimage.io import imread

from napari_cellseg.errors import ImageError
from napari_cellseg.preprocess import Preprocess, normalize, rescale
from napari_cellseg.training.targets import distance_to_outline, median_diameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Pair:
    """An image file, its label file, and what an index says of them."""

    name: str
    image: Path
    labels: Path
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """An annotated image whose cells have the network's size.

    Attributes
    ----------
    image : float32 array of shape (Y, X)
        Normalised to about 0 ... 1.
    labels : int32 array of shape (Y, X)
        Cells, 0 is background.
    distance : float32 array of shape (Y, X)
        To each cell's own outline (px).
    """

    image: NDArray[np.float32]
    labels: NDArray[np.int32]
    distance: NDArray[np.float32]


def find_pairs(folder: Path, where: Mapping[str, str]) -> list[Pair]:
    """Find annotated images: ``images/<name>.*`` with ``labels/<name>.*``.

    An ``index.csv`` in the folder (a column ``id`` with the names) may say more of each
    image; ``where`` leaves out those in whose columns another value stands.

    Raises
    ------
    ImageError
        If a folder is missing, an image has no labels, or nothing is left.
    """
    images, labels = folder / "images", folder / "labels"
    for part in (images, labels):
        if not part.is_dir():
            raise ImageError(f"{folder} has no folder {part.name!r}.")
    attributes = _index(folder / "index.csv")
    label_files = {file.stem: file for file in labels.iterdir()}
    pairs = []
    for file in sorted(images.iterdir()):
        if file.stem not in label_files:
            raise ImageError(f"{file} has no label image of that name in {labels}.")
        known = attributes.get(file.stem, {})
        if all(known.get(key, value) == value for key, value in where.items()):
            pairs.append(Pair(file.stem, file, label_files[file.stem], known))
    if not pairs:
        raise ImageError(f"{folder} has no annotated image with {dict(where)}.")
    return pairs


def load_examples(
    pairs: Iterable[Pair], preprocess: Preprocess, diameter: float
) -> list[Example]:
    """Read annotated images and bring their cells to one diameter (px)."""
    return [
        prepare(_grey(imread(p.image)), imread(p.labels), preprocess, diameter)
        for p in pairs
    ]


def prepare(
    image: NDArray[np.generic],
    labels: NDArray[np.integer],
    preprocess: Preprocess,
    diameter: float,
) -> Example:
    """Normalise an annotated image and rescale it to a median cell diameter (px)."""
    own = median_diameter(labels)
    zoom = diameter / own if own > 0 else 1.0
    height, width = (max(1, round(side * zoom)) for side in labels.shape)
    distance = rescale(distance_to_outline(labels), (height, width)) * np.float32(zoom)
    scaled = cv2.resize(
        labels.astype(np.int32), (width, height), interpolation=cv2.INTER_NEAREST_EXACT
    )
    grey = rescale(normalize(image, preprocess), (height, width))
    return Example(grey, np.asarray(scaled, np.int32), distance)


def _index(file: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        return {}
    with file.open(newline="", encoding="utf-8") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def _grey(image: NDArray[np.generic]) -> NDArray[np.generic]:
    return image if image.ndim == 2 else image[..., :3].mean(-1)
