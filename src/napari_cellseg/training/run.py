"""A training run: annotated folders in, a model file and its checkpoint out."""

from __future__ import annotations

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
from napari_cellseg.training.fit import Epoch, fit
from napari_cellseg.training.folders import find_pairs
from napari_cellseg.training.split import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

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
        Go on from the checkpoint; but for ``epochs``, nothing may be set otherwise.
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
    settings = {
        "protocol": protocol.model_dump(mode="json"),
        "preprocess": recipe.preprocess.model_dump(mode="json"),
        "scale": recipe.scale.model_dump(mode="json"),
        "pixel_size": pixel_size,
        "where": dict(where or {}),
        "start": str(start or ""),
    }
    state, notes = read_state(checkpoint, settings) if resume else (None, {})
    network, used = first_network(protocol, start, allow_random_init, resume)
    used, seconds = notes.get("pretrained", used), notes.get("seconds", 0.0)
    pairs = [p for folder in folders for p in find_pairs(folder, where or {})]
    _check_columns(where or {}, pairs)
    parts = split(pairs, protocol)
    reference = find_reference(parts.train, recipe)
    examples, validation = (
        load_examples(part, recipe, reference=reference, pixel_size=pixel_size)
        for part in (parts.train, parts.validation)
    )
    examples += simulated_examples(recipe, reference)
    logger.info(
        "training on %d images, validating on %d", len(examples), len(validation)
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(out.name + ".part")
    for epoch in fit(network, examples, validation, protocol, device, state):
        seconds += epoch.seconds
        card = settings | {
            "data": [folder.name for folder in folders],
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
        notes = {"pretrained": used, "seconds": seconds}
        write_state(beside, epoch.state, settings, notes)
        beside.replace(checkpoint)
        yield epoch


def first_network(
    protocol: Protocol,
    start: str | Path | None = None,
    allow_random_init: bool = False,
    resume: bool = False,
) -> tuple[torch.nn.Module, str]:
    """Build a network as training begins: drawn by the seed, pretrained, or a model's.

    Parameters
    ----------
    protocol : Protocol
        Its architecture, initialisation and what it is pretrained on.
    start : str or Path, optional
        Model whose weights are taken instead.
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
    initial = _weights_of(start, protocol) if start else None
    torch.manual_seed(protocol.seed)
    network = build_network(protocol.architecture)
    if initial is not None:
        network.load_state_dict(initial)
        return network, "start"
    if resume:
        return network, ""
    if not protocol.architecture.has_instances:
        # of a Mask R-CNN only the heads are drawn anew, which are so already
        initialise(network, protocol.initialisation)
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
