"""From what a recipe says of a network to the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from napari_cellseg.network.architectures.asymmetric_unet import AsymmetricUNet
from napari_cellseg.network.architectures.compilers import without_triton
from napari_cellseg.network.architectures.plain_unet import PlainUNet
from napari_cellseg.network.architectures.unet import UNet

if TYPE_CHECKING:
    from torch import Tensor

    from napari_cellseg.network.parameters import Architecture


class Repeat(nn.Module):
    """A network of three inputs that sees the grey image in each of them."""

    def __init__(self, network: nn.Module, inputs: int) -> None:
        super().__init__()
        self.network = network
        self.inputs = inputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, Y, X) to (B, maps, Y, X)."""
        raw: Tensor = self.network(x.expand(-1, self.inputs, -1, -1))
        return raw


def build_network(architecture: Architecture) -> nn.Module:
    """Build an untrained network, its weights drawn from torch's random generator.

    Parameters
    ----------
    architecture : Architecture
        What the recipe says of it.

    Returns
    -------
    nn.Module
        (B, 1, Y, X) to (B, maps, Y, X), logits and raw distances; the sides must be
        multiples of ``architecture.stride``. A Mask R-CNN of its own kind.
    """
    kind, inputs, maps = architecture.kind, architecture.inputs, len(architecture.maps)
    widths, dropout = architecture.widths, architecture.dropout
    if kind in ("deeplabv3+", "encoder-unet"):
        # loads in seconds, which who has a network of ours need not wait for
        with without_triton():
            from napari_cellseg.network.architectures.encoders import EncoderNetwork

        return EncoderNetwork(kind, architecture.encoder, inputs, maps)
    if kind == "mask-rcnn":
        with without_triton():
            from napari_cellseg.network.architectures.mask_rcnn import MaskRCNN

        return MaskRCNN(architecture.encoder, inputs)
    network: nn.Module
    if kind == "plain-unet":
        network = PlainUNet(inputs, maps, widths, dropout)
    elif kind == "asymmetric-unet":
        network = AsymmetricUNet(inputs, maps, widths, dropout)
    else:
        network = UNet(inputs, maps, widths)
    return network if inputs == 1 else Repeat(network, inputs)


def initialise(network: nn.Module, how: str) -> None:
    """Draw the weights of all convolutions and linear layers anew, in place.

    Parameters
    ----------
    network : nn.Module
        The network, or a part of it.
    how : {"default", "xavier", "kaiming"}
        As they are; or normal after Glorot and Bengio (2010), or after He et al.
        (2015, fan in, for rectified units), and biases of 0.
    """
    if how == "default":
        return
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            if how == "xavier":
                nn.init.xavier_normal_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
