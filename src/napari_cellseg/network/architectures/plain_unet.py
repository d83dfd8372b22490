"""The U-Net of Aydın et al.: convolutions, dropout, and no normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor


class PlainUNet(nn.Module):
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

    def __init__(
        self, inputs: int, outputs: int, widths: tuple[int, ...], dropout: float
    ) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            _step(a, b, dropout)
            for a, b in zip((inputs, *widths), widths, strict=False)
        )
        self.decoder = nn.ModuleList(
            _step(shallow + deep, shallow, dropout)
            for shallow, deep in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, Y, X) to (B, outputs, Y, X), without activation."""
        skips = []
        for step, block in enumerate(self.encoder):
            if step:
                x = nn.functional.max_pool2d(x, 2)  # (B, C, Y/2, X/2)
            x = block(x)
            skips.append(x)
        for block, skip in zip(self.decoder, skips[-2::-1], strict=True):
            x = nn.functional.interpolate(x, scale_factor=2.0)  # (B, C, 2 Y, 2 X)
            x = block(torch.cat([skip, x], dim=1))
        return cast("Tensor", self.head(x))


def _step(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
        ]
    return nn.Sequential(*layers)
