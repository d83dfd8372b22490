"""The networks: image in, one raw channel per map out.

Each takes the grey image, (B, 1, Y, X), whatever the inputs of its first convolution,
and gives logits (B, maps, Y, X), the distance as it is. A Mask R-CNN is of another
kind: see `mask_rcnn`.
"""

from napari_cellseg.network.architectures.build import build_network, initialise
from napari_cellseg.network.architectures.fuse import fuse_normalisation

__all__ = ["build_network", "fuse_normalisation", "initialise"]
