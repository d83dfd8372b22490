"""How a recipe's network is trained: the settings that a paper reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, model_validator

from napari_cellseg.network.parameters import Architecture
from napari_cellseg.parameters import Parameters

if TYPE_CHECKING:
    from typing import Self


def _ordered(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError(f"its start ({ends[0]}) is above its end ({ends[1]})")
    return ends


_Factor = Annotated[float, Field(ge=0.1, le=10)]
_Range = Annotated[tuple[_Factor, _Factor], AfterValidator(_ordered)]


class Augmentation(Parameters):
    """Random changes of a training image; each range is drawn anew for every crop."""

    zoom: _Range = Field(
        (0.6, 1.6), title="Zoom", description="Factor on the expected cell diameter."
    )
    shear: float = Field(
        8.0, ge=0, le=45, title="Shear", description="Largest shear angle (degrees)."
    )
    gamma: _Range = Field(
        (0.5, 1.6), title="Gamma", description="Exponent on the normalised intensity."
    )
    contrast: float = Field(
        0.3, ge=0, le=1, title="Contrast", description="Largest relative gain change."
    )
    noise: float = Field(
        0.08, ge=0, le=1, title="Noise", description="Largest sigma of added noise."
    )
    blur: float = Field(
        1.5,
        ge=0,
        le=10,
        title="Blur",
        description="Largest sigma of the blur (px); up to 0.3 there is none.",
    )
    cell_brightness: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Cell brightness",
        description="Share of crops in which every cell gets a brightness of its own.",
    )
    shading: float = Field(
        0.3, ge=0, le=1, title="Shading", description="Share of crops unevenly lit."
    )


class Protocol(Parameters):
    """One training run."""

    architecture: Architecture = Architecture()
    augmentation: Augmentation = Augmentation()
    diameter: float = Field(
        24.0,
        ge=8,
        le=128,
        title="Diameter",
        description="Cell diameter that images are rescaled to (px).",
    )
    crop: int = Field(
        256,
        ge=64,
        title="Crop",
        description="Side of a training crop (px), a multiple of 2 ** (widths - 1).",
    )
    simulated: int = Field(
        0, ge=0, title="Simulated", description="Number of simulated images added."
    )
    epochs: int = Field(
        60, ge=1, title="Epochs", description="Passes over the training images."
    )
    batch: int = Field(8, ge=1, title="Batch", description="Crops a step.")
    learning_rate: float = Field(
        2e-3, gt=0, title="Learning rate", description="Peak of the one-cycle schedule."
    )
    weight_decay: float = Field(
        1e-2, ge=0, title="Weight decay", description="AdamW's decoupled weight decay."
    )
    averaging: float = Field(
        0.998,
        ge=0,
        lt=1,
        title="Averaging",
        description="Decay of the running mean of the weights that is kept.",
    )
    seed: int = Field(0, ge=0, title="Seed", description="Of every random choice.")

    @model_validator(mode="after")
    def _crop_halves(self) -> Self:
        stride = self.architecture.stride
        if self.crop % stride:
            raise ValueError(
                f"crop ({self.crop} px) must be a multiple of {stride} px: the "
                f"architecture has {len(self.architecture.widths)} widths"
            )
        return self
