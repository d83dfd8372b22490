"""A training run: annotated folders in, a model file and its checkpoint out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from napari_cellseg.errors import ImageError, ModelError
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

    import torch

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
        If the model to begin with has another architecture, or the checkpoint is
        damaged or of another run.
    """
    protocol = recipe.training
    initial = _weights_of(start, protocol) if start else None
    checkpoint = out.with_name(out.name + ".checkpoint")
    settings = {
        "protocol": protocol.model_dump(mode="json"),
        "preprocess": recipe.preprocess.model_dump(mode="json"),
        "scale": recipe.scale.model_dump(mode="json"),
        "pixel_size": pixel_size,
        "where": dict(where or {}),
        "start": str(start or ""),
    }
    state = read_state(checkpoint, settings) if resume else None
    pairs = [p for folder in folders for p in find_pairs(folder, where or {})]
    _check_columns(where or {}, pairs)
    parts = split(pairs, protocol)
    learn, check = parts.train, parts.validation
    reference = find_reference(learn, recipe)
    examples = load_examples(learn, recipe, reference=reference, pixel_size=pixel_size)
    examples += simulated_examples(recipe, reference)
    validation = load_examples(
        check, recipe, reference=reference, pixel_size=pixel_size
    )
    logger.info("training on %d images, validating on %d", len(examples), len(check))
    out.parent.mkdir(parents=True, exist_ok=True)
    for epoch in fit(examples, validation, protocol, device, state, initial):
        card = settings | {
            "data": [folder.name for folder in folders],
            "images": {"train": len(learn), "simulated": protocol.simulated},
            "epoch": epoch.number,
            "loss": epoch.loss,
            "validation_loss": epoch.validation_loss,
        }
        beside = out.with_name(out.name + ".part")
        trained = weights(epoch.state)
        save_bundle(beside, trained, protocol.architecture, protocol.diameter, card)
        beside.replace(out)
        write_state(beside, epoch.state, settings)
        beside.replace(checkpoint)
        yield epoch


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
