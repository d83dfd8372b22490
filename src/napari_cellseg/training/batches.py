"""From annotated images to what the network sees and learns in one step."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from napari_cellseg.errors import ImageError
from napari_cellseg.protocol import Augmentation
from napari_cellseg.training.augment import random_crop, random_view
from napari_cellseg.training.instances import Target, instance_target
from napari_cellseg.training.losses import shape_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    from napari_cellseg.network.parameters import MapName
    from napari_cellseg.protocol import Protocol
    from napari_cellseg.training.dataset import Example

# no change but the crop: what validation sees
PLAIN = Augmentation(
    rotation=0,
    quarter_turns=False,
    flip="none",
    zoom=(1, 1),
    shear=0,
    translation=0,
    gamma=(1, 1),
    contrast=0,
    brightness=(0, 0),
    noise=0,
    blur=0,
    cell_brightness=0,
    shading=0,
)


class Piece(NamedTuple):
    """What is to be seen of an example.

    Attributes
    ----------
    example : int
        Its number.
    centre : tuple of float or None
        Middle (x, y) of a tile (px); None: a crop anywhere, or the whole image.
    """

    example: int
    centre: tuple[float, float] | None = None


@dataclass(frozen=True)
class Batch:
    """What one step sees and learns.

    Attributes
    ----------
    images : float32 tensor of shape (B, 1, Y, X)
        Grey.
    truth : float32 tensor of shape (B, C, Y, X)
        The maps of the architecture; of a Mask R-CNN there are none.
    weights : float32 tensor of shape (B, Y, X) or None
        Of the pixels, for the shape-aware loss.
    cells : tuple of dict
        The cells of each image, for a Mask R-CNN; else empty.
    """

    images: torch.Tensor
    truth: torch.Tensor
    weights: torch.Tensor | None
    cells: tuple[Target, ...] = ()

    def to(self, device: torch.device) -> Batch:
        """Copy it to a device."""
        weights = None if self.weights is None else self.weights.to(device)
        cells = tuple({k: v.to(device) for k, v in c.items()} for c in self.cells)
        images = self.images.to(device).contiguous(memory_format=torch.channels_last)
        return Batch(images, self.truth.to(device), weights, cells)


def training_batches(
    examples: Sequence[Example],
    groups: Sequence[Sequence[Piece]],
    protocol: Protocol,
    rng: Generator,
) -> Iterator[Batch]:
    """Batches of an epoch, the next one prepared in a thread while this one is used."""

    def prepare(number: int) -> Batch:
        views = [
            _view(examples[i], protocol, protocol.augmentation, rng, centre)
            for i, centre in groups[number]
        ]
        return make_batch(views, protocol)

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(prepare, 0)
        for following in range(1, len(groups) + 1):
            batch = coming.result()
            if following < len(groups):
                coming = pool.submit(prepare, following)
            yield batch


def validation_batches(
    examples: Sequence[Example], protocol: Protocol
) -> Iterator[Batch]:
    """Make views without augmentation, the same ones every time.

    One of each image, or all its tiles where crops cover it.
    """
    rng = np.random.default_rng(protocol.seed)
    pieces = [Piece(i) for i in range(len(examples))]
    if protocol.cover == "all":
        pieces = _pieces(examples, protocol)
    for group in _together(pieces, examples, protocol):
        views = [_view(examples[i], protocol, PLAIN, rng, at) for i, at in group]
        yield make_batch(views, protocol)


def epoch_order(
    examples: Sequence[Example], protocol: Protocol, rng: Generator
) -> list[list[Piece]]:
    """Draw what each step of an epoch takes.

    Crops are shuffled, large images give several (`Protocol.cover` says how many), and
    the last ones that fill no batch are left out. Whole images of one shape come
    together, in batches that may be smaller.

    Raises
    ------
    ImageError
        If there are not enough for a step.
    """
    pieces = _pieces(examples, protocol)
    order = [pieces[i] for i in rng.permutation(len(pieces))]
    groups = _together(order, examples, protocol)
    if protocol.crop:
        groups = [group for group in groups if len(group) == protocol.batch]
    else:
        rng.shuffle(groups)
    if not groups:
        raise ImageError(
            f"An epoch has {len(order)} crops, too few for a step of {protocol.batch}: "
            f"add images, or set training.batch to {len(order)} or less."
            if len(order)
            else "There is no image to train on: all are held out for validation or "
            "for tests (the column split of index.csv or training.split says which)."
        )
    return groups


def make_batch(views: Sequence[Example], protocol: Protocol) -> Batch:
    """Stack views of one shape, with what the protocol's network learns of them.

    Raises
    ------
    ImageError
        If the nuclei are not known and the network is to tell them from cytoplasm.
    """
    images = torch.from_numpy(np.stack([v.image for v in views])[:, None])
    weights = None
    if protocol.loss == "shape-aware":
        weights = np.stack([shape_weights(v.labels) for v in views])  # (B, Y, X)
    if protocol.architecture.has_instances:
        rows = [None] * len(views) if weights is None else list(weights)
        cells = tuple(
            instance_target(v.labels, w) for v, w in zip(views, rows, strict=True)
        )
        return Batch(images, torch.zeros(len(views), 0), None, cells)
    names, radius = protocol.architecture.maps, protocol.diameter / 2
    truth = np.stack([_truth(v, names, radius) for v in views])  # (B, C, Y, X)
    return Batch(
        images,
        torch.from_numpy(truth),
        None if weights is None else torch.from_numpy(weights),
    )


def _pieces(examples: Sequence[Example], protocol: Protocol) -> list[Piece]:
    """All that an epoch sees of each image."""
    side = protocol.crop
    if not side:
        return [Piece(i) for i in range(len(examples))]
    if protocol.cover == "sparse":
        crops = [max(1, round(e.image.size**0.5 / side)) for e in examples]
        return [Piece(i) for i, count in enumerate(crops) for _ in range(count)]
    return [
        Piece(i, (x, y))
        for i, example in enumerate(examples)
        for y in _middles(example.image.shape[0], side)
        for x in _middles(example.image.shape[1], side)
    ]


def _middles(extent: int, side: int) -> list[float]:
    """Middles of the fewest tiles that cover an extent, evenly spread (px)."""
    if extent <= side:
        return [(extent - 1) / 2]
    begins = np.linspace(0, extent - side, -(-extent // side)).round()
    return [float(begin) + (side - 1) / 2 for begin in begins]


def _together(
    order: Sequence[Piece], examples: Sequence[Example], protocol: Protocol
) -> list[list[Piece]]:
    """Batches in an order, each of views of one shape."""
    by_shape: dict[tuple[int, ...], list[Piece]] = defaultdict(list)
    for piece in order:
        shape = () if protocol.crop else examples[piece.example].image.shape
        by_shape[shape].append(piece)
    return [
        alike[begin : begin + protocol.batch]
        for alike in by_shape.values()
        for begin in range(0, len(alike), protocol.batch)
    ]


def _view(
    example: Example,
    protocol: Protocol,
    settings: Augmentation,
    rng: Generator,
    centre: tuple[float, float] | None,
) -> Example:
    if protocol.crop:
        return random_crop(example, protocol.crop, settings, rng, centre)
    return random_view(example, protocol.architecture.stride, settings, rng)


def _truth(
    view: Example, names: tuple[MapName, ...], radius: float
) -> NDArray[np.float32]:
    """Stack the maps (C, Y, X) by name."""
    cells = view.labels > 0
    maps: dict[str, NDArray[np.generic]] = {
        "foreground": cells,
        "background": ~cells,
        "distance": view.distance / np.float32(radius),
    }
    if {"nucleus", "cytoplasm"} & set(names):
        if view.nuclei is None:
            raise ImageError(
                f"The network is to learn the maps {', '.join(names)}, but the nuclei "
                "of an annotated image are not known: put their labels into a folder "
                "nuclei/ beside images/, or their channel into nuclear/."
            )
        nuclei = view.nuclei > 0
        maps |= {"nucleus": nuclei, "cytoplasm": cells & ~nuclei}
        # a nucleus that reaches out of its cell is no background
        maps["background"] = ~(cells | nuclei)
    return np.stack([maps[name] for name in names]).astype(np.float32)
