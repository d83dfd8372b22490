"""Decoders on a residual encoder: DeepLabV3+, and a U-Net."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segmentation_models_pytorch as smp
import torch
from segmentation_models_pytorch.decoders.deeplabv3.decoder import ASPPPooling
from torch import nn

from napari_cellseg.network.architectures.colours import colours

if TYPE_CHECKING:
    from torch import Tensor


class EncoderNetwork(nn.Module):
    """DeepLabV3+ or U-Net of segmentation-models-pytorch.

    With three inputs the grey image comes three times, less ImageNet's mean colour and
    divided by its spread, so that weights from there see what they were trained on;
    with one it comes as it is.

    Parameters
    ----------
    kind : {"deeplabv3+", "encoder-unet"}
        Decoder.
    encoder : str
        resnet18, resnet34, resnet50, resnet101 or resnet152.
    inputs, outputs : int
        Channels of the image, number of maps.

    References
    ----------
    L.-C. Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic
    Image Segmentation", ECCV 2018; K. He et al., "Deep Residual Learning for Image
    Recognition", CVPR 2016.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, kind: str, encoder: str, inputs: int, outputs: int) -> None:
        super().__init__()
        make = smp.DeepLabV3Plus if kind == "deeplabv3+" else smp.Unet
        self.network = make(
            encoder, encoder_weights=None, in_channels=inputs, classes=outputs
        )
        self.inputs = inputs
        mean, spread = colours(inputs)
        for name, values in (("mean", mean), ("spread", spread)):
            buffer = torch.tensor(values).reshape(1, -1, 1, 1)
            self.register_buffer(name, buffer, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, Y, X) to (B, outputs, Y, X), without activation."""
        if self.training and len(x) == 1:
            self._keep_statistics_of_one()
        raw: Tensor = self.network((x - self.mean) / self.spread)
        return raw

    def _keep_statistics_of_one(self) -> None:
        """One image's mean has no spread: its normalisation uses the running one."""
        for layer in self.network.modules():
            if isinstance(layer, ASPPPooling):
                layer.eval()
