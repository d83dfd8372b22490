"""Annotated images as a network is to see them, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from napari_cellseg.errors import ImageError, RecipeError
from napari_cellseg.io.images import open_image
from napari_cellseg.io.results import read_labels
from napari_cellseg.preprocess import (
    Scale,
    brightest,
    network_shape,
    normalize,
    rescale,
)
from napari_cellseg.simulate import simulate_cells, simulate_frame
from napari_cellseg.simulate.cells import PIXEL_SIZE
from napari_cellseg.training.targets import distance_to_outline, median_diameter
from napari_cellseg.training.two_channel import size_of, two_channel_labels

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.random import Generator
    from numpy.typing import NDArray

    from napari_cellseg.io.images import Stack
    from napari_cellseg.preprocess import Reference
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.training.folders import Pair


SIDE = 256
"""Side of simulated images where training takes whole images (px)."""


@dataclass(frozen=True)
class Example:
    """An annotated image at the network's scale.

    Attributes
    ----------
    image : float32 array of shape (Y, X)
        Normalised to about 0 ... 1.
    labels : int32 array of shape (Y, X)
        Cells, 0 is background.
    distance : float32 array of shape (Y, X)
        To each cell's own outline (px).
    nuclei : int32 array of shape (Y, X) or None
        The cells' nuclei, 0 is no nucleus; None where they are not known.
    """

    image: NDArray[np.float32]
    labels: NDArray[np.int32]
    distance: NDArray[np.float32]
    nuclei: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class Annotated:
    """An annotated image as it was read.

    Attributes
    ----------
    image : array of shape (Y, X)
        Any integer or float dtype.
    labels : integer array of shape (Y, X)
        Cells, 0 is background.
    nuclei : integer array of shape (Y, X) or None
        Their nuclei, where they are known.
    pixel_size : float or None
        Side of a pixel (µm).
    where : str
        Words that name the image in an error.
    """

    image: NDArray[Any]
    labels: NDArray[np.integer]
    nuclei: NDArray[np.integer] | None = None
    pixel_size: float | None = None
    where: str = "the image"


def load_examples(
    pairs: Iterable[Pair],
    recipe: Recipe,
    *,
    reference: Reference | None = None,
    pixel_size: float | None = None,
) -> list[Example]:
    """Read annotated images and bring them to what the recipe's network sees.

    Parameters
    ----------
    pairs : iterable of Pair
        What to read.
    recipe : Recipe
        Its preprocessing and scale; its postprocessing where labels are made from two
        channels.
    reference : Reference, optional
        Histogram that images are matched to, see `find_reference`; needed where the
        recipe matches.
    pixel_size : float, optional
        Side of a pixel (µm), where the files' is wrong or missing.

    Raises
    ------
    ImageError
        If a file cannot be read, holds several frames, or an image and its labels
        differ in size; it names the file.
    RecipeError
        If the recipe has lengths in µm and the pixel size is not known.
    """
    return [
        prepare(_read(pair, recipe, pixel_size), recipe, reference) for pair in pairs
    ]


def prepare(
    annotated: Annotated, recipe: Recipe, reference: Reference | None = None
) -> Example:
    """Normalise an annotated image and bring it to the network's scale.

    Labels take the nearest pixel. Distances are those of the rescaled cells; where
    height and width change by the same factor they keep the precision of the original.
    """
    image = normalize(
        annotated.image, recipe.preprocess, annotated.where, reference=reference
    )
    shape, zoom = _seen(annotated, recipe)
    labels = _nearest(annotated.labels, shape)
    if zoom is None:
        distance = distance_to_outline(labels)
    else:
        distance = rescale(distance_to_outline(annotated.labels), shape)
        distance = distance * np.float32(zoom)
    nuclei = None if annotated.nuclei is None else _nearest(annotated.nuclei, shape)
    return Example(rescale(image, shape), labels, distance, nuclei)


def find_reference(pairs: Iterable[Pair], recipe: Recipe) -> Reference | None:
    """Histogram of the brightest image; None where the recipe matches none.

    Raises
    ------
    ImageError
        If there is no image, or one holds pixels that are not numbers; it names the
        file.
    """
    if recipe.preprocess.method != "match":
        return None
    return brightest(_finite(p.image) for p in pairs)


def simulated_examples(
    recipe: Recipe, reference: Reference | None = None
) -> list[Example]:
    """Simulate as many annotated images as the recipe's training adds.

    Where the network tells nuclei from cytoplasm, whole cells with nuclei of 14 to
    24 px at 0.65 µm a pixel; else nuclei of 12 to 60 px.
    """
    protocol = recipe.training
    rng = np.random.default_rng(protocol.seed)
    draw = _cells if "nucleus" in protocol.architecture.maps else _nuclei
    return [
        prepare(draw(rng, recipe), recipe, reference) for _ in range(protocol.simulated)
    ]


def _cells(rng: Generator, recipe: Recipe) -> Annotated:
    side = round(1.25 * (recipe.training.crop or SIDE))
    frame = simulate_cells(rng, (side, side), rng.uniform(14, 24))
    return Annotated(frame.cell_channel, frame.cells, frame.nuclei, PIXEL_SIZE)


def _nuclei(rng: Generator, recipe: Recipe) -> Annotated:
    diameter = float(np.exp(rng.uniform(np.log(12), np.log(60))))
    side = 1.25 * (recipe.training.crop or SIDE)
    if recipe.scale.to == "cell diameter":
        # so that a crop has about the same number of nuclei whatever their size
        side *= diameter / recipe.training.diameter
    return Annotated(*simulate_frame(rng, (round(side), round(side)), diameter))


def _seen(annotated: Annotated, recipe: Recipe) -> tuple[tuple[int, int], float | None]:
    """Shape that the network sees; its zoom, None where each side has another."""
    scale = recipe.scale
    height, width = annotated.labels.shape
    shape = (height, width)
    if scale.to == "image size":
        return network_shape(shape, scale, recipe.training.diameter), None
    zoom = scale.factor
    if scale.to == "cell diameter":
        own = median_diameter(annotated.labels)
        zoom = recipe.training.diameter / own if own > 0 else 1.0
    if scale.to == "pixel size":
        if annotated.pixel_size is None:
            raise RecipeError(
                f"{annotated.where}: the recipe {recipe.name} resamples to "
                f"{scale.pixel_size:g} µm a pixel, but the image's pixel size is not "
                "known: give it with --pixel-size."
            )
        zoom = annotated.pixel_size / scale.pixel_size
    seen = Scale(to="factor", factor=zoom)
    return network_shape(shape, seen, recipe.training.diameter), zoom


def _nearest(labels: NDArray[np.integer], shape: tuple[int, int]) -> NDArray[np.int32]:
    scaled = cv2.resize(
        labels.astype(np.int32), shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT
    )
    return np.asarray(scaled, np.int32)


def _read(pair: Pair, recipe: Recipe, pixel_size: float | None) -> Annotated:
    stack = open_image(pair.image).stack()
    image = _only_frame(stack, pair.image)
    size = pixel_size or stack.pixel_size
    where = str(pair.image)
    if pair.labels is None:
        assert pair.nuclear is not None
        nuclear = _only_frame(open_image(pair.nuclear).stack(), pair.nuclear)
        made, cells = two_channel_labels(nuclear, image, recipe, size, where)
        return Annotated(image, cells, made, size, where)
    labels = _labels_of(pair.labels, image, pair.image)
    nuclei = None
    if pair.nuclei is not None:
        nuclei = _labels_of(pair.nuclei, image, pair.image)
    return Annotated(image, labels, nuclei, size, where)


def _labels_of(file: Path, image: NDArray[Any], image_file: Path) -> NDArray[Any]:
    labels = _only_frame(read_labels(file), file)
    if image.shape != labels.shape:
        raise ImageError(
            f"{image_file} is {size_of(image)} px, its labels {file} are "
            f"{size_of(labels)} px: they must be of one size."
        )
    return labels


def _finite(file: Path) -> NDArray[Any]:
    image = _only_frame(open_image(file).stack(), file)
    if not np.isfinite(image).all():
        raise ImageError(
            f"{file} holds pixels that are not numbers: the histogram of the brightest "
            "image is not known. Leave it out, or mend it."
        )
    return image


def _only_frame(stack: Stack, file: Path) -> NDArray[Any]:
    if len(stack) != 1:
        raise ImageError(
            f"{file}: holds {len(stack)} frames: save each as a file of its own."
        )
    return stack.frame(0)
