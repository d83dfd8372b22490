"""From a frame as the microscope gave it to the image that a network sees."""

from napari_cellseg.preprocess.contrast import Preprocess, normalize
from napari_cellseg.preprocess.scale import LARGEST, SMALLEST, Scale, rescale

__all__ = ["LARGEST", "SMALLEST", "Preprocess", "Scale", "normalize", "rescale"]
