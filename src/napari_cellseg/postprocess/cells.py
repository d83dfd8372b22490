"""The fast half in one call: from maps to labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.postprocess._levels import squared_distance
from napari_cellseg.postprocess.foreground import foreground
from napari_cellseg.postprocess.instances import from_labels, keep
from napari_cellseg.postprocess.parameters import Foreground, Postprocess
from napari_cellseg.postprocess.spacing import spaced
from napari_cellseg.postprocess.watershed import build

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.postprocess.hierarchy import Hierarchy


def segment(
    probability: NDArray[np.floating],
    distance: NDArray[np.floating] | None,
    parameters: Postprocess,
    instances: NDArray[np.integer] | None = None,
) -> NDArray[np.unsignedinteger]:
    """Mask, split and cut.

    Parameters
    ----------
    probability : float (Y, X)
        Foreground probability.
    distance : float (Y, X) or None
        The network's distance map (px); needed if the landscape is "distance map".
    parameters : Postprocess
        With numbers for all that can be automatic, lengths in px.
    instances : integer (Y, X), optional
        Labels by the network; needed if the landscape is "instances".

    Returns
    -------
    uint16 or uint32 (Y, X)
        0 in the background, cells 1 ... K.

    Raises
    ------
    ValueError
        If a parameter is still automatic or in µm, or what the landscape needs is
        missing.

    Examples
    --------
    >>> import numpy as np
    >>> probability = np.array([[0.9, 0.8, 0.9, 0.2, 0.7]])
    >>> distance = np.array([[2.0, 1.0, 3.0, 0.0, 1.0]])
    >>> segment(probability, distance, Postprocess(smallest_area=0, h=0.5))
    array([[3, 1, 1, 0, 2]], dtype=uint16)
    """
    parameters = parameters.calibrate(None)
    if parameters.h is None:
        raise ValueError("h is automatic: fit it to a diameter first")
    mask = foreground(probability, parameters.part(Foreground))
    return divide(mask, parameters, distance, instances).labels(parameters.h)


def divide(
    mask: NDArray[np.bool_],
    parameters: Postprocess,
    distance: NDArray[np.floating] | None = None,
    instances: NDArray[np.integer] | None = None,
) -> Hierarchy:
    """Split a mask into regions, for every h.

    Parameters
    ----------
    mask : bool (Y, X)
        Foreground.
    parameters : Postprocess
        Its landscape and its markers decide; h is of meaning for "depth" alone. Of
        instances, what is left of one in the mask must reach the smallest area.
    distance, instances
        As in `segment`.

    Returns
    -------
    Hierarchy
        By `build`, or without merges of the regions of `spacing.spaced`, or of the
        instances; its peaks are then those of the distance.

    Raises
    ------
    ValueError
        If what the landscape needs is missing.

    Examples
    --------
    >>> mask = np.array([[1, 1, 1, 1, 0, 1]], bool)
    >>> own = np.array([[5, 5, 8, 8, 8, 9]])
    >>> by = Postprocess(landscape="instances", smallest_area=2)
    >>> divide(mask, by, instances=own).labels(0)
    array([[1, 1, 2, 2, 0, 0]], dtype=uint16)
    """
    if parameters.landscape == "instances":
        if instances is None:
            raise ValueError(
                "the landscape is 'instances', but there are none: give them, or split "
                "by 'distance transform'"
            )
        kept = keep(instances, mask, parameters.smallest_area or 0)
        return from_labels(kept, np.sqrt(squared_distance(mask)))
    height = distance
    if parameters.landscape == "distance transform":
        height = None
    elif height is None:
        raise ValueError(
            "the landscape is 'distance map', but there is no distance map: "
            "give one, or split by 'distance transform'"
        )
    if parameters.markers == "depth":
        return build(mask, height)
    if height is None:
        height = np.sqrt(squared_distance(mask))
    return from_labels(spaced(mask, height), height)
