"""Which annotated images are learned from, which validate, which are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.protocol import Protocol
    from napari_cellseg.training.dataset import Pair


class Split(NamedTuple):
    """Annotated images in three parts, each in the order that they came in."""

    train: list[Pair]
    validation: list[Pair]
    test: list[Pair]


def split(pairs: Sequence[Pair], protocol: Protocol) -> Split:
    """Part annotated images as the protocol says."""
    rng = np.random.default_rng(protocol.seed)
    drawn = rng.random(len(pairs)) < protocol.validation
    held = [
        p.attributes.get("split", "val" if chance else "train") == "val"
        for p, chance in zip(pairs, drawn, strict=True)
    ]
    learn = [p for p, out in zip(pairs, held, strict=True) if not out]
    return Split(learn, [p for p, out in zip(pairs, held, strict=True) if out], [])
