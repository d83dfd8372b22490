"""The training loop: a generator, so that whoever runs it can show and stop it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel

from napari_cellseg.errors import ImageError
from napari_cellseg.network.device import place
from napari_cellseg.training.batches import (
    epoch_order,
    training_batches,
    validation_batches,
)
from napari_cellseg.training.checkpoint import Run, State, restore, snapshot
from napari_cellseg.training.objective import Objective
from napari_cellseg.training.schedule import learning_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from napari_cellseg.protocol import Protocol
    from napari_cellseg.training.batches import Batch
    from napari_cellseg.training.dataset import Example


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes
    ----------
    number : int
        From 1.
    loss, validation_loss : float
        Means over the epoch's steps, and over the validation images with the weights
        that are kept: the averaged ones, if there are (nan without any image).
    seconds : float
        Wall-clock time.
    state : dict of str to tensor
        All that is needed to go on; ``weights(state)`` picks what is kept.
    looks : tuple of (int, float)
        Steps after which validation was looked at within the epoch, and its loss;
        none without any image.
    """

    number: int
    loss: float
    validation_loss: float
    seconds: float
    state: State
    looks: tuple[tuple[int, float], ...] = ()


@dataclass
class _Losses:
    steps: list[float] = field(default_factory=list)
    looks: list[tuple[int, float]] = field(default_factory=list)


def fit(
    network: torch.nn.Module,
    examples: Sequence[Example],
    validation: Sequence[Example],
    protocol: Protocol,
    device: torch.device,
    resume: State | None = None,
) -> Iterator[Epoch]:
    """Train a network.

    Every random draw follows from the seed and the epoch's number, so that a run that
    was resumed draws what it would have drawn.

    Parameters
    ----------
    network : nn.Module
        As training begins; it is trained in place.
    examples, validation : sequence of Example
        Annotated images at the network's scale.
    protocol : Protocol
        Loss, augmentation, optimizer and schedule.
    device : torch.device
        Where to train.
    resume : dict of str to tensor, optional
        A former epoch's state, from which to go on.

    Yields
    ------
    Epoch
        After every epoch, until the last one, or until the validation loss has not
        fallen for ``protocol.patience`` epochs.

    Raises
    ------
    ImageError
        If there are not enough examples for a step, or none to validate with where the
        protocol needs that.
    """
    check(examples, validation, protocol)
    objective = Objective(protocol, device)
    objective.teach(network)
    run = _begin(place(network, device), protocol)
    if resume:
        restore(resume, run)
    checks = list(validation_batches(validation, protocol))
    while run.epoch < protocol.epochs and not _is_stale(run, protocol):
        started = time.perf_counter()
        run.epoch += 1
        losses = _one_epoch(run, examples, checks, protocol, objective)
        validation_loss = objective.validate(run.validated, checks)
        run.judge(validation_loss, protocol.keep == "best")
        yield Epoch(
            run.epoch,
            float(np.mean(losses.steps)),
            validation_loss,
            time.perf_counter() - started,
            snapshot(run),
            tuple(losses.looks),
        )


def _begin(network: torch.nn.Module, protocol: Protocol) -> Run:
    average = None
    if protocol.averaging:
        average = AveragedModel(
            network, avg_fn=_running_mean(protocol.averaging), use_buffers=True
        )
    if protocol.optimizer == "adam":
        return Run(network, average, torch.optim.Adam(network.parameters()))
    decay = protocol.weight_decay
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=decay)
    return Run(network, average, optimizer)


def _running_mean(
    decay: float,
) -> Callable[[torch.Tensor, torch.Tensor, torch.Tensor | int], torch.Tensor]:
    """Exponential mean whose memory grows with the steps, up to that of the decay.

    With the decay alone, a short run would keep much of its random beginning.
    """

    def average(
        mean: torch.Tensor, now: torch.Tensor, steps: torch.Tensor | int
    ) -> torch.Tensor:
        rate = max(1 - decay, 9 / (10 + int(steps)))
        return mean + (now - mean) * rate

    return average


def _one_epoch(
    run: Run,
    examples: Sequence[Example],
    checks: Sequence[Batch],
    protocol: Protocol,
    objective: Objective,
) -> _Losses:
    rng = np.random.default_rng([protocol.seed, run.epoch])
    torch.manual_seed(int(rng.integers(2**63)))
    groups = epoch_order(examples, protocol, rng)
    losses = _Losses()
    run.network.train()
    for step, batch in enumerate(training_batches(examples, groups, protocol, rng)):
        for group in run.optimizer.param_groups:
            group["lr"] = learning_rate(protocol, run.epoch, step / len(groups))
        run.optimizer.zero_grad()
        losses.steps.append(objective.descend(run.network, batch))
        if protocol.clip:
            torch.nn.utils.clip_grad_norm_(run.network.parameters(), protocol.clip)
        run.optimizer.step()
        if run.average is not None:
            run.average.update_parameters(run.network)
        if checks and _is_due(step + 1, protocol):
            looked = objective.validate(run.validated, checks)
            losses.looks.append((step + 1, looked))
            run.network.train()
    return losses


def _is_due(steps: int, protocol: Protocol) -> bool:
    return protocol.validate_every > 0 and steps % protocol.validate_every == 0


def _is_stale(run: Run, protocol: Protocol) -> bool:
    return 0 < protocol.patience <= run.stale


def check(
    examples: Sequence[Example], validation: Sequence[Example], protocol: Protocol
) -> None:
    """Refuse examples that cannot be trained on as the protocol says.

    Raises
    ------
    ImageError
        See `fit`.
    """
    epoch_order(examples, protocol, np.random.default_rng(0))
    if validation:
        return
    for name, needs in (
        ("keep", protocol.keep == "best"),
        ("patience", protocol.patience > 0),
    ):
        if needs:
            raise ImageError(
                f"training.{name} = {getattr(protocol, name)!r} needs images to "
                "validate with, and there are none: set training.validation to a share "
                "above 0, or add images."
            )
