"""From the light of the nuclei to the camera's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def blur(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gaussian point spread of ``sigma`` pixels; wide ones on a coarser grid.

    Examples
    --------
    >>> float(blur(np.ones((5, 5), np.float32), 1.5)[0, 0].round(4))
    1.0
    """
    if sigma < 0.2:
        return image
    if sigma < 6:
        return _gaussian(image, sigma)
    height, width = image.shape
    step = max(int(sigma / 3), 1)
    small = (max(width // step, 1), max(height // step, 1))
    coarse = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    coarse = _gaussian(np.asarray(coarse, np.float32), sigma / step)
    full = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.maximum(full, 0), np.float32)


def _gaussian(image: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, int], grid: int = 4
) -> NDArray[np.float32]:
    """Draw a slowly varying field in 0 ... 1, ``(Y, X)``."""
    nodes = rng.random((grid, grid), np.float32)
    field = cv2.resize(nodes, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(field, 0, 1), np.float32).reshape(shape)


def illumination(
    rng: np.random.Generator, shape: tuple[int, int], unevenness: float
) -> NDArray[np.float32]:
    """Relative brightness of the lamp: a broad spot, brightest off the centre.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        ``(Y, X)`` (pixels).
    unevenness : float
        How much darker the darkest corner is, 0 (even) ... 1.

    Returns
    -------
    (Y, X) float32
        ``1 - unevenness ... 1``.
    """
    cy, cx = rng.uniform(0.25, 0.75, 2)
    y = (np.linspace(0, 1, shape[0], dtype=np.float32) - cy)[:, None]
    x = (np.linspace(0, 1, shape[1], dtype=np.float32) - cx)[None]
    squared = y * y + x * x
    return np.asarray(1 - unevenness * squared / squared.max(), np.float32)


def expose(
    rng: np.random.Generator,
    photons: NDArray[np.float32],
    read_noise: float,
    gain: float = 1.0,
    offset: float = 0.0,
    top: int = 65535,
) -> NDArray[np.uint16]:
    """Count photons: shot noise, read noise, gain, offset, saturation.

    Parameters
    ----------
    rng : numpy.random.Generator
    photons : (Y, X) float32
        Expected photons of each pixel.
    read_noise : float
        Standard deviation of the camera's own noise (photons).
    gain : float
        Grey levels a photon.
    offset : float
        Grey level of no light.
    top : int
        Grey level at which the camera saturates.

    Returns
    -------
    (Y, X) uint16
    """
    signal = np.maximum(photons, 0)
    # a Poisson draw costs ten times a normal one, and above 60 photons none can tell
    noisy = signal + np.sqrt(signal) * rng.standard_normal(signal.shape, np.float32)
    few = signal < 60
    noisy[few] = rng.poisson(signal[few])
    noisy += read_noise * rng.standard_normal(signal.shape, np.float32)
    return np.asarray(np.clip(np.rint(noisy * gain + offset), 0, top), np.uint16)
