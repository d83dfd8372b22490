"""Detection by the distance of centroids, as Drăghici et al. (2025) count cells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.distance import cdist

from napari_cellseg.metrics.assignment import assign
from napari_cellseg.metrics.counts import Errors, ratio
from napari_cellseg.metrics.runs import Floats, Ints, Labels, common_runs, tally


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
    found, real = geometry(pred), geometry(truth)
    n_pred, n_truth = len(found.centroids), len(real.centroids)
    if not n_pred or not n_truth:
        return CentroidErrors(Errors(0, n_pred, n_truth))
    distances = cdist(real.centroids, found.centroids)
    rows, columns = np.nonzero(distances <= real.radii[:, None])
    near = distances[rows, columns]
    chosen = assign(rows, columns, near / real.radii.max())
    tp = chosen.size
    return CentroidErrors(
        Errors(tp, n_pred - tp, n_truth - tp), float(near[chosen].sum())
    )


@dataclass(frozen=True, eq=False)
class Geometry:
    """Where the objects of a label image are, in the order of their ids.

    Attributes
    ----------
    centroids
        Mean pixel position ``(y, x)``, float64 ``(N, 2)``.
    radii
        Half the diagonal of the bounding box in pixels, float64 ``(N,)``.
    """

    centroids: Floats
    radii: Floats


def geometry(labels: Labels) -> Geometry:
    """Measure the objects of a label image.

    Parameters
    ----------
    labels
        ``(Y, X)`` of any integer dtype.

    Returns
    -------
    Geometry
        Empty arrays without objects.

    Examples
    --------
    >>> found = geometry(np.array([[0, 0, 0, 0], [0, 5, 5, 5], [0, 5, 5, 5]]))
    >>> found.centroids, found.radii.round(3)
    (array([[1.5, 2. ]]), array([1.803]))
    """
    starts, lengths, (values,) = common_runs(labels)
    ids, areas, index = tally(values, lengths)
    runs = np.flatnonzero(index >= 0)
    index, lengths = index[runs], lengths[runs]
    y, left = np.divmod(starts[runs], max(labels.shape[-1], 1))
    right = left + lengths - 1
    middles = [(lengths * y).astype(float), lengths * (left + right) / 2]
    sums = [np.bincount(index, middle, ids.size) for middle in middles]
    height = _extent(index, y, y, ids.size)
    width = _extent(index, left, right, ids.size)
    return Geometry(
        centroids=np.stack(sums, axis=1) / areas[:, None],
        radii=np.hypot(height, width) / 2,
    )


def _extent(index: Ints, low: Ints, high: Ints, n: int) -> Ints:
    """Pixels that each object's box spans along one axis."""
    first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(first, index, low)
    np.maximum.at(last, index, high)
    extent: Ints = last - first + 1
    return extent
