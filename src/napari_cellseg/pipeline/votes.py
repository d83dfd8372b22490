"""What a segmentation says of the cells' diameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import ndimage

from napari_cellseg.postprocess import Postprocess, segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.network.maps import Maps

# how far a cell's size may be from the trial's, as a spread of the logarithm
TOLERANCE = 0.5
PROBABLE = 0.5


@dataclass(frozen=True)
class Vote:
    """What one trial found.

    Attributes
    ----------
    diameters, weights : float64 array of shape (N,)
        Of each cell, and how much it counts.
    evidence : float
        How much of the image speaks for the trial. Cells count by their diameter to
        the power of 1.5: by area a few large blobs would win over many cells, by number
        the specks within cells would.
    """

    diameters: NDArray[np.float64]
    weights: NDArray[np.float64]
    evidence: float

    def median(self) -> float:
        """Diameter above and below which the cells count equally."""
        order = np.argsort(self.diameters)
        reached = np.cumsum(self.weights[order])
        return float(self.diameters[order][np.searchsorted(reached, reached[-1] / 2)])


def vote(maps: Maps, name: str, diameter: float) -> Vote:
    """Segment maps as if their cells had a diameter, and say how well that fits.

    Parameters
    ----------
    maps : Maps
        Of a frame, or a part of it.
    name : str
        The map that says where cells are.
    diameter : float
        The trial (px).
    """
    probability = maps[name]
    distance = maps.get("distance")
    # the recipe's own settings are left out: they are tuned once the size is known
    landscape = "distance map" if distance is not None else "distance transform"
    settings = Postprocess(landscape=landscape).fit(diameter)
    labels = segment(probability, distance, settings)
    areas = np.bincount(labels.ravel())[1:].astype(np.float64)
    sums = np.bincount(labels.ravel(), probability.ravel())[1:]
    diameters = np.sqrt(4 / np.pi * areas)
    agreement = np.exp(-(np.log(diameters / diameter) ** 2) / (2 * TOLERANCE**2))
    weights = (sums / areas) ** 2 * agreement
    if distance is not None:
        weights *= _coherence(labels, distance)
    return Vote(
        diameters, weights, float((weights * diameters**1.5).sum()) / labels.size
    )


def pieces(maps: Maps, name: str) -> Vote:
    """Measure what a network found as it is: its instances, or connected foreground.

    Each counts by its diameter to the power of 1.5. For the parameters see `vote`.
    """
    labels = maps.instances
    if labels is None:
        mask = (maps[name] > PROBABLE).astype(np.uint8)
        labels = cv2.connectedComponents(mask, connectivity=8)[1].astype(np.uint32)
    areas = np.bincount(labels.ravel())[1:].astype(np.float64)
    diameters = np.sqrt(4 / np.pi * areas[areas > 0])
    weights = diameters**1.5
    return Vote(diameters, weights, float(weights.sum()) / labels.size)


def _coherence(
    labels: NDArray[np.unsignedinteger], distance: NDArray[np.float32]
) -> NDArray[np.float64]:
    """How well each cell's greatest predicted distance fits its form, 0 ... 1.

    Where the size is wrong the network still finds foreground, but no distances.
    """
    ids = np.arange(1, int(labels.max()) + 1)
    mask = (labels > 0).astype(np.uint8)
    real = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    said, is_ = (
        np.clip(ndimage.maximum(values, labels, ids), 0.3, None)
        for values in (distance, real)
    )
    return np.asarray(np.minimum(said / is_, is_ / said) ** 2, np.float64)


def pool(votes: list[Vote]) -> Vote:
    """Take the votes of several frames together."""
    return Vote(
        np.concatenate([v.diameters for v in votes]),
        np.concatenate([v.weights for v in votes]),
        sum(v.evidence for v in votes),
    )
