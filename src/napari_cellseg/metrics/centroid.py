"""Detection by the distance of centroids, as Drăghici et al. (2025) count cells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage
from scipy.spatial.distance import cdist

from napari_cellseg.metrics.assignment import assign
from napari_cellseg.metrics.instance import Errors
from napari_cellseg.metrics.overlap import Compact, Floats, Labels, compact
from napari_cellseg.metrics.pixel import ratio


@dataclass(frozen=True)
class CentroidErrors:
    """Errors of a matching by centroids; add those of several frames to pool them.

    Attributes
    ----------
    errors
        Objects found, invented and missed.
    total_distance
        Sum of the distances of the pairs, in pixels.
    """

    errors: Errors = field(default_factory=Errors)
    total_distance: float = 0.0

    def __add__(self, other: CentroidErrors) -> CentroidErrors:
        return CentroidErrors(
            self.errors + other.errors, self.total_distance + other.total_distance
        )

    @property
    def mean_distance(self) -> float:
        """Mean distance of the pairs in pixels; nan without pairs."""
        return ratio(self.total_distance, self.errors.tp)


def match_centroids(pred: Labels, truth: Labels) -> CentroidErrors:
    """Match objects one to one by the distance of their centroids.

    A true object admits predictions no farther from its centroid than its effective
    radius, half the diagonal of its bounding box. As many pairs as possible are made,
    and among such choices those of the smallest total distance.

    Parameters
    ----------
    pred, truth
        Label images ``(Y, X)``.

    Returns
    -------
    CentroidErrors

    Raises
    ------
    ValueError
        If the shapes differ or the labels are no labels.

    References
    ----------
    Drăghici et al. (2025), section 4.2. Which assignment is made, and whether a
    distance equal to the radius counts (here it does), the paper leaves open.

    Examples
    --------
    >>> truth, pred = np.zeros((2, 9, 9), int)
    >>> truth[2:5, 2:5] = 1
    >>> pred[2:5, 3:6] = 1
    >>> pred[8, 8] = 2
    >>> match_centroids(pred, truth)
    CentroidErrors(errors=Errors(tp=1, fp=1, fn=0), total_distance=1.0)
    """
    if np.shape(pred) != np.shape(truth):
        raise ValueError(
            f"prediction and truth differ in shape: {np.shape(pred)} against "
            f"{np.shape(truth)}"
        )
    return match_centroids_of(compact(pred), compact(truth))


def match_centroids_of(pred: Compact, truth: Compact) -> CentroidErrors:
    """`match_centroids` of images that are numbered without holes already."""
    if not pred.ids.size or not truth.ids.size:
        return CentroidErrors(Errors(0, pred.ids.size, truth.ids.size))
    distances = cdist(centroids(truth), centroids(pred))
    radii = effective_radii(truth)
    rows, columns = np.nonzero(distances <= radii[:, None])
    near = distances[rows, columns]
    chosen = assign(rows, columns, near / radii.max())
    tp = chosen.size
    errors = Errors(tp, pred.ids.size - tp, truth.ids.size - tp)
    return CentroidErrors(errors, float(near[chosen].sum()))


def centroids(labels: Compact) -> Floats:
    """Mean pixel position ``(y, x)`` of each object, float64 ``(N, 2)``."""
    y, x = np.nonzero(labels.index)
    index = labels.index[y, x]
    sums = [np.bincount(index, axis, labels.ids.size + 1)[1:] for axis in (y, x)]
    return np.stack(sums, axis=1) / labels.areas[:, None]


def effective_radii(labels: Compact) -> Floats:
    """Half the diagonal of each object's bounding box in pixels, float64 ``(N,)``."""
    boxes = ndimage.find_objects(labels.index)
    sides = [[axis.stop - axis.start for axis in box] for box in boxes]
    radii: Floats = np.hypot(*np.array(sides, dtype=float).reshape(-1, 2).T) / 2
    return radii
