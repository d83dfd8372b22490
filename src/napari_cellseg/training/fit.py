"""The training loop: a generator, so that whoever runs it can show and stop it."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from napari_cellseg.errors import ImageError
from napari_cellseg.network.architectures import build_network
from napari_cellseg.network.device import mixed_precision, place
from napari_cellseg.protocol import Augmentation, Protocol
from napari_cellseg.training.augment import random_crop
from napari_cellseg.training.checkpoint import State, restore, snapshot
from napari_cellseg.training.losses import map_loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator

    from napari_cellseg.training.dataset import Example

# no change but the crop: what validation sees
PLAIN = Augmentation(
    rotation=0,
    flip="none",
    zoom=(1, 1),
    shear=0,
    gamma=(1, 1),
    contrast=0,
    brightness=(0, 0),
    noise=0,
    blur=0,
    cell_brightness=0,
    shading=0,
)


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes
    ----------
    number : int
        From 1.
    loss, validation_loss : float
        Means over the epoch's steps, and over the validation crops with the averaged
        weights (nan without any).
    seconds : float
        Wall-clock time.
    state : dict of str to tensor
        All that is needed to go on; ``weights(state)`` picks the averaged network.
    """

    number: int
    loss: float
    validation_loss: float
    seconds: float
    state: State


def fit(
    examples: Sequence[Example],
    validation: Sequence[Example],
    protocol: Protocol,
    device: torch.device,
    resume: State | None = None,
    start: State | None = None,
) -> Iterator[Epoch]:
    """Train a network.

    An epoch's last crops that fill no batch are left out.

    Parameters
    ----------
    examples, validation : sequence of Example
        Annotated images at the protocol's diameter.
    protocol : Protocol
        Architecture, augmentation and schedule.
    device : torch.device
        Where to train.
    resume : dict of str to tensor, optional
        A former epoch's state, from which to go on.
    start : dict of str to tensor, optional
        Weights to begin with, of the same architecture; else random ones.

    Yields
    ------
    Epoch
        After every epoch.

    Raises
    ------
    ImageError
        If there are not enough examples for a step.
    """
    _check_steps(examples, protocol)
    torch.manual_seed(protocol.seed)
    network = build_network(protocol.architecture)
    if start is not None:
        network.load_state_dict(start)
    network = place(network, device)
    average = AveragedModel(
        network,
        multi_avg_fn=get_ema_multi_avg_fn(protocol.averaging),  # type: ignore[no-untyped-call]
        use_buffers=True,
    )
    optimizer = torch.optim.AdamW(
        network.parameters(), weight_decay=protocol.weight_decay
    )
    begin = restore(resume, network, average, optimizer) if resume else 0
    checks = list(_validation_batches(validation, protocol))
    for number in range(begin + 1, protocol.epochs + 1):
        started = time.perf_counter()
        losses = []
        rng = np.random.default_rng([protocol.seed, number])
        order = _order(examples, protocol.crop, rng)
        steps = len(order) // protocol.batch
        network.train()
        for step, batch in enumerate(_batches(examples, order, protocol, rng)):
            progress = (number - 1 + step / steps) / protocol.epochs
            for group in optimizer.param_groups:
                group["lr"] = protocol.learning_rate * one_cycle(progress)
            loss = _loss(network, batch, device)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            average.update_parameters(network)
            losses.append(loss.item())
        yield Epoch(
            number,
            float(np.mean(losses)),
            _validate(average.module.eval(), checks, device),
            time.perf_counter() - started,
            snapshot(number, network, average, optimizer),
        )


def one_cycle(progress: float) -> float:
    """Learning rate's factor at a share of the run: a short rise, a long cosine fall.

    Examples
    --------
    >>> [round(one_cycle(p), 3) for p in (0.0, 0.025, 0.05, 0.525, 1.0)]
    [0.01, 0.505, 1.0, 0.5, 0.0]
    """
    rise = 0.05
    if progress < rise:
        return 0.01 + 0.99 * progress / rise
    return 0.5 + 0.5 * math.cos(math.pi * (progress - rise) / (1 - rise))


def _check_steps(examples: Sequence[Example], protocol: Protocol) -> None:
    crops = sum(_times(examples, protocol.crop))
    if not crops:
        raise ImageError(
            "There is no image to train on: all are held out for validation (the "
            "column split of index.csv says which)."
        )
    if crops < protocol.batch:
        raise ImageError(
            f"An epoch has {crops} crops, too few for a step of {protocol.batch}: add "
            f"images, or set training.batch to {crops} or less."
        )


def _order(examples: Sequence[Example], crop: int, rng: Generator) -> list[int]:
    """Draw an epoch's order of images; large ones come several times."""
    times = _times(examples, crop)
    return [int(i) for i in rng.permutation(np.repeat(np.arange(len(times)), times))]


def _times(examples: Sequence[Example], crop: int) -> list[int]:
    """How many crops of each image an epoch has."""
    return [max(1, round(e.image.size**0.5 / crop)) for e in examples]


def _batches(
    examples: Sequence[Example], order: list[int], protocol: Protocol, rng: Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches, the next one prepared in a thread while the network trains on this."""

    def prepare(begin: int) -> tuple[torch.Tensor, torch.Tensor]:
        crops = [
            random_crop(examples[i], protocol.crop, protocol.augmentation, rng)
            for i in order[begin : begin + protocol.batch]
        ]
        return _to_tensors(crops, protocol.diameter)

    last = len(order) - protocol.batch
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(prepare, 0)
        for begin in range(0, last + 1, protocol.batch):
            batch = coming.result()
            if begin + protocol.batch <= last:
                coming = pool.submit(prepare, begin + protocol.batch)
            yield batch


def _validation_batches(
    examples: Sequence[Example], protocol: Protocol
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    rng = np.random.default_rng(protocol.seed)
    for begin in range(0, len(examples), protocol.batch):
        crops = [
            random_crop(e, protocol.crop, PLAIN, rng)
            for e in examples[begin : begin + protocol.batch]
        ]
        yield _to_tensors(crops, protocol.diameter)


def _to_tensors(
    crops: list[Example], diameter: float
) -> tuple[torch.Tensor, torch.Tensor]:
    images = np.stack([c.image for c in crops])[:, None]  # (B, 1, Y, X)
    radius = np.float32(diameter / 2)
    targets = np.stack([[c.labels > 0, c.distance / radius] for c in crops])
    return torch.from_numpy(images), torch.from_numpy(targets.astype(np.float32))


def _loss(
    network: torch.nn.Module,
    batch: tuple[torch.Tensor, torch.Tensor],
    device: torch.device,
) -> torch.Tensor:
    images, targets = (t.to(device) for t in batch)
    images = images.contiguous(memory_format=torch.channels_last)
    with mixed_precision(device):
        predicted = network(images)  # (B, 2, Y, X)
    return map_loss(predicted, targets[:, 0], targets[:, 1])


@torch.inference_mode()
def _validate(
    network: torch.nn.Module,
    batches: Sequence[tuple[torch.Tensor, torch.Tensor]],
    device: torch.device,
) -> float:
    losses = [_loss(network, batch, device).item() for batch in batches]
    return float(np.mean(losses)) if losses else float("nan")
