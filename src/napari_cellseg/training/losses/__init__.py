"""What training minimises.

Each loss takes the network's logits (B, C, Y, X), the truth of the same shape, and for
the shape-aware one the pixels' weights (B, Y, X), and gives a scalar.
"""

from napari_cellseg.training.losses.choose import Loss, choose_loss
from napari_cellseg.training.losses.shape_aware import shape_weights

__all__ = ["Loss", "choose_loss", "shape_weights"]
