"""Annotated images: found in folders, brought to one cell size, kept in memory."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from napari_cellseg.errors import ImageError
from napari_cellseg.io._folder import image_files
from napari_cellseg.io.images import open_image
from napari_cellseg.io.results import read_labels
from napari_cellseg.preprocess import Preprocess, normalize, rescale
from napari_cellseg.simulate import simulate_frame
from napari_cellseg.training.targets import distance_to_outline, median_diameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.protocol import Protocol


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
    image. Of the columns in ``where``, those that the index has decide which images are
    taken; a folder whose index has none of them is taken whole. Other files and hidden
    ones are passed over.

    Raises
    ------
    ImageError
        If a folder is missing, an image has no labels, the index cannot be read, or
        nothing is left.
    """
    images, labels = folder / "images", folder / "labels"
    for part in (images, labels):
        if not part.is_dir():
            raise ImageError(f"{folder} has no folder {part.name!r}.")
    attributes = _index(folder / "index.csv")
    columns = {column for row in attributes.values() for column in row}
    asked = {key: value for key, value in where.items() if key in columns}
    label_files = {file.stem: file for file in image_files(labels)}
    pairs = []
    for file in image_files(images):
        if file.stem not in label_files:
            raise ImageError(f"{file} has no label image of that name in {labels}.")
        known = attributes.get(file.stem, {})
        if all(known.get(key) == value for key, value in asked.items()):
            pairs.append(Pair(file.stem, file, label_files[file.stem], known))
    if not pairs:
        raise ImageError(f"{folder} has no annotated image with {dict(where)}.")
    return pairs


def load_examples(
    pairs: Iterable[Pair], preprocess: Preprocess, diameter: float
) -> list[Example]:
    """Read annotated images and bring their cells to one diameter (px).

    Raises
    ------
    ImageError
        If a file cannot be read, holds several frames, or an image and its labels
        differ in size; it names the file.
    """
    return [_load(pair, preprocess, diameter) for pair in pairs]


def prepare(
    image: NDArray[np.generic],
    labels: NDArray[np.integer],
    preprocess: Preprocess,
    diameter: float,
    where: str = "the image",
) -> Example:
    """Normalise an annotated image and rescale it to a median cell diameter (px)."""
    own = median_diameter(labels)
    zoom = diameter / own if own > 0 else 1.0
    height, width = (max(1, round(side * zoom)) for side in labels.shape)
    distance = rescale(distance_to_outline(labels), (height, width)) * np.float32(zoom)
    scaled = cv2.resize(
        labels.astype(np.int32), (width, height), interpolation=cv2.INTER_NEAREST_EXACT
    )
    grey = rescale(normalize(image, preprocess, where), (height, width))
    return Example(grey, np.asarray(scaled, np.int32), distance)


def simulated_examples(protocol: Protocol, preprocess: Preprocess) -> list[Example]:
    """Simulate annotated images with nuclei of 12 to 60 px."""
    rng = np.random.default_rng(protocol.seed)
    examples = []
    for _ in range(protocol.simulated):
        diameter = float(np.exp(rng.uniform(np.log(12), np.log(60))))
        side = round(protocol.crop * 1.25 * diameter / protocol.diameter)
        frame, labels = simulate_frame(rng, (side, side), diameter)
        examples.append(prepare(frame, labels, preprocess, protocol.diameter))
    return examples


def _index(file: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        return {}
    try:
        # spreadsheets put a byte order mark before the first column's name
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ImageError(
            f"{file}: cannot be read: {error}. Save it as CSV in UTF-8."
        ) from error
    if rows and "id" not in rows[0]:
        raise ImageError(
            f"{file}: has no column 'id' with the images' names without suffix; its "
            f"columns are {', '.join(map(str, rows[0]))}."
        )
    return {row["id"]: row for row in rows}


def _load(pair: Pair, preprocess: Preprocess, diameter: float) -> Example:
    image = _only_frame(open_image(pair.image).stack(), pair.image)
    labels = _only_frame(read_labels(pair.labels), pair.labels)
    if image.shape != labels.shape:
        raise ImageError(
            f"{pair.image} is {_size(image)} px, its labels {pair.labels} are "
            f"{_size(labels)} px: they must be of one size."
        )
    return prepare(image, labels, preprocess, diameter, str(pair.image))


def _only_frame(stack: Stack, file: Path) -> NDArray[Any]:
    if len(stack) != 1:
        raise ImageError(
            f"{file}: holds {len(stack)} frames: save each as a file of its own."
        )
    return stack.frame(0)


def _size(image: NDArray[Any]) -> str:
    return " x ".join(map(str, image.shape))
