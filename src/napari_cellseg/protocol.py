"""How a recipe's network is trained: the settings that a paper reports."""

from __future__ import annotations

from pydantic import Field

from napari_cellseg.network.parameters import Architecture
from napari_cellseg.parameters import Parameters


class Augmentation(Parameters):
    """Random changes of a training image; each range is drawn anew for every crop."""

    zoom: tuple[float, float] = Field(
        (0.6, 1.6), title="Zoom", description="Factor on the expected cell diameter."
    )
    shear: float = Field(
        8.0, ge=0, le=45, title="Shear", description="Largest shear angle (degrees)."
    )
    gamma: tuple[float, float] = Field(
        (0.5, 1.6), title="Gamma", description="Exponent on the normalised intensity."
    )
    contrast: float = Field(
        0.3, ge=0, le=1, title="Contrast", description="Largest relative gain change."
    )
    noise: float = Field(
        0.08, ge=0, le=1, title="Noise", description="Largest sigma of added noise."
    )
    blur: float = Field(
        1.5, ge=0, le=10, title="Blur", description="Largest sigma of the blur (px)."
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
        multiple_of=16,
        title="Crop",
        description="Side of a training crop (px).",
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
