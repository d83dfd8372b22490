"""Scale: bring a frame to the size at which the network sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.errors import RecipeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.preprocess.parameters import Scale

LARGEST_SIDE = 32768


def zooms(
    shape: tuple[int, int], scale: Scale, model_diameter: float
) -> tuple[float, float]:
    """Factors from an image's sides to those of what the network sees.

    Parameters
    ----------
    shape : tuple of int
        ``(Y, X)`` of the image (px).
    scale : Scale
        What the image is brought to.
    model_diameter : float
        Cell diameter that the network was trained on (px), for "cell diameter".

    Returns
    -------
    tuple of float
        Along Y and X; they differ where an image becomes a square.

    Raises
    ------
    RecipeError
        If the scale is not resolved: the diameter is automatic, or in µm.

    Examples
    --------
    >>> from napari_cellseg.preprocess import Scale
    >>> zooms((100, 200), Scale(diameter=30), 24)
    (0.8, 0.8)
    >>> zooms((100, 200), Scale(to="image size", side=50), 24)
    (0.5, 0.25)
    """
    if scale.to == "image size":
        return scale.side / shape[0], scale.side / shape[1]
    if scale.to == "factor":
        return scale.factor, scale.factor
    if scale.to == "pixel size":
        raise RecipeError("scale.to is 'pixel size': resolve the recipe first.")
    if scale.diameter is None:
        raise RecipeError("scale.diameter is automatic: resolve the recipe first.")
    return model_diameter / scale.diameter, model_diameter / scale.diameter


def network_shape(
    shape: tuple[int, int], scale: Scale, model_diameter: float
) -> tuple[int, int]:
    """Shape of what the network sees; see `zooms`.

    Returns
    -------
    tuple of int
        ``(Y, X)`` (px), each side from 1 to 32768.

    Examples
    --------
    >>> from napari_cellseg.preprocess import Scale
    >>> network_shape((100, 200), Scale(to="factor", factor=0.5), 24)
    (50, 100)
    """
    factors = zooms(shape, scale, model_diameter)
    height, width = (
        min(LARGEST_SIDE, max(1, round(n * zoom)))
        for n, zoom in zip(shape, factors, strict=True)
    )
    return height, width


def rescale(image: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resize an image, averaging where it shrinks and interpolating where it grows.

    Parameters
    ----------
    image : float32 array of shape (Y, X)
        The image.
    shape : tuple of int
        New ``(Y, X)`` (px).

    Returns
    -------
    float32 array of the new shape

    Examples
    --------
    >>> rescale(np.array([[0, 2], [4, 6]], np.float32), (1, 1))
    array([[3.]], dtype=float32)
    """
    if image.shape == shape:
        return image
    shrinks = shape[0] * shape[1] < image.size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, shape[::-1], interpolation=how), np.float32)
