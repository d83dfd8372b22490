"""Weights of natural images to begin with: fetched once, then kept by torch."""

from __future__ import annotations

import hashlib
import logging
import socket
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlparse

import torch
from torch import nn
from torchvision.models import get_model_weights
from torchvision.models.detection import MaskRCNN_ResNet50_FPN_Weights

from napari_cellseg.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from napari_cellseg.network.parameters import Architecture

logger = logging.getLogger(__name__)

HEADS = ("roi_heads.box_predictor.", "roi_heads.mask_predictor.")
"""Parts of a Mask R-CNN that are of the classes of COCO, and are not taken."""
FIRST = "conv1.weight"
SILENCE = 30.0
"""How long a download may stand still (s)."""


def load_pretrained(
    network: nn.Module,
    architecture: Architecture,
    pretrained: str,
    allow_random: bool = False,
) -> str:
    """Put pretrained weights into a network, in place.

    They are torchvision's of version 1, looked for in torch's folder and else
    downloaded to it. A network of one input gets the sum of the first convolution's
    weights over the colours. The batch normalisation of a Mask R-CNN with weights of
    COCO is frozen, and divides by the root of the variance alone, as in torchvision:
    these weights were trained so, without the small number that is else added to it.

    Parameters
    ----------
    network : nn.Module
        Built from the architecture.
    architecture : Architecture
        With an encoder.
    pretrained : {"imagenet", "coco"}
        The encoder's weights of ImageNet, or a Mask R-CNN's of COCO but its heads.
    allow_random : bool
        Go on with the weights as they are where there are none to be had.

    Returns
    -------
    str
        What was used: as was asked for, or "random".

    Raises
    ------
    ModelError
        If the weights can neither be found nor downloaded, or their file is damaged;
        the text says where to put it.
    """
    try:
        weights = _fetch(source(architecture, pretrained), pretrained)
    except ModelError as error:
        if not allow_random:
            raise
        logger.warning("%s Training begins with random weights.", error)
        return "random"
    _put(network, weights, architecture, pretrained)
    return pretrained


def source(architecture: Architecture, pretrained: str) -> str:
    """Address of a file of weights."""
    if pretrained == "coco":
        return str(MaskRCNN_ResNet50_FPN_Weights.COCO_V1.url)
    return str(get_model_weights(architecture.encoder)["IMAGENET1K_V1"].url)


def _fetch(url: str, what: str) -> dict[str, Tensor]:
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(url).path).name
    # the name ends in the first digits of the file's checksum
    digits = file.stem.rpartition("-")[2]
    if not file.is_file():
        _download(url, file, digits, what)
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if not found.startswith(digits):
        raise ModelError(
            f"{file}, the {what} weights, is damaged: its checksum begins with "
            f"{found[: len(digits)]}. Delete it, so that it is downloaded again."
        )
    weights = torch.load(file, map_location="cpu", weights_only=True)
    return cast("dict[str, Tensor]", weights)


def _download(url: str, file: Path, digits: str, what: str) -> None:
    logger.info("downloading %s to %s", url, file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _impatient():
            torch.hub.download_url_to_file(url, str(file), digits, progress=False)
    except (OSError, HTTPException, RuntimeError) as error:
        raise ModelError(
            f"The {what} weights could not be downloaded from {url} ({error}). Put the "
            f"file {file.name} into {file.parent}, begin with random weights "
            "(--allow-random-init), or set training.pretrained to 'no'."
        ) from error


@contextmanager
def _impatient() -> Iterator[None]:
    """Give up on a network that says nothing, for which torch waits forever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _put(
    network: nn.Module,
    weights: Mapping[str, Tensor],
    architecture: Architecture,
    pretrained: str,
) -> None:
    if pretrained == "coco":
        part, prefix = network, "backbone.body."
        taken = {k: v for k, v in weights.items() if not k.startswith(HEADS)}
        taken |= _without_eps(taken)
    else:
        place = "backbone.body" if architecture.has_instances else "network.encoder"
        part, prefix = network.get_submodule(place), ""
        taken = {k: v for k, v in weights.items() if not k.startswith("fc.")}
    if architecture.inputs == 1:
        first = taken[prefix + FIRST]  # (outputs, 3, 7, 7)
        taken[prefix + FIRST] = first.sum(1, keepdim=True)
    # the library's encoders have a method of their own, which says nothing
    left = nn.Module.load_state_dict(part, taken, strict=False)
    missing = [
        name
        for name in left.missing_keys
        # steps counted, ours, or of the heads
        if not name.endswith(("num_batches_tracked", "frozen"))
        and not name.startswith(HEADS)
    ]
    if missing or left.unexpected_keys:
        raise ModelError(
            f"The {pretrained} weights do not fit {architecture.kind} on "
            f"{architecture.encoder}: {', '.join(missing + left.unexpected_keys)}."
        )
    if pretrained == "coco":
        cast("Tensor", network.frozen).fill_(True)


def _without_eps(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Scales with which frozen normalisation divides by the variance's root alone.

    torchvision sets eps to 0 for these weights. To take it up in the scale is the same,
    and leaves the layer, and so the model's file, as any other.
    """
    eps = nn.BatchNorm2d(1).eps
    scales = {}
    for name, variance in weights.items():
        if name.endswith(".running_var"):
            scale = name.removesuffix("running_var") + "weight"
            scales[scale] = weights[scale] * ((variance + eps) / variance).sqrt()
    return scales
