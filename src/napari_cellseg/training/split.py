"""Which annotated images are learned from, which validate, which are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_cellseg.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellseg.protocol import Protocol
    from napari_cellseg.training.folders import Pair


_USE = {"train": "training", "validation": "validation", "test": "tests"}


class Split(NamedTuple):
    """Annotated images in three parts, each in the order that they came in."""

    train: list[Pair]
    validation: list[Pair]
    test: list[Pair]


def split(pairs: Sequence[Pair], protocol: Protocol) -> Split:
    """Part annotated images as the protocol says.

    The parts are disjoint, hold all images, and are the same for the same seed.

    Parameters
    ----------
    pairs : sequence of Pair
        All annotated images.
    protocol : Protocol
        ``split`` is one of

        - "index": by the column ``split`` of ``index.csv`` (train, val, test); an image
          without it validates with the probability ``validation``, by the seed;
        - "random": shuffled by the seed; the share ``test`` of all is for tests, the
          share ``validation`` of the rest validates, both to the nearest number;
        - "sequence": the images of the sequence ``sequence`` validate.

    Returns
    -------
    Split
        Its parts may be empty where nothing was asked for.

    Raises
    ------
    ImageError
        If a part is empty of which a share was asked for, or no image is left to train
        on.
    """
    if protocol.split == "random":
        return _at_random(pairs, protocol)
    if protocol.split == "sequence":
        return _by_sequence(pairs, protocol)
    return _by_index(pairs, protocol)


def _at_random(pairs: Sequence[Pair], protocol: Protocol) -> Split:
    order = np.random.default_rng(protocol.seed).permutation(len(pairs))
    tests = round(protocol.test * len(pairs))
    checks = round(protocol.validation * (len(pairs) - tests))
    bounds = (tests, tests + checks)
    drawn = [[pairs[i] for i in sorted(part)] for part in np.split(order, bounds)]
    found = Split(test=drawn[0], validation=drawn[1], train=drawn[2])
    asked = {
        "test": protocol.test,
        "validation": protocol.validation,
        "train": 1.0,
    }
    for part, share in asked.items():
        if share and not getattr(found, part):
            raise ImageError(
                f"Of {len(pairs)} annotated images none is left for {_USE[part]}: add "
                "images, or change the shares training.test "
                f"({protocol.test:g}) and training.validation "
                f"({protocol.validation:g})."
            )
    return found


def _by_sequence(pairs: Sequence[Pair], protocol: Protocol) -> Split:
    known = sorted({p.attributes.get("sequence", "") for p in pairs})
    held = [p.attributes.get("sequence") == protocol.sequence for p in pairs]
    if not any(held) or all(held):
        names = ", ".join(name for name in known if name) or "none"
        raise ImageError(
            f"Sequence {protocol.sequence} is to validate and the others to train, but "
            f"the sequences with truth are: {names}. Name a data set folder of the "
            "Cell Tracking Challenge with several, or set training.split to 'random'."
        )
    return Split(
        [p for p, out in zip(pairs, held, strict=True) if not out],
        [p for p, out in zip(pairs, held, strict=True) if out],
        [],
    )


def _by_index(pairs: Sequence[Pair], protocol: Protocol) -> Split:
    drawn = np.random.default_rng(protocol.seed).random(len(pairs))
    found = Split([], [], [])
    parts = {"val": found.validation, "test": found.test}
    for pair, chance in zip(pairs, drawn, strict=True):
        by_chance = "val" if chance < protocol.validation else "train"
        part = pair.attributes.get("split", by_chance)
        parts.get(part, found.train).append(pair)
    return found
