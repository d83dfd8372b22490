"""The loss of a batch: of maps, or of a Mask R-CNN's parts."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cellseg.network.device import mixed_precision
from napari_cellseg.training.losses import choose_loss

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from napari_cellseg.protocol import Protocol
    from napari_cellseg.training.batches import Batch


class Objective:
    """What a protocol minimises, on a device.

    Parameters
    ----------
    protocol : Protocol
        Its loss, the kind of its network, and its seed.
    device : torch.device
        Where the network is.
    """

    def __init__(self, protocol: Protocol, device: torch.device) -> None:
        self.device = device
        self.seed = protocol.seed
        self._loss = choose_loss(protocol)
        self._has_instances = protocol.architecture.has_instances

    def teach(self, network: torch.nn.Module) -> None:
        """Set what a Mask R-CNN's masks learn by, before it is trained or copied."""
        if self._has_instances:
            network.learn_masks_by(self._loss)  # type: ignore[operator]

    def descend(self, network: torch.nn.Module, batch: Batch) -> float:
        """Add a batch's gradient to the network's; return its loss."""
        loss = self(network, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    @torch.inference_mode()
    def validate(self, network: torch.nn.Module, batches: Sequence[Batch]) -> float:
        """Mean loss of some batches; nothing is learned, nan without any."""
        if not batches:
            return float("nan")
        network.eval()
        if self._has_instances:
            network.examine()  # type: ignore[operator]
        here = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(here):
            # a Mask R-CNN's losses are those of proposals that are drawn
            torch.manual_seed(self.seed)
            losses = [self(network, batch).item() for batch in batches]
        network.eval()
        return float(np.mean(losses))

    def __call__(self, network: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Loss of a batch; a Mask R-CNN's is the sum of its parts."""
        batch = batch.to(self.device)
        if self._has_instances:
            with _short_floats(self.device):
                losses = network(batch.images, batch.cells)
            return torch.stack([part.float() for part in losses.values()]).sum()
        with _short_floats(self.device):
            predicted = network(batch.images)  # (B, C, Y, X)
        return self._loss(predicted, batch.truth, batch.weights)


def _short_floats(device: torch.device) -> AbstractContextManager[object]:
    """Autocast that gradients survive: in float16 most of a mean's would become 0."""
    if device.type != "cuda":
        return mixed_precision(device)
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()
