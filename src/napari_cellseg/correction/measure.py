"""What is measured of every cell of a frame: the table, and what doubt rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np

from napari_cellseg.metrics.runs import common_runs, tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]
    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CellTable:
    """Measurements of the cells of a frame, by rising label; N cells.

    Attributes
    ----------
    label : int64 (N,)
        Numbers of the cells.
    area : int64 (N,)
        Pixels (px²).
    centroid : float64 (N, 2)
        Mean of the pixels' positions (y, x) (px).
    box : int64 (N, 4)
        First row and column, and those behind the last: top, left, bottom, right (px).
    solidity : float64 (N,)
        Area over the number of pixels whose centre lies within the convex hull of the
        cell's pixel centres: 1 where no such pixel is missing, less for a dent or a
        hole.
    intensity : float64 (N,)
        Mean of the image over the cell; nan without an image.
    touches_border : bool (N,)
        Whether a pixel lies in the first or last row or column.
    doubt : float64 (N,)
        How near the network's probability is to the threshold, mean over the cell's
        outline: 1 at the threshold, falling linearly to 0 at probabilities 0 and 1.
        The outline is the pixels with another label among their four neighbours. nan
        without a map, and for a cell that fills the frame.
    """

    label: Ints
    area: Ints
    centroid: Floats
    box: Ints
    solidity: Floats
    intensity: Floats
    touches_border: NDArray[np.bool_]
    doubt: Floats

    def __len__(self) -> int:
        return self.label.size

    @property
    def radius(self) -> Floats:
        """Radius of the disk of the same area (px), ``(N,)``."""
        return np.sqrt(self.area / np.pi)

    def row(self, label: int) -> int | None:
        """Position of a cell in the table; None if it is not there."""
        at = int(np.searchsorted(self.label, label))
        return at if at < len(self) and self.label[at] == label else None


def measure(
    labels: NDArray[np.integer],
    image: NDArray[Any] | None = None,
    probability: NDArray[np.floating] | None = None,
    threshold: float = 0.5,
) -> CellTable:
    """Measure every cell of a frame.

    Parameters
    ----------
    labels : integer (Y, X)
        0 in the background.
    image : (Y, X), optional
        What the intensity is measured in; a nan in a cell makes its mean nan.
    probability : float (Y, X), optional
        The network's map, 0 to 1.
    threshold : float
        What is greater is foreground, 0 to 1.

    Returns
    -------
    CellTable
        Without rows if there is no cell.

    Raises
    ------
    ValueError
        If the shapes differ, or the labels are not integers or negative.

    Examples
    --------
    >>> labels = np.array([[0, 7, 7, 0], [0, 7, 0, 4], [0, 7, 7, 4]], np.uint16)
    >>> table = measure(labels, image=labels * 2)
    >>> table.label, table.area, table.solidity.round(2)
    (array([4, 7]), array([2, 5]), array([1.  , 0.83]))
    >>> table.centroid.round(2).tolist(), table.box.tolist()
    ([[1.5, 3.0], [1.0, 1.4]], [[1, 3, 3, 4], [0, 1, 3, 3]])
    >>> table.intensity, table.doubt
    (array([ 8., 14.]), array([nan, nan]))
    """
    for name, other in (("image", image), ("probability", probability)):
        if other is not None and other.shape != labels.shape:
            raise ValueError(
                f"the {name} is {other.shape} and the labels are {labels.shape}"
            )
    starts, lengths, (values,) = common_runs(labels)
    ids, area, index = tally(values, lengths)
    kept = index >= 0
    index, length = index[kept], lengths[kept]
    y, left = np.divmod(starts[kept], max(labels.shape[1], 1))
    moments = (length * y, length * (left + (length - 1) / 2))
    sums = [np.bincount(index, moment, ids.size) for moment in moments]
    box = boxes_of_runs(index, y, left, left + length, ids.size)
    edges = np.array([0, 0, *labels.shape])
    return CellTable(
        label=ids,
        area=area,
        centroid=np.stack(sums, axis=1) / area[:, None],
        box=box,
        solidity=area / _hulls(index, y, left, left + length - 1, ids.size),
        intensity=_nothing(ids.size)
        if image is None
        else _totals(image, starts, kept, index, ids.size) / area,
        touches_border=(box == edges).any(axis=1),
        doubt=_nothing(ids.size)
        if probability is None
        else _outline_doubt(labels, ids, probability, threshold),
    )


def _nothing(count: int) -> Floats:
    return np.full(count, np.nan)


def boxes_of_runs(index: Ints, y: Ints, left: Ints, right: Ints, count: int) -> Ints:
    """Boxes of cells from their runs along x.

    Parameters
    ----------
    index, y, left, right : int64 (R,)
        Of each run its cell, 0 ... count - 1, its row, its first column and that behind
        its last.
    count : int
        Number of cells N; each has a run.

    Returns
    -------
    int64 (N, 4)
        Top, left, bottom, right, see `CellTable`.

    Examples
    --------
    >>> boxes_of_runs(np.array([0, 0]), np.array([5, 6]), np.array([2, 1]),
    ...               np.array([4, 3]), 1)
    array([[5, 1, 7, 4]])
    """
    box = np.empty((count, 4), np.int64)
    box[:, :2] = np.iinfo(np.int64).max
    box[:, 2:] = 0
    for column, values in enumerate((y, left)):
        np.minimum.at(box[:, column], index, values)
    for column, values in enumerate((y + 1, right), 2):
        np.maximum.at(box[:, column], index, values)
    return box


def _totals(
    image: NDArray[Any], starts: Ints, kept: NDArray[np.bool_], index: Ints, count: int
) -> Floats:
    """Sum of the image over each cell, from the sums over its runs."""
    if not starts.size:
        return np.zeros(0)
    sums = np.add.reduceat(np.ravel(image), starts, dtype=np.float64)
    totals: Floats = np.bincount(index, sums[kept], count).astype(np.float64)
    return totals


def _hulls(index: Ints, y: Ints, left: Ints, right: Ints, count: int) -> Floats:
    """Pixel centres within the convex hull of each cell's pixel centres.

    Pick's theorem counts them: area + points on the boundary / 2 + 1, a point or a
    line included, whose boundary goes there and back.
    """
    order = np.argsort(index, kind="stable")
    ends = np.stack([left, y, right, y], axis=1)[order].astype(np.int32)
    cells = np.split(ends, np.cumsum(np.bincount(index, minlength=count))[:-1])
    hulls = [cv2.convexHull(cell.reshape(-1, 2))[:, 0] for cell in cells if cell.size]
    if not hulls:
        return np.zeros(0)
    sizes = np.array([len(hull) for hull in hulls])
    corners = np.concatenate(hulls).astype(np.int64)
    following = np.arange(1, len(corners) + 1)
    last = np.cumsum(sizes) - 1
    following[last] = last - sizes + 1
    step = corners[following] - corners
    doubled = corners[:, 0] * step[:, 1] - corners[:, 1] * step[:, 0]
    owner = np.repeat(np.arange(count), sizes)
    area = np.abs(np.bincount(owner, doubled, count)) / 2
    boundary = np.bincount(owner, np.gcd(step[:, 0], step[:, 1]), count)
    inside: Floats = area + boundary / 2 + 1
    return inside


def _outline_doubt(
    labels: NDArray[np.integer],
    ids: Ints,
    probability: NDArray[np.floating],
    threshold: float,
) -> Floats:
    """Mean over each cell's outline of how near the map is to the threshold."""
    outline = np.zeros(labels.shape, np.bool_)
    for one, other in (
        ((slice(1, None),), (slice(None, -1),)),
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
    ):
        differs = labels[one] != labels[other]
        outline[one] |= differs
        outline[other] |= differs
    outline &= labels != 0
    owner = np.searchsorted(ids, labels[outline])
    map_there = probability[outline].astype(np.float64)
    # the way from the threshold to 0 or to 1, whichever side the pixel is on
    room = np.maximum(np.where(map_there > threshold, 1 - threshold, threshold), 1e-9)
    near = np.clip(1 - np.abs(map_there - threshold) / room, 0, 1)
    count = np.bincount(owner, minlength=ids.size)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.bincount(owner, near, ids.size) / count
    return mean
