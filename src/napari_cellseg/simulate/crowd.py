"""Where nuclei lie: scattered or in groups, pushed apart until they hardly overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scatter(
    rng: np.random.Generator,
    number: int,
    low: tuple[float, float],
    high: tuple[float, float],
    clustering: float,
    spread: float,
) -> NDArray[np.float64]:
    """Scatter centres between ``low`` and ``high`` (y, x), in groups or evenly.

    Parameters
    ----------
    rng : numpy.random.Generator
    number : int
        How many.
    low, high : tuple of float
        Corners of the field (pixels).
    clustering : float
        Share of the centres that lie in groups of about six.
    spread : float
        Standard deviation of a group (pixels).

    Returns
    -------
    (number, 2) float64
    """
    centres = rng.uniform(low, high, (number, 2))
    grouped = rng.random(number) < clustering
    seeds = rng.uniform(low, high, (max(number // 6, 1), 2))
    members = seeds[rng.integers(len(seeds), size=number)]
    near = members + rng.normal(0, spread, (number, 2))
    centres[grouped] = near[grouped]
    return centres


def push_apart(
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    spacing: float = 0.95,
    rounds: int = 12,
) -> NDArray[np.float64]:
    """Move centres until no two are nearer than ``spacing`` times their radii's sum.

    Each round moves the two of a pair by half of what they lack, so that dense groups
    relax rather than jump. What is still too near after the last round stays so.

    Parameters
    ----------
    centres : (N, 2) float64
        Pixels; not changed.
    radii : (N,) float64
        Pixels.
    spacing : float
        Wanted distance over the sum of the radii.
    rounds : int
        How often to push.

    Returns
    -------
    (N, 2) float64

    Examples
    --------
    >>> moved = push_apart(np.array([[0.0, 0.0], [0.0, 2.0]]), np.ones(2) * 2, 1.0)
    >>> bool(abs(moved[1, 1] - moved[0, 1] - 4) < 0.1)
    True
    """
    centres = centres.copy()
    if len(centres) < 2:
        return centres
    reach = 2 * float(radii.max()) * spacing
    for _ in range(rounds):
        pairs = cKDTree(centres).query_pairs(reach, output_type="ndarray")
        first, second = pairs.T
        apart = centres[second] - centres[first]
        distance = np.maximum(np.hypot(*apart.T), 1e-3)
        lack = np.maximum(spacing * (radii[first] + radii[second]) - distance, 0)
        if not np.any(lack > 0.01):
            break
        shift = apart / distance[:, None] * (0.5 * lack)[:, None]
        np.add.at(centres, first, -shift)
        np.add.at(centres, second, shift)
    return centres
