"""Random views of annotated images, turned, zoomed, relit and made noisy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from napari_cellseg.training.dataset import Example

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from napari_cellseg.protocol import Augmentation

SHARP = 0.3
"""Largest sigma of a blur that cannot be seen (px)."""


def random_crop(
    example: Example,
    side: int,
    settings: Augmentation,
    rng: Generator,
    centre: tuple[float, float] | None = None,
) -> Example:
    """Cut a crop of (side, side) and augment it.

    Its middle is at ``centre`` (x, y), or anywhere.
    """
    draw = _Draw(settings, rng)
    reach = side / draw.zoom / 2
    if centre is None:
        width, height = example.image.shape[::-1]
        centre = _centre(width, reach, rng), _centre(height, reach, rng)
    warped = _warp(example, (side, side), draw, np.array(centre))
    return _relight(warped, settings, rng)


def random_view(
    example: Example, stride: int, settings: Augmentation, rng: Generator
) -> Example:
    """Augment a whole image; its sides grow to multiples of the stride (px).

    What comes in over the border is the mirrored image, with its labels.
    """
    draw = _Draw(settings, rng)
    height, width = example.image.shape
    shift = rng.uniform(-settings.translation, settings.translation, 2)
    grown = (-(-height // stride) * stride, -(-width // stride) * stride)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    warped = _warp(example, grown, draw, centre + shift)
    return _relight(warped, settings, rng)


class _Draw:
    """One draw of zoom, turn, shear and mirror image."""

    def __init__(self, settings: Augmentation, rng: Generator) -> None:
        self.zoom = float(np.exp(rng.uniform(*np.log(settings.zoom))))
        angle = np.deg2rad(rng.uniform(-settings.rotation, settings.rotation))
        slant = np.deg2rad(rng.uniform(-settings.shear, settings.shear))
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        quarters = int(rng.integers(4)) if settings.quarter_turns else 0
        turn = np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), quarters) @ turn
        sides = {"none": (0, 0), "horizontal": (0.5, 0), "both": (0.5, 0.5)}
        mirror = np.diag(np.where(rng.random(2) < sides[settings.flip], -1.0, 1.0))
        self.linear = self.zoom * turn @ np.array([[1, np.tan(slant)], [0, 1]]) @ mirror
        """Matrix (2, 2) from the image's (x, y) to the result's."""

    @property
    def keeps_pixels(self) -> bool:
        """Whether pixels fall on pixels: but for quarter turns and mirror images."""
        return bool(np.isin(self.linear, (-1, 0, 1)).all())


def _relight(crop: Example, settings: Augmentation, rng: Generator) -> Example:
    image = crop.image
    if rng.random() < settings.cell_brightness and crop.labels.any():
        image = _relight_cells(image, crop.labels, rng)
    if rng.random() < settings.shading:
        image = image * _shading(image.shape, rng)
    image = _degrade(_intensity(image, settings, rng), settings, rng)
    return replace(crop, image=image.astype(np.float32))


def _warp(
    example: Example, shape: tuple[int, int], draw: _Draw, centre: NDArray[np.float64]
) -> Example:
    """Sample an image so that a place (x, y) of it becomes the middle."""
    middle = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
    offset = middle - draw.linear @ centre
    if draw.keeps_pixels:
        # a place between pixels would blur the image
        offset = np.round(offset)
    matrix = np.column_stack([draw.linear, offset])
    image = example.image
    if draw.zoom < 0.75:
        # sampling would alias the detail that is finer than the new pixels
        image = _blur(image, 0.4 / draw.zoom)
    distance = _sample(example.distance, matrix, shape, cv2.INTER_LINEAR)
    nuclei = example.nuclei
    if nuclei is not None:
        nuclei = _sample(nuclei, matrix, shape, cv2.INTER_NEAREST)
    return Example(
        _sample(image, matrix, shape, cv2.INTER_LINEAR),
        _sample(example.labels, matrix, shape, cv2.INTER_NEAREST),
        distance * np.float32(draw.zoom),
        nuclei,
    )


def _sample(
    array: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, int], how: int
) -> NDArray[Any]:
    return np.asarray(
        cv2.warpAffine(
            array, matrix, shape[::-1], flags=how, borderMode=cv2.BORDER_REFLECT_101
        )
    )


def _blur(image: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _centre(extent: int, reach: float, rng: Generator) -> float:
    """Where the crop's middle lies: so that it hardly reaches over the border."""
    if extent <= 2 * reach:
        return (extent - 1) / 2 + rng.uniform(-0.1, 0.1) * extent
    return float(rng.uniform(reach, extent - reach)) - 0.5


def _relight_cells(
    image: NDArray[np.float32], labels: NDArray[np.int32], rng: Generator
) -> NDArray[np.float32]:
    """Give every cell a brightness and a texture of its own above the background."""
    ids, compact = np.unique(labels, return_inverse=True)
    compact = compact.reshape(labels.shape)
    darkest = rng.uniform(0.08, 0.6)
    gains = np.exp(rng.uniform(np.log(darkest), np.log(1.2), ids.size))
    gains = gains.astype(np.float32)
    outside = (labels == 0).astype(np.uint8)
    # a cell's halo belongs to it: the background takes the gain of the nearest cell
    _, nearest = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_nearest = np.zeros(int(nearest.max()) + 1, np.float32)
    of_nearest[nearest[outside == 0]] = gains[compact[outside == 0]]
    gain = _blur(of_nearest[nearest], 1.0)
    if rng.random() < 0.5:
        gain = gain * np.where(outside, 1, _chromatin(image.shape, rng))
    background = _background(image, outside)
    return np.asarray(background + (image - background) * gain, np.float32)


def _background(
    image: NDArray[np.float32], outside: NDArray[np.uint8]
) -> NDArray[np.float32]:
    weight = _blur(outside.astype(np.float32), 24) + 1e-4
    return np.asarray(_blur(image * outside, 24) / weight)


def _chromatin(shape: tuple[int, ...], rng: Generator) -> NDArray[np.float32]:
    """Texture around 1, with dark nucleoli where its slow part is high."""
    fine = _noise_field(shape, rng.uniform(1, 2.5), rng)
    blobs = _noise_field(shape, rng.uniform(2, 4), rng) > rng.uniform(1.2, 2.5)
    holes = _blur(blobs.astype(np.float32), 1)
    texture = 1 + rng.uniform(0, 0.3) * fine - rng.uniform(0, 0.7) * holes
    return np.asarray(np.clip(texture, 0.1, None), np.float32)


def _noise_field(
    shape: tuple[int, ...], sigma: float, rng: Generator
) -> NDArray[np.float32]:
    field = _blur(rng.standard_normal(shape, np.float32), sigma)
    return np.asarray(field / field.std(), np.float32)


def _shading(shape: tuple[int, ...], rng: Generator) -> NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    slope = rng.uniform(-0.4, 0.4, 2)
    bowl = rng.uniform(-0.2, 0.1) * (x**2 + y**2)
    return np.asarray(1 + slope[0] * y + slope[1] * x + bowl, np.float32)


def _intensity(
    image: NDArray[np.float32], settings: Augmentation, rng: Generator
) -> NDArray[np.float32]:
    exponent = np.exp(rng.uniform(*np.log(settings.gamma)))
    # odd power: values a little below 0 stay there
    bent = np.sign(image) * np.abs(image) ** exponent
    gain = 1 + rng.uniform(-settings.contrast, settings.contrast)
    return np.asarray(bent * gain + rng.uniform(*settings.brightness), np.float32)


def _degrade(
    image: NDArray[np.float32], settings: Augmentation, rng: Generator
) -> NDArray[np.float32]:
    if rng.random() < 0.3 and settings.blur > SHARP:
        image = _blur(image, rng.uniform(SHARP, settings.blur))
    if settings.noise_kind == "gaussian":
        noise = rng.standard_normal(image.shape, np.float32)
        image = image + np.float32(settings.noise) * noise
    elif rng.random() < 0.5:
        sigma = settings.noise * rng.random() ** 2
        noise = rng.standard_normal(image.shape, np.float32)
        if rng.random() < 0.3:
            noise = _blur(noise, 0.7) * 2
        # photon noise grows with the root of the signal
        shot = np.sqrt(np.clip(image, 0.05, None))
        image = image + np.float32(sigma) * noise * (shot if rng.random() < 0.5 else 1)
    return np.asarray(image, np.float32)
