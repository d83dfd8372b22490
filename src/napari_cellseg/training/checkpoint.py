"""The state of a training run as named tensors, so that it can go on later.

Its file says what run it is of, so that no other goes on from it.
"""

from __future__ import annotations

import json
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


def write_state(path: Path, state: State, run: Mapping[str, Any]) -> None:
    """Write a state and the settings of its run, of what JSON knows."""
    path.write_bytes(save(state, {"run": json.dumps(run)}))


def read_state(path: Path, run: Mapping[str, Any]) -> State:
    """Read a state of a run of the same settings but for ``protocol.epochs``.

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
            stated = (file.metadata() or {}).get("run")
    except SafetensorError as error:
        raise ModelError(
            f"{path} is damaged: {error}. Train again without resuming."
        ) from error
    if stated is None:
        raise ModelError(f"{path} is no checkpoint: it does not say of what run it is.")
    before, now = (dict(_fields(r)) for r in (json.loads(stated), run))
    differing = [
        f"{name} (was {before.get(name)}, now {now.get(name)})"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name) and name != "protocol.epochs"
    ]
    if differing:
        raise ModelError(
            f"{path} is of another run: {', '.join(differing)}. Set this as it was, or "
            "train again without resuming."
        )
    return state


def _fields(run: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Give every field with its dotted name, the value as JSON."""
    for name, value in run.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{place}{name}.")
        else:
            yield f"{place}{name}", json.dumps(value)


def _part(state: State, part: str) -> State:
    prefix = f"{part}/"
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
