"""Parameters of the fast half: from maps to labels."""

from __future__ import annotations

from math import pi
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from napari_cellseg.parameters import Length, Microns, Parameters, PlaneArea

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
    map: Literal["foreground", "nucleus"] = Field(
        "foreground",
        title="Map",
        description="Which of the network's maps is thresholded.",
    )
    threshold_by: Literal["value", "otsu", "blobs"] = Field(
        "value",
        title="Threshold by",
        description=(
            "value: the threshold below; otsu: Otsu's, of the frame's own map, where "
            "that is above 0.5 somewhere; blobs: what stands out as a blob, by "
            "multi-level Otsu and the sensitivity."
        ),
    )
    sensitivity: float = Field(
        60.0,
        title="Sensitivity",
        description="Which of the five Otsu thresholds of the blobs is taken: the "
        "greater, the lower the threshold (0 to 100).",
        ge=0,
        le=100,
    )
    smallest_blob: Length = Field(
        8.0,
        title="Smallest blob",
        description="Diameter of the smallest nuclei (px).",
        gt=0,
        le=10000,
    )
    largest_blob: Length = Field(
        20.0,
        title="Largest blob",
        description="Diameter of the largest nuclei (px).",
        gt=0,
        le=10000,
    )
    smallest_area: PlaneArea | None = Field(
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

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        small, large = self.smallest_blob, self.largest_blob
        # of two units neither is the greater before the pixel size is known
        if type(small) is type(large) and float(small) > float(large):
            low, high = (
                str(value) if isinstance(value, Microns) else f"{value:g} px"
                for value in (small, large)
            )
            raise ValueError(
                f"the smallest blob ({low}) must not be larger than the largest "
                f"({high})"
            )
        return self

    def fit(self, diameter: float) -> Self:
        """Numbers in place of what is automatic, for cells of a diameter (px)."""
        if self.smallest_area is not None:
            return self
        area = SMALLEST_AREA * pi / 4 * diameter**2
        return self.replace(smallest_area=float(round(area)))


class Split(Parameters):
    """From a mask to cells that touch but are apart."""

    landscape: Literal["distance map", "distance transform", "instances"] = Field(
        "distance map",
        title="Landscape",
        description="Distances to split by (px): the network's map, or the mask's own; "
        "instances: the network tells the cells apart itself.",
    )
    markers: Literal["depth", "spacing"] = Field(
        "depth",
        title="Markers",
        description="depth: maxima of the landscape that are higher than h; spacing: "
        "maxima no nearer to each other than the frame's mean radius.",
    )
    h: Length | None = Field(
        None,
        title="Split depth h",
        description="Bumps of the landscape no higher are merged (px). "
        "Greater: fewer cells. Empty: from the diameter.",
        ge=0,
        le=10000,
    )

    @property
    def uses_h(self) -> bool:
        """Whether h decides which cells are split."""
        return self.markers == "depth" and self.landscape != "instances"

    def fit(self, diameter: float) -> Self:
        """Numbers in place of what is automatic, for cells of a diameter (px)."""
        if self.h is not None:
            return self
        return self.replace(h=round(H * diameter, 2))


class Cells(Parameters):
    """From nuclei to whole cells, one a nucleus."""

    grow: bool = Field(
        False,
        title="Grow cells",
        description="Grow whole cells from the nuclei, into a layer of its own (yes or "
        "no); the network must predict cytoplasm.",
    )
    area: PlaneArea = Field(
        1200.0,
        gt=0,
        le=1e9,
        title="Cell area",
        description="Expected area of a cell, nucleus included (px²).",
    )
    smoothing: Length = Field(
        1.0,
        ge=0,
        le=100,
        title="Smoothing",
        description="Sigma of the Gaussian filter of the image that they grow in (px).",
    )


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
