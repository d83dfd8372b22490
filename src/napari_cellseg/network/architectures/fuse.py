"""Batch normalisation done by the convolution before it, for prediction."""

from __future__ import annotations

import copy

from torch import nn
from torch.nn.utils import fuse_conv_bn_eval


def fuse_normalisation(network: nn.Module) -> nn.Module:
    """Copy of a trained network whose convolutions do the batch normalisation, too.

    Where a normalisation does not follow a convolution at the start of an
    `nn.Sequential`, it is left: the result is the same, only slower.
    """
    fused = copy.deepcopy(network).eval()
    for step in fused.modules():
        if not isinstance(step, nn.Sequential) or len(step) < 2:
            continue
        convolution, normalisation = step[0], step[1]
        if isinstance(convolution, nn.Conv2d) and isinstance(
            normalisation, nn.BatchNorm2d
        ):
            step[0] = fuse_conv_bn_eval(convolution, normalisation)
            step[1] = nn.Identity()
    return fused
