"""From a frame as the microscope gave it to the image that a network sees."""

from napari_cellseg.preprocess.contrast import normalize
from napari_cellseg.preprocess.parameters import LARGEST, SMALLEST, Preprocess, Scale
from napari_cellseg.preprocess.scale import rescale

__all__ = ["LARGEST", "SMALLEST", "Preprocess", "Scale", "normalize", "rescale"]
