"""Outlines of nuclei: ellipses bent and roughened by Fourier harmonics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box: TypeAlias = tuple[slice, slice]


@dataclass(frozen=True)
class Outline:
    """A closed curve around a centre.

    Attributes
    ----------
    y, x : float
        Centre (pixels).
    radius : float
        Radius of the disk of about the same area (pixels).
    aspect : float
        Length over width of the ellipse, at least 1.
    angle : float
        Direction of the long axis (radians, from x towards y).
    bend : float
        Curvature of the long axis: 0 is straight, 0.3 a bean.
    harmonics : tuple of complex
        Coefficients of the harmonics 2, 3, ... of the logarithm of the radius.
    """

    y: float
    x: float
    radius: float
    aspect: float = 1.0
    angle: float = 0.0
    bend: float = 0.0
    harmonics: tuple[complex, ...] = ()

    @property
    def reach(self) -> float:
        """Radius of a disk that surely holds the outline (pixels)."""
        swell = float(np.exp(np.abs(self.harmonics).sum())) if self.harmonics else 1.0
        long = self.radius * swell * np.sqrt(self.aspect)
        return float(long + abs(self.bend) * long * long / self.radius + 1)


@dataclass(frozen=True)
class Patch:
    """A nucleus on the pixels of its bounding box.

    Attributes
    ----------
    box : tuple of slice
        Where it lies in the frame.
    rho : (h, w) float32
        0 at the centre, 1 on the outline, above 1 outside.
    u, v : (h, w) float32
        Coordinates along the long and the short axis (radii), which move with the
        nucleus: its chromatin is drawn in them.
    """

    box: Box
    rho: NDArray[np.float32]
    u: NDArray[np.float32]
    v: NDArray[np.float32]


def rasterize(outline: Outline, shape: tuple[int, int]) -> Patch | None:
    """Put the part of a nucleus that lies in the frame on pixels, None if none does.

    Examples
    --------
    >>> patch = rasterize(Outline(y=4, x=4, radius=2), (9, 9))
    >>> int((patch.rho < 1).sum()), patch.box
    (9, (slice(1, 8, None), slice(1, 8, None)))
    """
    box = _box(outline, shape)
    if box is None:
        return None
    rows, columns = box
    dy = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - outline.y
    dx = np.arange(columns.start, columns.stop, dtype=np.float32)[None] - outline.x
    cos, sin = np.cos(outline.angle), np.sin(outline.angle)
    stretch, size = np.sqrt(outline.aspect), outline.radius
    u = (dx * cos + dy * sin) / size
    v = (dy * cos - dx * sin) / size
    if outline.bend:
        # the curved axis is shifted back so that its centre of mass stays in place
        v = v - outline.bend * (u * u - 0.25 * outline.aspect)
    u, v = u / np.float32(stretch), v * np.float32(stretch)
    u, v = u.astype(np.float32), v.astype(np.float32)
    rho = np.hypot(u, v)
    if outline.harmonics:
        rho = rho * np.exp(-_harmonics(u, v, rho, outline.harmonics))
    return Patch(box, rho.astype(np.float32), u, v)


def _box(outline: Outline, shape: tuple[int, int]) -> Box | None:
    reach = outline.reach
    top, left = (max(int(np.floor(c - reach)), 0) for c in (outline.y, outline.x))
    bottom = min(int(np.ceil(outline.y + reach)) + 1, shape[0])
    right = min(int(np.ceil(outline.x + reach)) + 1, shape[1])
    if bottom <= top or right <= left:
        return None
    return slice(top, bottom), slice(left, right)


def _harmonics(
    u: NDArray[np.float32],
    v: NDArray[np.float32],
    length: NDArray[np.float32],
    coefficients: tuple[complex, ...],
) -> NDArray[np.float32]:
    unit = (u + 1j * v) / np.maximum(length, 1e-6)
    total = np.full(u.shape, 0j, np.complex64)
    for coefficient in reversed(coefficients):
        total = total * unit + np.complex64(coefficient)
    total = total * unit * unit
    return np.asarray(total.real, np.float32)
