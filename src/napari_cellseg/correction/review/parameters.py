"""What makes a cell suspect, and how much each reason counts."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from napari_cellseg.parameters import Parameters

Kind = Literal[
    "split",
    "outline",
    "area",
    "solidity",
    "intensity",
    "begins",
    "ends",
    "border",
    "conflict",
]
"""Of a reason; each has a weight of its name in `ReviewParameters`."""
KINDS: tuple[Kind, ...] = get_args(Kind)


class ReviewParameters(Parameters):
    """Reasons to doubt a cell.

    A weight is the doubt that a reason raises at most; a weight of 0 turns it off.
    """

    split: float = Field(
        0.8,
        title="Split near h",
        description="Weight of a split, or a merge, that a slightly different h would "
        "undo (0 to 1).",
        ge=0,
        le=1,
    )
    outline: float = Field(
        1.0,
        title="Undecided outline",
        description="Weight of an outline where the network is undecided (0 to 1).",
        ge=0,
        le=1,
    )
    area: float = Field(
        1.0,
        title="Area",
        description="Weight of an area unlike that in the neighbouring frame (0 to 1).",
        ge=0,
        le=1,
    )
    solidity: float = Field(
        0.8,
        title="Solidity",
        description="Weight of a solidity unlike that in the neighbouring frame "
        "(0 to 1).",
        ge=0,
        le=1,
    )
    intensity: float = Field(
        0.6,
        title="Intensity",
        description="Weight of a mean intensity unlike that in the neighbouring frame "
        "(0 to 1).",
        ge=0,
        le=1,
    )
    begins: float = Field(
        0.6,
        title="Appears",
        description="Weight of a track that begins within the field (0 to 1).",
        ge=0,
        le=1,
    )
    ends: float = Field(
        0.6,
        title="Vanishes",
        description="Weight of a track that ends within the field (0 to 1).",
        ge=0,
        le=1,
    )
    border: float = Field(
        0.1,
        title="At the border",
        description="Weight of a cell that touches the border of the image (0 to 1).",
        ge=0,
        le=1,
    )
    conflict: float = Field(
        1.0,
        title="Conflict",
        description="Weight of automatic labels that do not agree with a correction "
        "(0 to 1).",
        ge=0,
        le=1,
    )
    undecided: float = Field(
        0.4,
        title="Undecided from",
        description="From where on an outline is undecided (share of the way from the "
        "frame's median outline to the threshold).",
        ge=0,
        le=1,
    )
    area_jump: float = Field(
        1.5,
        title="Area jump",
        description="From which ratio of areas in neighbouring frames on one of them "
        "is doubted (ratio).",
        gt=1,
        le=100,
    )
    solidity_jump: float = Field(
        0.1,
        title="Solidity jump",
        description="From which difference of solidities in neighbouring frames on "
        "one of them is doubted (0 to 1).",
        gt=0,
        le=1,
    )
    intensity_jump: float = Field(
        1.5,
        title="Intensity jump",
        description="From which ratio of mean intensities in neighbouring frames on "
        "one of them is doubted (ratio).",
        gt=1,
        le=100,
    )
    edge: float = Field(
        1.0,
        title="Edge",
        description="Cells no further from the border may come and go (cell radii).",
        ge=0,
        le=20,
    )
    least: float = Field(
        0.25,
        title="Least doubt",
        description="Cells of less doubt, all reasons together, are not listed "
        "(0 to 1).",
        ge=0,
        le=1,
    )

    def weight(self, kind: Kind) -> float:
        """Weight of a reason."""
        weight: float = getattr(self, kind)
        return weight
