"""The colours that pretrained weights expect."""

from __future__ import annotations

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the images of ImageNet, 0 ... 1; those of COCO are treated alike."""


def colours(inputs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean that is taken away and spread that is divided by, for each input.

    One input is left as it is.
    """
    return (MEAN, SPREAD) if inputs == 3 else ((0.0,), (1.0,))
