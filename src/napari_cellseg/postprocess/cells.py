"""The fast half in one call: from maps to labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellseg.postprocess.foreground import foreground
from napari_cellseg.postprocess.parameters import Foreground, Postprocess
from napari_cellseg.postprocess.watershed import build

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def segment(
    probability: NDArray[np.floating],
    distance: NDArray[np.floating] | None,
    parameters: Postprocess,
) -> NDArray[np.unsignedinteger]:
    """Mask, split and cut.

    Parameters
    ----------
    probability : float (Y, X)
        Foreground probability.
    distance : float (Y, X) or None
        The network's distance map (px); needed if the landscape is "distance map".
    parameters : Postprocess
        With numbers for all that can be automatic.

    Returns
    -------
    uint16 or uint32 (Y, X)
        0 in the background, cells 1 ... K.

    Raises
    ------
    ValueError
        If a parameter is still automatic or the distance map is needed and missing.

    Examples
    --------
    >>> import numpy as np
    >>> probability = np.array([[0.9, 0.8, 0.9, 0.2, 0.7]])
    >>> distance = np.array([[2.0, 1.0, 3.0, 0.0, 1.0]])
    >>> segment(probability, distance, Postprocess(smallest_area=0, h=0.5))
    array([[3, 1, 1, 0, 2]], dtype=uint16)
    """
    if parameters.h is None:
        raise ValueError("h is automatic: fit it to a diameter first")
    landscape = None
    if parameters.landscape == "distance map":
        if distance is None:
            raise ValueError(
                "the landscape is 'distance map', but there is no distance map: "
                "give one, or split by 'distance transform'"
            )
        landscape = distance
    mask = foreground(probability, parameters.part(Foreground))
    return build(mask, landscape).labels(parameters.h)
