"""Labels made from two channels, where nobody has drawn any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.errors import ImageError, RecipeError
from napari_cellseg.postprocess import segment
from napari_cellseg.postprocess.grow import ground, grow
from napari_cellseg.preprocess import normalize

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe


def two_channel_labels(
    nuclear: NDArray[np.generic],
    cell: NDArray[np.generic],
    recipe: Recipe,
    pixel_size: float | None = None,
    where: str = "the image",
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.unsignedinteger]]:
    """Label nuclei and cells by a nuclear channel and one of the cytoplasm.

    Nuclei are found in the nuclear channel as the recipe finds them in the network's
    map of nuclei, and cells grow from them in the other channel, as likely cytoplasm
    everywhere. They are as good as the recipe's numbers suit the images: look at some.

    Parameters
    ----------
    nuclear, cell : array of shape (Y, X)
        The two channels of a field, any integer or float dtype, nuclei bright in the
        first, cytoplasm in the second.
    recipe : Recipe
        Its preprocessing of each channel, the postprocessing, and how cells grow.
    pixel_size : float, optional
        Side of a pixel (µm); needed where the recipe has lengths in µm.
    where : str
        Words that name the image in an error.

    Returns
    -------
    nuclei, cells : uint16 or uint32 (Y, X)
        Of the same numbers 1 ... N; 0 elsewhere. Each cell holds its nucleus.

    Raises
    ------
    RecipeError
        If the recipe grows no cells, its nuclei need a network, or the pixel size is
        needed.
    ImageError
        If the channels differ in size.

    References
    ----------
    Y. Al-Kofahi et al., "A deep learning-based algorithm for 2-D cell segmentation in
    microscopy images", BMC Bioinformatics 19:365 (2018), "Ground truth".
    """
    by = recipe.postprocess
    if not recipe.cells.grow or by.landscape != "distance transform" or by.h is None:
        raise RecipeError(
            f"{where} has no labels, and the recipe {recipe.name} cannot make them "
            "from two channels: that takes cells.grow, postprocess.landscape = "
            "'distance transform' and a number for postprocess.h, as alkofahi2018 has "
            "them."
        )
    if nuclear.shape != cell.shape:
        raise ImageError(
            f"{where} is {size_of(cell)} px, its nuclear channel {size_of(nuclear)} px"
            ": they must be of one size."
        )
    try:
        by, cells = by.calibrate(pixel_size), recipe.cells.calibrate(pixel_size)
    except ValueError as error:
        raise RecipeError(
            f"{where}: in the recipe {recipe.name} {error}: give it with --pixel-size."
        ) from error
    nuclei = segment(normalize(nuclear, recipe.preprocess, where), None, by)
    image = normalize(cell, recipe.preprocess, where)
    likely = np.ones(image.shape, np.float32)
    return nuclei, grow(nuclei, ground(image, likely, cells.smoothing), cells.area)


def size_of(image: NDArray[Any]) -> str:
    """Write an image's sides for an error, as "320 x 240"."""
    return " x ".join(map(str, image.shape))
