"""From a probability map to a clean mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellseg.postprocess import morphology
from napari_cellseg.postprocess.blobs import blobs
from napari_cellseg.postprocess.otsu import otsu

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellseg.postprocess.parameters import Foreground

LEAST = 0.5
"""Of no greater probability, no pixel is more likely a cell than not."""


def foreground(
    probability: NDArray[np.floating], parameters: Foreground
) -> NDArray[np.bool_]:
    """Threshold, remove small objects, and close with the holes filled in between.

    Parameters
    ----------
    probability : float (Y, X)
        Probability of what is wanted, cells or nuclei; NaN is background.
    parameters : Foreground
        With numbers for all that can be automatic, lengths in px. Which map it is
        (``map``) is up to the caller.

    Returns
    -------
    bool (Y, X)
        By ``threshold_by``: what is greater than the threshold, than Otsu's of this
        very map, or what `blobs.blobs` takes for one. Otsu's divides any map in two,
        also one without a cell: where no pixel is greater than `LEAST`, there is none.
        Then, equal at every pixel, scikit-image's
        ``remove_small_objects`` and ``dilation``, scipy's ``binary_fill_holes`` and
        scikit-image's ``erosion`` with the same element. What is outside the image is
        background for the dilation and foreground for the erosion, as with scipy's
        ``border_value`` of 0 and 1; scikit-image's default, reflection, is the same as
        long as the element is not larger than the image.

    Raises
    ------
    ValueError
        If the map is not two-dimensional, the smallest area is still automatic, or a
        length is still in µm.

    Examples
    --------
    >>> from napari_cellseg.postprocess import Foreground
    >>> ring = np.array([[0, 0.9, 0.9, 0.9], [0, 0.9, 0.1, 0.9], [0, 0.9, 0.9, 0.9]])
    >>> foreground(ring, Foreground(smallest_area=8)).astype(int)
    array([[0, 1, 1, 1],
           [0, 1, 1, 1],
           [0, 1, 1, 1]])
    """
    if probability.ndim != 2:
        raise ValueError(
            f"the map must be (Y, X), but its shape is {probability.shape}"
        )
    if parameters.smallest_area is None:
        raise ValueError("the smallest area is automatic: fit it to a diameter first")
    mask = _thresholded(probability, parameters.calibrate(None))
    if not mask.any():
        return mask
    mask = morphology.remove_small(mask, parameters.smallest_area)
    closing = parameters.element_size > 1
    kernel = morphology.element(parameters.element, parameters.element_size)
    if closing:
        mask = morphology.dilate(mask, kernel)
    if parameters.fill_holes:
        mask = morphology.fill_holes(mask)
    return morphology.erode(mask, kernel) if closing else mask


def _thresholded(
    probability: NDArray[np.floating], parameters: Foreground
) -> NDArray[np.bool_]:
    if parameters.threshold_by == "blobs":
        smallest, largest = parameters.smallest_blob, parameters.largest_blob
        return blobs(probability, smallest, largest, parameters.sensitivity)
    if parameters.threshold_by == "otsu":
        return _by_otsu(np.nan_to_num(probability))
    return np.ascontiguousarray(probability > parameters.threshold)


def _by_otsu(probability: NDArray[np.floating]) -> NDArray[np.bool_]:
    if not probability.size or probability.max() <= LEAST:
        return np.zeros(probability.shape, bool)
    return np.ascontiguousarray(probability > otsu(probability))
