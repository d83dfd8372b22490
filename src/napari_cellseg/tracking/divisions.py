"""Which divisions that a linker found are worth keeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_cellseg.tracking.forest import Link, Node


def implausible(
    links: Iterable[Link], points: Sequence[NDArray[np.float64]], offset: float
) -> set[Link]:
    """Links to cut so that every division left keeps the mother between her daughters.

    Two daughters part from where the mother was; a cell that merely appears beside
    another does not have it in the middle. Of an implausible pair, the link to the
    daughter farther from the mother is cut.

    Parameters
    ----------
    links
        Pairs of nodes, earlier first.
    points
        Position of each object, ``(N, D)`` for each frame, y and x first.
    offset
        Farthest that the mother lies from the midpoint of her daughters, as a share of
        their distance; 0.5 is a mother that stays while a cell appears beside her.

    Returns
    -------
    set
        The links to cut. Successors beyond two are judged pair by pair with the
        nearest.

    Examples
    --------
    >>> points = [np.array([[0.0, 0.0]]), np.array([[0.0, 0.1], [0.0, 2.0]])]
    >>> links = [((0, 0), (1, 0)), ((0, 0), (1, 1))]
    >>> implausible(links, points, 0.42)
    {((0, 0), (1, 1))}
    >>> implausible(links, points, 0.6)
    set()
    """
    targets: dict[Node, list[Node]] = {}
    for source, target in links:
        targets.setdefault(source, []).append(target)
    cut: set[Link] = set()
    for source, daughters in targets.items():
        moves = sorted(
            ((_move(source, daughter, points), daughter) for daughter in daughters),
            key=lambda pair: float(np.hypot(*pair[0])),
        )
        nearest = moves[0][0]
        for move, daughter in moves[1:]:
            if np.hypot(*(nearest + move)) / 2 > offset * np.hypot(*(nearest - move)):
                cut.add((source, daughter))
    return cut


def _move(
    source: Node, target: Node, points: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    step: NDArray[np.float64] = (
        points[target[0]][target[1]] - points[source[0]][source[1]]
    )
    return step[:2]
