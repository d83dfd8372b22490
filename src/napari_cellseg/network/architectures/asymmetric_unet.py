"""The network of Al-Kofahi et al.: a U-Net whose two paths differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor


class AsymmetricUNet(nn.Module):
    """U-Net that pools once a step and comes back by transposed convolutions.

    Contracting: a rectified 3x3 convolution and 2x2 pooling for each of the widths, so
    that 160 px become 5. Expanding: a transposed 2x2 convolution to half the features
    of that resolution, which are joined with the contracting path's and convolved once.
    The paper's Table 1 is not to be had; decided here are: one convolution a step, the
    halved features, maximum pooling, no normalisation, and dropout where features are
    most: after the last two contracting steps and the first expanding one.

    Parameters
    ----------
    inputs, outputs : int
        Channels of the image, number of maps.
    widths : tuple of int
        Features of the contracting steps; the sides of the image must be multiples of
        ``2 ** len(widths)``.
    dropout : float
        Share of features dropped in training, in each of the three layers.

    References
    ----------
    Y. Al-Kofahi et al., "A deep learning-based algorithm for 2-D cell segmentation in
    microscopy images", BMC Bioinformatics 19, 365 (2018).
    """

    def __init__(
        self, inputs: int, outputs: int, widths: tuple[int, ...], dropout: float
    ) -> None:
        super().__init__()
        dropped = len(widths) - 2
        self.contracting = nn.ModuleList(
            _convolution(a, b, dropout if step >= dropped else 0)
            for step, (a, b) in enumerate(zip((inputs, *widths), widths, strict=False))
        )
        halves = [max(1, width // 2) for width in widths[::-1]]
        deeper = [widths[-1], *halves]
        self.upward = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 2, stride=2)
            for a, b in zip(deeper, halves, strict=False)
        )
        self.expanding = nn.ModuleList(
            _convolution(half + width, half, 0 if step else dropout)
            for step, (half, width) in enumerate(zip(halves, widths[::-1], strict=True))
        )
        self.head = nn.Conv2d(halves[-1], outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, Y, X) to (B, outputs, Y, X), without activation."""
        skips = []
        for block in self.contracting:
            skip = block(x)
            skips.append(skip)
            x = nn.functional.max_pool2d(skip, 2)  # (B, C, Y/2, X/2)
        steps = zip(self.upward, self.expanding, skips[::-1], strict=True)
        for upward, block, skip in steps:
            x = torch.cat([skip, upward(x)], dim=1)  # (B, C, 2 Y, 2 X)
            x = block(x)
        return cast("Tensor", self.head(x))


def _convolution(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
    )
