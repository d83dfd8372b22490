"""A model in one file: weights, architecture, cell size and card, with a checksum."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from napari_cellseg.errors import ModelError
from napari_cellseg.network.architectures import build_network
from napari_cellseg.network.files import find_model
from napari_cellseg.network.parameters import Architecture
from napari_cellseg.preprocess.histogram import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import torch

FORMAT = "napari-cellseg model 1"


@dataclass(frozen=True)
class Bundle:
    """A trained network and what is needed to use it.

    Attributes
    ----------
    name : str
        Name of the model.
    network : torch.nn.Module
        In evaluation mode, float32, on the CPU.
    architecture : Architecture
        Shape of the network, and the maps it predicts.
    diameter : float
        Cell diameter that images are rescaled to (px).
    unit : float
        What a predicted distance of 1 stands for (px of the rescaled image): the cell
        radius of its training, which ``diameter`` may differ from.
    card : dict
        Data, protocol, scores and limits, as trained.
    checksum : str
        SHA-256 of all of it; two bundles with one checksum predict the same.
    reference : Reference or None
        Histogram of the brightest training image, if frames are matched to it.
    """

    name: str
    network: torch.nn.Module
    architecture: Architecture
    diameter: float
    unit: float
    card: Mapping[str, Any]
    checksum: str
    reference: Reference | None = None


def save_bundle(
    path: Path,
    weights: Mapping[str, torch.Tensor],
    architecture: Architecture,
    diameter: float,
    card: Mapping[str, Any],
    unit: float | None = None,
    reference: Reference | None = None,
) -> None:
    """Write a model file, floating-point weights as float16.

    For the parameters see ``Bundle``; the unit is half the diameter by default.
    """
    tensors = {
        name: (t.half() if t.is_floating_point() else t).contiguous().cpu()
        for name, t in weights.items()
    }
    header = {
        "format": FORMAT,
        "architecture": architecture.model_dump_json(),
        "diameter": str(diameter),
        "unit": str(unit or diameter / 2),
        "card": json.dumps(card, sort_keys=True),
    }
    if reference is not None:
        header["reference"] = reference.dumps()
    # safetensors' own writer makes files that only their owner may read
    path.write_bytes(save(tensors, header | {"checksum": _checksum(tensors, header)}))


def load_bundle(model: str | Path) -> Bundle:
    """Load a model by the name of an installed one, or by its file.

    Raises
    ------
    ModelError
        If there is no such model, or its file is damaged, changed or of another kind.
    """
    path = find_model(model)
    tensors, header = _read(path)
    stated = header.pop("checksum", "")
    if "run" in header and "format" not in header:
        raise ModelError(
            f"{path} is the checkpoint of a training run, not a model: name the model "
            "that the run wrote beside it, or let the run go on (train --resume)."
        )
    if header.get("format") != FORMAT:
        raise ModelError(
            f"{path} is not a model of this version: its format is "
            f"{header.get('format', 'not stated')!r}, expected {FORMAT!r}."
        )
    if _checksum(tensors, header) != stated:
        raise ModelError(
            f"{path} was changed or damaged since it was written: its checksum does "
            "not fit. Install the package again, or copy the file anew."
        )
    return _bundle(path, tensors, header, stated)


def _bundle(
    path: Path,
    tensors: Mapping[str, torch.Tensor],
    header: Mapping[str, str],
    checksum: str,
) -> Bundle:
    try:
        architecture = Architecture.model_validate_json(header["architecture"])
    except ValidationError as error:
        raise ModelError(f"{path} needs a newer napari-cellseg: {error}") from error
    network = build_network(architecture).eval()
    try:
        network.load_state_dict({name: t.float() for name, t in tensors.items()})
    except RuntimeError as error:
        raise ModelError(
            f"{path} says it holds a network of the kind {architecture.kind!r}, but "
            "has the weights of another: train it again."
        ) from error
    reference = header.get("reference")
    return Bundle(
        path.stem,
        network,
        architecture,
        float(header["diameter"]),
        float(header["unit"]),
        json.loads(header["card"]),
        checksum,
        Reference.loads(reference) if reference else None,
    )


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except SafetensorError as error:
        raise ModelError(f"{path} is not a readable model file: {error}.") from error


def _checksum(tensors: Mapping[str, torch.Tensor], header: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for key in sorted(header):
        digest.update(f"{key}={header[key]}\n".encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()
