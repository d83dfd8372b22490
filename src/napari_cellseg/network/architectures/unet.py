"""Our network: a U-Net with residual steps and batch normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


class DoubleConvolution(nn.Module):
    """Two 3x3 convolutions, each normalised and rectified, around a residual sum."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs)
        self.second = _convolution(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, Y, X) to (B, outputs, Y, X)."""
        x = self.first(x)
        return cast("Tensor", x + self.second(x))


class UNet(nn.Module):
    """U-Net with residual steps, batch normalisation and bilinear up-sampling.

    The input's sides must be multiples of ``2 ** (len(widths) - 1)``; ``predict`` pads.

    Parameters
    ----------
    inputs : int
        Channels of the image.
    outputs : int
        Number of maps.
    widths : tuple of int
        Features at full resolution, at a half, at a quarter, and so on.
    step : callable
        Makes what is done at one resolution, of so many features in and out.

    References
    ----------
    O. Ronneberger, P. Fischer, T. Brox, "U-Net: Convolutional Networks for Biomedical
    Image Segmentation", MICCAI 2015.
    """

    upsampling = "bilinear"

    def __init__(
        self,
        inputs: int,
        outputs: int,
        widths: tuple[int, ...],
        step: Callable[[int, int], nn.Module] = DoubleConvolution,
    ) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            step(a, b) for a, b in zip((inputs, *widths), widths, strict=False)
        )
        self.decoder = nn.ModuleList(
            step(shallow + deep, shallow)
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
            x = nn.functional.interpolate(x, scale_factor=2.0, mode=self.upsampling)
            x = block(torch.cat([skip, x], dim=1))  # (B, C, 2 Y, 2 X)
        return cast("Tensor", self.head(x))


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
