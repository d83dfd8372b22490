"""The state of a training run as named tensors, so that it can go on later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch.optim.swa_utils import AveragedModel

State = dict[str, torch.Tensor]


def snapshot(
    epoch: int,
    network: torch.nn.Module,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> State:
    """Copy a run's state to the CPU: names begin with the part they belong to."""
    moments = {
        f"{index}.{name}": value
        for index, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }
    parts = {
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimizer": moments,
    }
    state = {
        f"{part}/{name}": value.detach()
        .cpu()
        .clone(memory_format=torch.contiguous_format)
        for part, values in parts.items()
        for name, value in values.items()
    }
    return state | {"epoch": torch.tensor(epoch)}


def restore(
    state: State,
    network: torch.nn.Module,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> int:
    """Put a state back and return the number of epochs that it has behind it."""
    network.load_state_dict(_part(state, "network"))
    average.load_state_dict(_part(state, "average"))
    moments: dict[int, State] = {}
    for key, value in _part(state, "optimizer").items():
        index, name = key.split(".", 1)
        moments.setdefault(int(index), {})[name] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    return int(state["epoch"])


def weights(state: State) -> State:
    """Pick the averaged network's weights, as ``load_state_dict`` takes them."""
    prefix = "module."
    return {
        name.removeprefix(prefix): value
        for name, value in _part(state, "average").items()
        if name.startswith(prefix)
    }


def _part(state: State, part: str) -> State:
    prefix = f"{part}/"
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
