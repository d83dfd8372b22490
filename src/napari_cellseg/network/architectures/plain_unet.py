"""The U-Net of Aydın et al.: convolutions, dropout, and no normalisation."""

from __future__ import annotations

from functools import partial

from torch import nn

from napari_cellseg.network.architectures.unet import UNet


class PlainUNet(UNet):
    """U-Net of two rectified 3x3 convolutions a step, zeros around the image.

    The paper leaves open where the dropout of its convolutions lies and how the 2x2
    up-sampling interpolates: here it follows each rectified convolution but the last
    1x1, single features are dropped, and a pixel becomes four of its value, as in the
    Keras layers that the paper used.

    Parameters
    ----------
    inputs, outputs : int
        Channels of the image, number of maps.
    widths : tuple of int
        Features at full resolution, at a half, at a quarter, and so on.
    dropout : float
        Share of features dropped in training.

    References
    ----------
    M. Aydın et al., "A Deep Learning Model for Automated Segmentation of Fluorescence
    Cell Images", J. Phys.: Conf. Ser., 2022.
    """

    upsampling = "nearest"

    def __init__(
        self, inputs: int, outputs: int, widths: tuple[int, ...], dropout: float
    ) -> None:
        super().__init__(inputs, outputs, widths, partial(_step, dropout=dropout))


def _step(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
        ]
    return nn.Sequential(*layers)
