"""Mask R-CNN: a network that tells the cells apart itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN as TorchvisionMaskRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.roi_heads import (
    RoIHeads,
    paste_masks_in_image,
)
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from napari_cellseg.network.architectures.colours import colours
from napari_cellseg.network.architectures.roi_heads import CellHeads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cellseg.network.architectures.roi_heads import MaskLoss

SCORE = 0.5
"""Least score of a cell: it is more likely one than none."""
OVERLAP = 0.5
"""Of two boxes with a larger intersection over union the lower score is dropped, as in
the paper of Mask R-CNN; touching cells' boxes rarely overlap by half."""
MOST = 1000
"""Largest number of cells an image: all proposals, where torchvision keeps 100."""
MASK = 0.5
"""Least probability of a cell's pixel."""

Target = dict[str, Tensor]


class MaskRCNN(TorchvisionMaskRCNN):  # type: ignore[misc]
    """Torchvision's Mask R-CNN on a residual encoder with a feature pyramid.

    Of two classes, cell and background. Images are not resampled: a pixel of the input
    is a pixel of the network, in training and after it. With three inputs the grey
    image comes three times, in the colours that the weights of COCO were trained on.

    Parameters
    ----------
    encoder : str
        resnet18, resnet34, resnet50, resnet101 or resnet152.
    inputs : {1, 3}
        Channels of the first convolution.

    Attributes
    ----------
    frozen : bool tensor
        Whether the encoder's batch normalisation is held as it is, which that of
        pretrained weights is: a batch of a few images has no good statistics of its
        own.

    References
    ----------
    K. He et al., "Mask R-CNN", ICCV 2017.
    """

    frozen: Tensor
    roi_heads: RoIHeads

    def __init__(self, encoder: str, inputs: int) -> None:
        backbone = resnet_fpn_backbone(
            backbone_name=encoder,
            weights=None,
            norm_layer=nn.BatchNorm2d,
            trainable_layers=5,
        )
        if inputs == 1:
            backbone.body.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        super().__init__(backbone, num_classes=2)
        self.inputs = inputs
        mean, spread = colours(inputs)
        self.transform = _Unscaled(1, 1, mean, spread)
        self.roi_heads = CellHeads(self.roi_heads, SCORE, OVERLAP, MOST)
        self.register_buffer("frozen", torch.tensor(False))

    @property
    def heads(self) -> tuple[nn.Module, nn.Module]:
        """What says class, box and mask: made for two classes, never pretrained."""
        return self.roi_heads.box_predictor, self.roi_heads.mask_predictor

    def learn_masks_by(self, loss: MaskLoss) -> None:
        """Set what the mask branch minimises; else it is the cross-entropy."""
        self.roi_heads.mask_loss = loss

    def train(self, mode: bool = True) -> MaskRCNN:
        """Set the mode; frozen normalisation stays as it is and learns nothing."""
        super().train(mode)
        frozen = bool(self.frozen)
        for layer in _normalisations(self):
            layer.train(mode and not frozen)
            layer.requires_grad_(not frozen)
        return self

    def examine(self) -> None:
        """Set the mode in which losses are given, but nothing is learned from."""
        self.train()
        for layer in _normalisations(self):
            layer.eval()

    def forward(
        self, images: Tensor, targets: Sequence[Target] | None = None
    ) -> dict[str, Tensor] | list[dict[str, Tensor]]:
        """Losses in training, else what was found.

        Parameters
        ----------
        images : tensor of shape (B, 1, Y, X)
            Grey.
        targets : sequence of dict, in training
            A dict an image: ``boxes`` float (N, 4), from x, y to x, y; ``labels`` int64
            (N,), all 1; ``masks`` uint8 (N, Y, X); perhaps ``weights`` float (Y, X) of
            the pixels, for the mask's loss.

        Returns
        -------
        dict of scalar tensors, or list of dict
            The losses of proposals, classes, boxes and masks; or of each image
            ``boxes`` (N, 4), ``scores`` (N,), falling, ``masks`` (N, 1, 28, 28), the
            probabilities within each box.
        """
        coloured = images.expand(-1, self.inputs, -1, -1)  # (B, inputs, Y, X)
        found: dict[str, Tensor] | list[dict[str, Tensor]] = super().forward(
            list(coloured), None if targets is None else list(targets)
        )
        return found


def instances(
    network: nn.Module, image: NDArray[np.float32] | Tensor
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Cells that a Mask R-CNN finds in an image.

    The mask of a cell is where its probability is above 0.5; where two overlap the
    pixel belongs to the one of the higher score.

    Parameters
    ----------
    network : MaskRCNN
        In evaluation mode.
    image : float32 array or tensor of shape (Y, X)
        Normalised to about 0 ... 1.

    Returns
    -------
    instances : uint16 array of shape (Y, X)
        1, 2, ... by falling score, without gaps; 0 where there is none.
    probability : float32 array of shape (Y, X)
        The largest probability of a cell's mask at each pixel; 0 where there is none.
    """
    device = next(network.parameters()).device
    pixels = torch.as_tensor(image, dtype=torch.float32).to(device)
    with torch.inference_mode():
        (found,) = network(pixels[None, None])  # one image of (1, 1, Y, X)
    shape = (int(pixels.shape[0]), int(pixels.shape[1]))
    labels = np.zeros(shape, np.uint16)
    probability = np.zeros(shape, np.float32)
    count = 0
    for mask in _pasted(found, shape):
        np.maximum(probability, mask, out=probability)
        own = (mask > MASK) & (labels == 0)
        if own.any():
            count += 1
            labels[own] = count
    return labels, probability


def _pasted(
    found: dict[str, Tensor], shape: tuple[int, int]
) -> Iterator[NDArray[np.float32]]:
    """Masks (Y, X) by falling score, one at a time: all at once may take gigabytes."""
    order = found["scores"].argsort(descending=True)
    masks, boxes = found["masks"].float().cpu(), found["boxes"].float().cpu()
    for i in order.tolist():
        mask = paste_masks_in_image(masks[i : i + 1], boxes[i : i + 1], shape)
        yield mask[0, 0].numpy()


def _normalisations(network: nn.Module) -> Iterator[nn.Module]:
    return (m for m in network.modules() if isinstance(m, nn.BatchNorm2d))


class _Unscaled(GeneralizedRCNNTransform):  # type: ignore[misc]
    """Normalises and pads images; leaves their size, and results in boxes."""

    def resize(self, image: Tensor, target: Any = None) -> tuple[Tensor, Any]:
        """Leave it."""
        return image, target

    def postprocess(self, result: Any, *_: Any) -> Any:
        """Leave it."""
        return result
