"""The state of a training run as named tensors, so that it can go on later.

Its file says what run it is of, so that no other goes on from it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from napari_cellseg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from torch.optim.swa_utils import AveragedModel

State = dict[str, torch.Tensor]


@dataclass
class Run:
    """What changes while a network is trained.

    Attributes
    ----------
    network : torch.nn.Module
        The network.
    average : AveragedModel or None
        The running mean of its weights; None where none is kept.
    optimizer : torch.optim.Optimizer
        With its moments.
    epoch : int
        Epochs behind it.
    best : dict of str to tensor
        Weights of the lowest validation loss, where those are kept; else empty.
    lowest : float
        That loss; infinite before the first.
    stale : int
        Epochs since then.
    """

    network: torch.nn.Module
    average: AveragedModel | None
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    best: State = field(default_factory=dict)
    lowest: float = math.inf
    stale: int = 0

    @property
    def validated(self) -> torch.nn.Module:
        """The network that validation and the model's file take."""
        return self.network if self.average is None else self.average.module

    def judge(self, validation_loss: float, keep_best: bool) -> None:
        """Note an epoch's validation loss; nan, without validation, is never lower."""
        self.stale += 1
        if validation_loss < self.lowest:
            self.lowest, self.stale = validation_loss, 0
            if keep_best:
                self.best = _copied(self.validated.state_dict())


def snapshot(run: Run) -> State:
    """Copy a run's state to the CPU: names begin with the part they belong to."""
    moments = {
        f"{index}.{name}": value
        for index, values in run.optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }
    parts = {
        "network": run.network.state_dict(),
        "average": {} if run.average is None else run.average.state_dict(),
        "optimizer": moments,
    }
    state = {
        f"{part}/{name}": value
        for part, values in parts.items()
        for name, value in _copied(values).items()
    }
    # the best weights are never changed in place
    state |= {f"best/{name}": value for name, value in run.best.items()}
    return state | {
        "epoch": torch.tensor(run.epoch),
        "stale": torch.tensor(run.stale),
        "lowest": torch.tensor(run.lowest, dtype=torch.float64),
    }


def restore(state: State, run: Run) -> None:
    """Put a state back into a run of the same settings."""
    run.network.load_state_dict(_part(state, "network"))
    if run.average is not None:
        run.average.load_state_dict(_part(state, "average"))
    moments: dict[int, State] = {}
    for key, value in _part(state, "optimizer").items():
        index, name = key.split(".", 1)
        moments.setdefault(int(index), {})[name] = value
    groups = run.optimizer.state_dict()["param_groups"]
    run.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    run.epoch, run.stale = int(state["epoch"]), int(state["stale"])
    run.best, run.lowest = _part(state, "best"), float(state["lowest"])


def weights(state: State) -> State:
    """Pick the weights to keep, as ``load_state_dict`` takes them.

    Those of the best epoch where they are kept, else the running mean's, else the
    network's.
    """
    best = _part(state, "best")
    if best:
        return best
    prefix = "average/module."
    average = {k.removeprefix(prefix): v for k, v in state.items() if prefix in k}
    return average or _part(state, "network")


def write_state(
    path: Path, state: State, run: Mapping[str, Any], notes: Mapping[str, Any]
) -> None:
    """Write a state, the settings of its run and notes on it, of what JSON knows."""
    header = {"run": json.dumps(run), "notes": json.dumps(notes)}
    path.write_bytes(save(state, header))


def read_state(path: Path, run: Mapping[str, Any]) -> tuple[State, dict[str, Any]]:
    """Read a state of a run of the same settings but for ``protocol.epochs``.

    Returns
    -------
    state : dict of str to tensor
        As `snapshot` made it.
    notes : dict
        As they were written.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelError
        If it is damaged, or of a run of other settings; the text names them.
    """
    try:
        with safe_open(path, framework="pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            header = file.metadata() or {}
    except SafetensorError as error:
        raise ModelError(
            f"{path} is damaged: {error}. Train again without resuming."
        ) from error
    if "run" not in header or "notes" not in header:
        raise ModelError(f"{path} is no checkpoint: it does not say of what run it is.")
    before, now = (dict(_fields(r)) for r in (json.loads(header["run"]), run))
    differing = [
        f"{name} (was {before.get(name)}, now {now.get(name)})"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name) and name != "protocol.epochs"
    ]
    if differing:
        raise ModelError(
            f"{path} is of another run: {', '.join(differing)}. Have this as it was, "
            "or train again without resuming."
        )
    return state, json.loads(header["notes"])


def _fields(run: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Give every field with its dotted name, the value as JSON."""
    for name, value in run.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{place}{name}.")
        else:
            yield f"{place}{name}", json.dumps(value)


def _copied(values: Mapping[str, torch.Tensor]) -> State:
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in values.items()
    }


def _part(state: State, part: str) -> State:
    prefix = f"{part}/"
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
