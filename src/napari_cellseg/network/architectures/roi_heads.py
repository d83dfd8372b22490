"""The heads of a Mask R-CNN, with any loss of its masks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.roi_heads import (
    RoIHeads,
    fastrcnn_loss,
    maskrcnn_inference,
)
from torchvision.ops import roi_align

if TYPE_CHECKING:
    from collections.abc import Sequence

MaskLoss = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Logits and truth (N, 1, M, M), and weights (N, M, M) if any, to a scalar."""

CELL = 1
"""Number of the class; 0 is none."""


def _cross_entropy(logits: Tensor, truth: Tensor, weights: Tensor | None) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits, truth)


class CellHeads(RoIHeads):  # type: ignore[misc]
    """Torchvision's heads of boxes and masks, whose masks may learn by another loss.

    Masks and weights of whole images are aligned to each proposal in the same way.

    Parameters
    ----------
    heads : RoIHeads
        Whose parts are taken.
    score, overlap : float
        Least score of a cell, largest overlap of two boxes.
    most : int
        Largest number of cells an image.
    """

    def __init__(
        self, heads: RoIHeads, score: float, overlap: float, most: int
    ) -> None:
        super().__init__(
            heads.box_roi_pool,
            heads.box_head,
            heads.box_predictor,
            fg_iou_thresh=heads.proposal_matcher.high_threshold,
            bg_iou_thresh=heads.proposal_matcher.low_threshold,
            batch_size_per_image=heads.fg_bg_sampler.batch_size_per_image,
            positive_fraction=heads.fg_bg_sampler.positive_fraction,
            bbox_reg_weights=heads.box_coder.weights,
            score_thresh=score,
            nms_thresh=overlap,
            detections_per_img=most,
            mask_roi_pool=heads.mask_roi_pool,
            mask_head=heads.mask_head,
            mask_predictor=heads.mask_predictor,
        )
        self.mask_loss: MaskLoss = _cross_entropy

    def forward(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        image_shapes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        """Cells within the proposals, or the losses where there are targets."""
        if targets is not None:
            return [], self._losses(features, proposals, image_shapes, targets)
        logits, regression = self._judge(features, proposals, image_shapes)
        boxes, scores, labels = self.postprocess_detections(
            logits, regression, proposals, image_shapes
        )
        masks = maskrcnn_inference(self._draw(features, boxes, image_shapes), labels)
        names = ("boxes", "scores", "labels", "masks")
        parts = zip(boxes, scores, labels, masks, strict=True)
        return [dict(zip(names, part, strict=True)) for part in parts], {}

    def _losses(
        self, features: Any, proposals: Any, shapes: Any, targets: Any
    ) -> dict[str, Tensor]:
        boxes, matched, labels, offsets = self.select_training_samples(
            proposals, targets
        )
        logits, regression = self._judge(features, boxes, shapes)
        classes, edges = fastrcnn_loss(logits, regression, labels, offsets)
        positive = [of_image == CELL for of_image in labels]
        on_cells = [b[p] for b, p in zip(boxes, positive, strict=True)]
        cells = [m[p] for m, p in zip(matched, positive, strict=True)]
        drawn = self._draw(features, on_cells, shapes)[:, CELL, None]  # (N, 1, M, M)
        masks = self._mask_loss(drawn, on_cells, cells, targets)
        return {"loss_classifier": classes, "loss_box_reg": edges, "loss_mask": masks}

    def _judge(self, features: Any, boxes: Any, shapes: Any) -> tuple[Tensor, Tensor]:
        """Class and offsets of each box."""
        pooled = self.box_roi_pool(features, boxes, shapes)
        logits, regression = self.box_predictor(self.box_head(pooled))
        return logits, regression

    def _draw(self, features: Any, boxes: Any, shapes: Any) -> Tensor:
        """Mask logits (N, 2, M, M) of each box."""
        pooled = self.mask_roi_pool(features, boxes, shapes)
        drawn: Tensor = self.mask_predictor(self.mask_head(pooled))
        return drawn.float()

    def _mask_loss(
        self,
        drawn: Tensor,
        boxes: Sequence[Tensor],
        cells: Sequence[Tensor],
        targets: Sequence[dict[str, Tensor]],
    ) -> Tensor:
        if not len(drawn):
            return drawn.sum() * 0  # no cell, nothing to draw
        side = drawn.shape[-1]
        rows = list(zip(boxes, cells, targets, strict=True))
        truth = torch.cat(
            [_align(t["masks"], box, cell, side) for box, cell, t in rows]
        )
        weights = None
        if all("weights" in t for t in targets):
            weights = torch.cat(
                [
                    _align(t["weights"][None], box, torch.zeros_like(cell), side)
                    for box, cell, t in rows
                ]
            )
        return self.mask_loss(drawn, truth[:, None], weights)


def _align(images: Tensor, boxes: Tensor, which: Tensor, side: int) -> Tensor:
    """Parts (N, side, side) of images (M, Y, X) within boxes, each in one of them."""
    if not len(boxes):
        return images.new_zeros((0, side, side), dtype=torch.float32)
    rois = torch.cat([which[:, None].to(boxes), boxes], dim=1)  # (N, 5)
    aligned: Tensor = roi_align(images[:, None].float(), rois.float(), side)
    return aligned[:, 0]
