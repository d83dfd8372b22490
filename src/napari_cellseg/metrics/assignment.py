"""One-to-one assignment over a sparse graph of admissible pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

if TYPE_CHECKING:
    from napari_cellseg.metrics.runs import Floats, Ints


def assign(rows: Ints, columns: Ints, costs: Floats) -> Ints:
    """Choose as many pairs as possible, and among such choices the cheapest.

    Parameters
    ----------
    rows, columns
        The admissible pairs, ``(K,)`` each, without repetition.
    costs
        Cost of each pair, ``(K,)``, in 0 … 1.

    Returns
    -------
    ndarray
        Positions of the chosen pairs, ascending; every row and every column occurs at
        most once. Equal choices fall either way. Empty for no pairs.

    Examples
    --------
    >>> assign(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.1, 0.5, 0.3]))
    array([1, 2])
    """
    if _is_unique(rows) and _is_unique(columns):
        return np.arange(rows.size)
    _, row = np.unique(rows, return_inverse=True)
    _, column = np.unique(columns, return_inverse=True)
    height, width = int(row.max()) + 1, int(column.max()) + 1
    # each row may stay alone, in a column of its own that is dearer than all pairs;
    # the solver takes a stored 0 for an absent edge, hence costs from 1 on
    spare = np.arange(height)
    graph = coo_array(
        (
            np.concatenate([costs + 1.0, np.full(height, 2.0 * height + 2.0)]),
            (np.concatenate([row, spare]), np.concatenate([column, width + spare])),
        ),
        shape=(height, width + height),
    )
    left, right = min_weight_full_bipartite_matching(graph.tocsr())
    chosen = np.full(height, -1)
    chosen[left] = right
    return np.flatnonzero(chosen[row] == column)


def _is_unique(values: Ints) -> bool:
    return np.unique(values).size == values.size
