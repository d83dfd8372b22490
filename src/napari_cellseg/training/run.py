"""A training run: annotated folders in, a model file and its checkpoint out."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import torch

from napari_cellseg.errors import ImageError, ModelError
from napari_cellseg.network.architectures import build_network, initialise
from napari_cellseg.network.bundle import load_bundle, save_bundle
from napari_cellseg.training.checkpoint import (
    State,
    read_state,
    weights,
    write_state,
)
from napari_cellseg.training.dataset import (
    find_reference,
    load_examples,
    simulated_examples,
)
from napari_cellseg.training.fit import Epoch, check, fit
from napari_cellseg.training.folders import find_pairs
from napari_cellseg.training.split import Split, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from napari_cellseg.protocol import Protocol
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.training.folders import Pair

logger = logging.getLogger(__name__)


def train(
    folders: Sequence[Path],
    out: Path,
    recipe: Recipe,
    device: torch.device,
    *,
    where: Mapping[str, str] | None = None,
    resume: bool = False,
    start: str | Path | None = None,
    pixel_size: float | None = None,
    allow_random_init: bool = False,
) -> Iterator[Epoch]:
    """Train a model on annotated folders; after every epoch the file is complete.

    Beside the model ``out`` lies its checkpoint, ``<out>.checkpoint``, from which
    ``resume`` goes on.

    Parameters
    ----------
    folders : sequence of Path
        Annotated images, see `find_pairs`; `split` parts them.
    out : Path
        The model file (.safetensors).
    recipe : Recipe
        Its protocol, and the contrast and the scale that the network is to see.
    device : torch.device
        Where to train.
    where : mapping of str to str, optional
        Index columns and the values that images must have; a folder whose index has
        no such column is taken whole.
    resume : bool
        Go on from the checkpoint; but for ``epochs``, nothing may be set otherwise, and
        the folders must hold the same images.
    start : str or Path, optional
        Model whose weights to begin with; its architecture must be the protocol's.
    pixel_size : float, optional
        Side of a pixel (µm), where the files' is wrong or missing.
    allow_random_init : bool
        Begin with random weights where the pretrained ones that the protocol asks for
        cannot be had; the card says so.

    Yields
    ------
    Epoch
        After each epoch, once its files are written.

    Raises
    ------
    ImageError
        If a folder is not of that form, a file cannot be used, no index has a column
        that is asked for, or there are too few images for a step.
    FileNotFoundError
        If there is no checkpoint to resume from.
    ModelError
        If the model to begin with has another architecture, the checkpoint is damaged
        or of another run, or pretrained weights cannot be had.
    """
    protocol = recipe.training
    checkpoint = out.with_name(out.name + ".checkpoint")
    pairs = [p for folder in folders for p in find_pairs(folder, where or {})]
    _check_columns(where or {}, pairs)
    parts = split(pairs, protocol)
    settings = {
        "protocol": protocol.model_dump(mode="json"),
        "preprocess": recipe.preprocess.model_dump(mode="json"),
        "scale": recipe.scale.model_dump(mode="json"),
        "pixel_size": pixel_size,
        "where": dict(where or {}),
        "start": str(start or ""),
        "data": [folder.resolve().name for folder in folders],
    } | _label_making(pairs, recipe)
    stated = settings | {"images": _digests(parts)}
    state, notes = read_state(checkpoint, stated) if resume else (None, {})
    initial = _weights_of(start, protocol) if start else None
    reference = find_reference(parts.train, recipe)
    examples, validation = (
        load_examples(part, recipe, reference=reference, pixel_size=pixel_size)
        for part in (parts.train, parts.validation)
    )
    examples += simulated_examples(recipe, reference)
    check(examples, validation, protocol)
    # what is to be downloaded comes last: the images may be refused
    network, used = first_network(protocol, initial, allow_random_init, resume)
    used, seconds = notes.get("pretrained", used), notes.get("seconds", 0.0)
    looks = list(notes.get("looks", []))
    logger.info(
        "training on %d images, validating on %d", len(examples), len(validation)
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(out.name + ".part")
    for epoch in fit(network, examples, validation, protocol, device, state):
        seconds += epoch.seconds
        looks += [[epoch.number, *look] for look in epoch.looks]
        card = settings | {
            "recipe": recipe.name,
            "split": {
                "train": len(parts.train),
                "simulated": protocol.simulated,
                "validation": [pair.name for pair in parts.validation],
                "test": [pair.name for pair in parts.test],
            },
            "seed": protocol.seed,
            "pretrained": {"asked": protocol.pretrained, "used": used},
            "hardware": hardware(device),
            "torch": torch.__version__,
            "seconds": round(seconds, 1),
            "epoch": epoch.number,
            "loss": epoch.loss,
            "validation_loss": epoch.validation_loss,
            # epoch, step, validation loss
            "looks": looks,
        }
        save_bundle(
            beside,
            weights(epoch.state),
            protocol.architecture,
            protocol.diameter,
            card,
            reference=reference,
        )
        beside.replace(out)
        notes = {"pretrained": used, "seconds": seconds, "looks": looks}
        write_state(beside, epoch.state, stated, notes)
        beside.replace(checkpoint)
        yield epoch


def first_network(
    protocol: Protocol,
    initial: State | None = None,
    allow_random_init: bool = False,
    resume: bool = False,
) -> tuple[torch.nn.Module, str]:
    """Build a network as training begins: drawn by the seed, pretrained, or a model's.

    Parameters
    ----------
    protocol : Protocol
        Its architecture, initialisation and what it is pretrained on.
    initial : dict of str to tensor, optional
        A model's weights, which are taken instead.
    allow_random_init : bool
        See `train`.
    resume : bool
        Its weights come from a checkpoint: none are fetched.

    Returns
    -------
    network : nn.Module
        On the CPU.
    used : str
        Where its weights are from: "no" or "random" (drawn), "imagenet", "coco",
        "start".

    Raises
    ------
    ModelError
        See `train`.
    """
    torch.manual_seed(protocol.seed)
    network = build_network(protocol.architecture)
    if initial is not None:
        network.load_state_dict(initial)
        return network, "start"
    if resume:
        return network, ""
    for part in getattr(network, "heads", [network]):
        initialise(part, protocol.initialisation)
    if protocol.pretrained == "no":
        return network, "no"
    # torchvision loads in seconds
    from napari_cellseg.network.pretrained import load_pretrained

    asked = (protocol.architecture, protocol.pretrained)
    return network, load_pretrained(network, *asked, allow_random_init)


def hardware(device: torch.device) -> str:
    """Name of what a network is trained on."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{device.type}, {torch.get_num_threads()} threads"


def _label_making(pairs: Sequence[Pair], recipe: Recipe) -> dict[str, Any]:
    """How labels are made from two channels, where there are none."""
    if all(pair.labels is not None for pair in pairs):
        return {}
    made = {
        "postprocess": recipe.postprocess.model_dump(mode="json"),
        "cells": recipe.cells.model_dump(mode="json"),
    }
    return {"labels": {"made from": "two channels"} | made}


def _digests(parts: Split) -> dict[str, str]:
    """Count the images of each part, with a checksum of their names."""
    names = {k: [p.name for p in part] for k, part in parts._asdict().items()}
    return {
        part: f"{len(of)} images, names "
        + hashlib.sha256("\n".join(of).encode()).hexdigest()[:8]
        for part, of in names.items()
    }


def _check_columns(where: Mapping[str, str], pairs: Sequence[Pair]) -> None:
    known = {column for pair in pairs for column in pair.attributes}
    for column in where:
        if column not in known:
            raise ImageError(
                f"No index.csv of the folders has the column {column!r}; there are: "
                f"{', '.join(sorted(known)) or 'none'}."
            )


def _weights_of(start: str | Path, protocol: Protocol) -> State:
    bundle = load_bundle(start)
    if bundle.architecture != protocol.architecture:
        raise ModelError(
            f"The model {start} has the architecture {bundle.architecture}, the "
            f"training {protocol.architecture}: set training.architecture to the "
            "model's, or begin without it."
        )
    return bundle.network.state_dict()
