"""Parameters of the fast half: from maps to labels."""

from __future__ import annotations

from math import pi
from typing import Literal, Self

from pydantic import Field, field_validator

from napari_cellseg.parameters import Parameters

SMALLEST_AREA = 0.1
"""Automatic smallest area, as a share of the area of a disk of the diameter."""

H = 0.1
"""Automatic h, as a share of the diameter."""


class Foreground(Parameters):
    """From a probability map to a mask."""

    threshold: float = Field(
        0.5,
        title="Threshold",
        description="Pixels whose probability is greater are foreground (0 to 1).",
        ge=0,
        le=1,
    )
    smallest_area: float | None = Field(
        None,
        title="Smallest area",
        description="Smaller objects are removed (px²). Empty: from the diameter.",
        ge=0,
        le=1e9,
    )
    element: Literal["diamond", "disk"] = Field(
        "disk",
        title="Element",
        description="Shape of the element that closes gaps.",
    )
    element_size: int = Field(
        0,
        title="Element size",
        description="Full width of the element (px), odd; 0 closes nothing.",
        ge=0,
        le=101,
    )
    fill_holes: bool = Field(
        True,
        title="Fill holes",
        description="Fill background that is enclosed by foreground (yes or no).",
    )

    @field_validator("element_size")
    @classmethod
    def _odd(cls, size: int) -> int:
        if size and size % 2 == 0:
            raise ValueError(f"must be odd, or 0 for none, but it is {size}")
        return size

    def fit(self, diameter: float) -> Self:
        """Numbers in place of what is automatic, for cells of a diameter (px)."""
        if self.smallest_area is not None:
            return self
        area = SMALLEST_AREA * pi / 4 * diameter**2
        return self.replace(smallest_area=float(round(area)))


class Split(Parameters):
    """From a mask to cells that touch but are apart."""

    landscape: Literal["distance map", "distance transform"] = Field(
        "distance map",
        title="Landscape",
        description="Distances to split by (px): the network's map, or the mask's own.",
    )
    h: float | None = Field(
        None,
        title="Split depth h",
        description="Bumps of the landscape no higher are merged (px). "
        "Greater: fewer cells. Empty: from the diameter.",
        ge=0,
        le=10000,
    )

    def fit(self, diameter: float) -> Self:
        """Numbers in place of what is automatic, for cells of a diameter (px)."""
        if self.h is not None:
            return self
        return self.replace(h=round(H * diameter, 2))


class Postprocess(Split, Foreground):
    """The fast half of the pipeline: mask, then split."""

    def fit(self, diameter: float) -> Self:
        """Numbers in place of what is automatic, for cells of a diameter (px).

        Examples
        --------
        >>> fitted = Postprocess(threshold=0.4).fit(20)
        >>> fitted.smallest_area, fitted.h
        (31.0, 2.0)
        """
        return Split.fit(Foreground.fit(self, diameter), diameter)
