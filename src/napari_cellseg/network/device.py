"""Where a network runs, and in what precision."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

import torch

from napari_cellseg.errors import ModelError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

DeviceName = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(name: DeviceName = "auto") -> torch.device:
    """Choose a device: CUDA, else Apple's MPS, else the CPU, or the one named.

    Raises
    ------
    ModelError
        If the device named is not on this computer, or no kind that is known.
    """
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, here in present.items() if here))
    if not present.get(name):
        here = ", ".join(kind for kind, is_here in present.items() if is_here)
        raise ModelError(f"There is no {name} device here; choose auto or {here}.")
    return torch.device(name)


def place(network: torch.nn.Module, device: torch.device) -> torch.nn.Module:
    """Move a network to a device, its weights in the order that is fast there."""
    # one call a change: torch's own annotations know no call for both
    return network.to(device).to(memory_format=torch.channels_last)


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """Autocast to the short float that the device computes fast, if it has one."""
    if device.type == "cuda":
        return torch.autocast("cuda", torch.float16)
    if device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()
