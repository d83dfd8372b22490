"""From a frame as the microscope gave it to the image that a network sees."""

from napari_cellseg.preprocess.background import remove_background
from napari_cellseg.preprocess.contrast import normalize
from napari_cellseg.preprocess.histogram import Reference, brightest, match
from napari_cellseg.preprocess.parameters import LARGEST, SMALLEST, Preprocess, Scale
from napari_cellseg.preprocess.scale import network_shape, rescale, zooms

__all__ = [
    "LARGEST",
    "SMALLEST",
    "Preprocess",
    "Reference",
    "Scale",
    "brightest",
    "match",
    "network_shape",
    "normalize",
    "remove_background",
    "rescale",
    "zooms",
]
