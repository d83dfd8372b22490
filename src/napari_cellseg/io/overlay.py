"""Pictures of a result: outlines over the frame, several frames side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from napari_cellseg.errors import OutputError
from napari_cellseg.io._free import staged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

_GAP = 4
_GOLDEN = 0.6180339887498949


def overlay(image: ArrayLike, labels: ArrayLike, width: int = 2) -> NDArray[np.uint8]:
    """Draw the outline of each label over the contrast-stretched grey image.

    Parameters
    ----------
    image : (Y, X) array
        Any integer or float dtype; what is not finite is drawn black.
    labels : (Y, X) array of int
        0 is background.
    width : int
        Width of the outlines (pixels), drawn inside the labels.

    Returns
    -------
    (Y, X, 3) uint8
        Red, green, blue. A label has the same colour in every picture.

    Raises
    ------
    ValueError
        If the shapes differ or are not two-dimensional.

    Examples
    --------
    >>> picture = overlay(np.zeros((4, 4)), np.eye(4, dtype=int), width=1)
    >>> picture.shape, picture[0, 1].tolist(), bool(picture[0, 0].any())
    ((4, 4, 3), [0, 0, 0], True)
    """
    grey, ids = np.asarray(image), np.asarray(labels)
    if grey.ndim != 2 or grey.shape != ids.shape:
        raise ValueError(
            f"image {grey.shape} and labels {ids.shape} must be one (Y, X) shape"
        )
    picture = np.repeat(_stretch(grey)[..., None], 3, axis=2)
    edge = _outlines(ids, width)
    picture[edge] = label_colors(ids[edge])
    return picture


def montage(
    images: ArrayLike,
    labels: ArrayLike,
    frames: Sequence[int] | None = None,
    width: int = 2,
) -> NDArray[np.uint8]:
    """Put the overlays of some frames side by side.

    Parameters
    ----------
    images, labels : (T, Y, X) array
        As for `overlay`, with one contrast for all frames.
    frames : sequence of int, optional
        Which frames, from left to right; by default four over the whole movie.
    width : int
        Width of the outlines (pixels).

    Returns
    -------
    (Y, X', 3) uint8
        The frames, parted by white gaps of 4 pixels.

    Raises
    ------
    ValueError
        If the shapes differ or no frame is asked for.
    IndexError
        If the movie has no such frame.
    """
    grey, ids = np.asarray(images), np.asarray(labels)
    if grey.ndim != 3 or grey.shape != ids.shape:
        raise ValueError(
            f"images {grey.shape} and labels {ids.shape} must be one (T, Y, X) shape"
        )
    if frames is None:
        frames = np.unique(np.linspace(0, len(grey) - 1, 4).astype(int)).tolist()
    if not frames or not len(grey):
        raise ValueError("a montage needs at least one frame")
    chosen = _stretch(grey[list(frames)])
    parts: list[NDArray[np.uint8]] = []
    for picture, frame in zip(chosen, frames, strict=True):
        parts.append(np.full((grey.shape[1], _GAP, 3), 255, np.uint8))
        rgb = np.repeat(picture[..., None], 3, axis=2)
        edge = _outlines(ids[frame], width)
        rgb[edge] = label_colors(ids[frame][edge])
        parts.append(rgb)
    return np.concatenate(parts[1:], axis=1)


def label_colors(labels: ArrayLike) -> NDArray[np.uint8]:
    """Look up the colour of each label: bright, and far from the next label's.

    Parameters
    ----------
    labels : (...) array of int

    Returns
    -------
    (..., 3) uint8
        Red, green, blue; black for 0.

    Examples
    --------
    >>> label_colors([0, 1, 1]).tolist()
    [[0, 0, 0], [70, 124, 255], [70, 124, 255]]
    """
    ids = np.asarray(labels).astype(np.int64)
    unique, position = np.unique(ids, return_inverse=True)
    # steps of the golden ratio never come back to a hue
    hue = np.mod(unique * _GOLDEN, 1.0)[:, None]
    channel = np.abs(np.mod(hue * 6 + np.array([0.0, 4.0, 2.0]), 6) - 3) - 1
    table = np.rint(70 + 185 * np.clip(channel, 0, 1)).astype(np.uint8)
    table[unique == 0] = 0
    return np.asarray(table[position.reshape(ids.shape)])


def write_png(path: Path, rgb: NDArray[np.uint8]) -> Path:
    """Write a picture as PNG, complete or not at all.

    Parameters
    ----------
    path : Path
        An existing file is replaced; the folder is made.
    rgb : (Y, X, 3) or (Y, X) uint8

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    bgr = rgb[..., ::-1] if rgb.ndim == 3 else rgb
    done, encoded = cv2.imencode(".png", np.ascontiguousarray(bgr))
    if not done:
        raise OutputError(f"{path}: a picture of shape {rgb.shape} cannot be encoded")
    with staged(path, overwrite=True) as beside:
        beside.write_bytes(encoded.tobytes())
    return path


def _stretch(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Stretch the 0.5 ... 99.8 percentiles to 0 ... 255; a constant image is black."""
    values = image.astype(np.float32)
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(image.shape, np.uint8)
    values[~finite] = values[finite].min()
    low, high = np.percentile(values, [0.5, 99.8])
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(image.shape, np.uint8)
    # a little below linear, so that dim cells are seen as well
    return np.asarray(255 * np.clip((values - low) / (high - low), 0, 1) ** 0.8).astype(
        np.uint8
    )


def _outlines(labels: NDArray[np.generic], width: int) -> NDArray[np.bool_]:
    """Pixels of labels within ``width`` of another label or the background."""
    if labels.size == 0 or width < 1:
        return np.zeros(labels.shape, np.bool_)
    # the frame's border is no outline: replicate what lies at it
    ids = np.pad(labels.astype(np.int64), width, mode="edge")
    near = np.zeros(ids.shape, np.bool_)
    reach = range(1, width + 1)
    for axis in (0, 1):
        for step in (*reach, *(-r for r in reach)):
            near |= np.roll(ids, step, axis) != ids
    inner = (slice(width, -width),) * 2
    return np.asarray(near[inner] & (labels != 0))
