"""Parameters of the simulated movie."""

from __future__ import annotations

from pydantic import Field

from napari_cellseg.parameters import Parameters


class Simulation(Parameters):
    """How to simulate a movie of fluorescent nuclei."""

    frames: int = Field(
        20, title="Frames", description="Length of the movie (frames).", ge=1, le=2000
    )
    height: int = Field(
        512, title="Height", description="Height of a frame (pixels).", ge=16, le=8192
    )
    width: int = Field(
        512, title="Width", description="Width of a frame (pixels).", ge=16, le=8192
    )
    cells: int = Field(
        60,
        title="Cells",
        description="Nuclei in the field at the beginning, about (number).",
        ge=0,
        le=5000,
    )
    diameter: float = Field(
        36.0,
        title="Diameter",
        description="Mean diameter of a nucleus in mid-cycle (pixels).",
        ge=6,
        le=400,
    )
    diameter_spread: float = Field(
        0.1,
        title="Diameter spread",
        description="Standard deviation of the diameter from nucleus to nucleus, "
        "growth aside (share of the diameter).",
        ge=0,
        le=0.5,
    )
    speed: float = Field(
        2.5,
        title="Speed",
        description="Mean speed of a nucleus (pixels a frame).",
        ge=0,
        le=100,
    )
    division_rate: float = Field(
        0.015,
        title="Division rate",
        description="Share of a cell cycle that passes in one frame (1 / frames).",
        ge=0,
        le=0.1,
    )
    clustering: float = Field(
        0.6,
        title="Clustering",
        description="Share of the nuclei that lie in touching groups (0 to 1).",
        ge=0,
        le=1,
    )
    texture: float = Field(
        0.5,
        title="Texture",
        description="Depth of chromatin grains and nucleoli: 0 is smooth (0 to 1).",
        ge=0,
        le=1,
    )
    dim_fraction: float = Field(
        0.15,
        title="Dim cells",
        description="Share of the nuclei that are a fifth as bright (0 to 1).",
        ge=0,
        le=1,
    )
    photons: float = Field(
        300.0,
        title="Photons",
        description="Light of a typical nucleus at its brightest (photons a pixel).",
        ge=1,
        le=20000,
    )
    background: float = Field(
        25.0,
        title="Background",
        description="Light where there is no nucleus (photons a pixel).",
        ge=0,
        le=10000,
    )
    haze: float = Field(
        0.08,
        title="Haze",
        description="Share of the nuclei's light that arrives out of focus (0 to 1).",
        ge=0,
        le=1,
    )
    psf_sigma: float = Field(
        1.2,
        title="Point spread",
        description="Standard deviation of the microscope's blur (pixels).",
        ge=0,
        le=20,
    )
    read_noise: float = Field(
        2.0,
        title="Read noise",
        description="Standard deviation of the camera's own noise (photons).",
        ge=0,
        le=200,
    )
    unevenness: float = Field(
        0.35,
        title="Uneven illumination",
        description="How much darker the darkest corner is lit (0 to 1).",
        ge=0,
        le=1,
    )
    pixel_size: float = Field(
        0.4, title="Pixel size", description="Width of a pixel (µm).", gt=0, le=100
    )
    time_step: float = Field(
        600.0,
        title="Time step",
        description="Time from frame to frame (s).",
        gt=0,
        le=1e6,
    )
    seed: int = Field(
        0,
        title="Seed",
        description="Number that all randomness follows from.",
        ge=0,
        le=2**63 - 1,
    )
