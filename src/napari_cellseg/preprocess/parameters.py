"""Parameters of the image that a network sees: its contrast, and its scale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from napari_cellseg.parameters import Parameters

if TYPE_CHECKING:
    from typing import Self

SMALLEST, LARGEST = 2.0, 1000.0
"""Diameters that make sense (px)."""

MOST_RESAMPLED = 16
"""Pixels further from those to resample to are taken for an error of the unit."""

_MICRONS = re.compile(r"\s*([-+.\deE]+)\s*(?:µm|μm|um)?\s*")


class Preprocess(Parameters):
    """Contrast of the image that the network sees."""

    background: int = Field(
        0,
        ge=0,
        le=2000,
        title="Background",
        description="Side of the square whose white top-hat takes the background away "
        "(px); 0 leaves it.",
    )
    method: Literal["percentile", "stretch", "equalize", "clahe", "match"] = Field(
        "percentile",
        title="Contrast",
        description=(
            "percentile: between two percentiles; stretch: between minimum and "
            "maximum; equalize: flat histogram; clahe: flat histogram tile by tile, "
            "its slope limited; match: the histogram of the brightest image that the "
            "model was trained on."
        ),
    )
    low: float = Field(
        1.0, ge=0, le=50, title="Low", description="Percentile that becomes 0 (%)."
    )
    high: float = Field(
        99.8, ge=50, le=100, title="High", description="Percentile that becomes 1 (%)."
    )
    grid: int = Field(
        8, ge=1, le=64, title="Grid", description="CLAHE tiles along a side (number)."
    )
    clip: float = Field(
        2.0, gt=0, le=100, title="Clip", description="CLAHE contrast limit (slope)."
    )
    median: Literal[0, 3, 5] = Field(
        0,
        title="Median",
        description="Side of the median filter after the contrast (px); 0 for none.",
    )
    standardize: bool = Field(
        False,
        title="Standardise",
        description="Bring the whole frame to a mean of 0 and a spread of 1 in the end "
        "(yes or no).",
    )
    nan: Literal["refuse", "background"] = Field(
        "refuse",
        title="Missing pixels",
        description="refuse: stop at NaN; background: read NaN as the frame's minimum.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low} %) must be below high ({self.high} %)")
        return self


class Scale(Parameters):
    """Size at which the network sees the image."""

    to: Literal["cell diameter", "pixel size", "image size", "factor"] = Field(
        "cell diameter",
        title="Scale to",
        description=(
            "cell diameter: the one that the network was trained on; pixel size: a "
            "number of µm a pixel; image size: a square of a number of pixels; factor: "
            "a fixed zoom."
        ),
    )
    diameter: float | None = Field(
        None,
        ge=SMALLEST,
        le=LARGEST,
        title="Diameter",
        description="Expected cell diameter (px); empty: estimated from the stack.",
    )
    pixel_size: float = Field(
        0.65,
        gt=0,
        le=1000,
        title="Resampled to",
        description="What the image is resampled to (µm a pixel).",
    )

    side: int = Field(
        256,
        ge=32,
        le=8192,
        title="Side",
        description="Side of the square that the image is resized to (px).",
    )
    factor: float = Field(
        1.0,
        gt=0,
        le=100,
        title="Factor",
        description="Zoom of the image (px the network sees a px of the image).",
    )

    @field_validator("pixel_size", mode="before")
    @classmethod
    def _in_microns(cls, size: Any) -> Any:
        """Take text with the unit, as in "0.65 µm"."""
        if not isinstance(size, str):
            return size
        found = _MICRONS.fullmatch(size)
        if found is None:
            raise ValueError("expected a number of µm, as 0.65 or '0.65 µm'")
        return found[1]

    def calibrate(self, pixel_size: float | None) -> Self:
        """Turn a pixel size to resample to into a factor, for pixels of a size (µm).

        Raises
        ------
        ValueError
            If the pixel size is not known, or so far from the one to resample to that
            it is taken for an error; the text names the field.
        """
        if self.to != "pixel size":
            return self
        if pixel_size is None:
            raise ValueError(
                f"pixel_size is {self.pixel_size:g} µm, but that of the image is not "
                "known"
            )
        factor = pixel_size / self.pixel_size
        if not 1 / MOST_RESAMPLED <= factor <= MOST_RESAMPLED:
            raise ValueError(
                f"pixel_size is {self.pixel_size:g} µm and that of the image "
                f"{pixel_size:g} µm, more than {MOST_RESAMPLED} times as "
                f"{'much' if factor > 1 else 'little'} and hardly right"
            )
        return self.replace(to="factor", factor=factor)

    @property
    def decisive(self) -> tuple[object, ...]:
        """What of it decides how the network sees an image; the rest has no say."""
        fields = {
            "cell diameter": self.diameter,
            "pixel size": self.pixel_size,
            "image size": self.side,
            "factor": self.factor,
        }
        return self.to, fields[self.to]
