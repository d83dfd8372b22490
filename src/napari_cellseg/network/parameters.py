"""What a recipe says of its network; free of torch, so that recipes load fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from napari_cellseg.parameters import Parameters

if TYPE_CHECKING:
    from typing import Self


class Architecture(Parameters):
    """Shape of a network, kept in its bundle."""

    kind: Literal["unet"] = Field("unet", title="Kind", description="Network family.")
    inputs: Literal[1] = Field(1, title="Inputs", description="Channels of the image.")
    maps: tuple[Literal["foreground"], Literal["distance"]] = Field(
        ("foreground", "distance"), title="Maps", description="Channels predicted."
    )
    widths: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (16, 32, 64, 128, 256),
        min_length=2,
        max_length=8,
        title="Widths",
        description="Features at full resolution, a half, a quarter, and so on.",
    )

    @property
    def stride(self) -> int:
        """Number that the sides of the network's input are multiples of (px)."""
        return int(2 ** (len(self.widths) - 1))


class Network(Parameters):
    """Which model predicts, and in what pieces."""

    model: str = Field(
        "nuclei",
        title="Model",
        description="Name of an installed model, or path of a .safetensors bundle.",
    )
    tile: int = Field(
        768,
        ge=64,
        le=8192,
        multiple_of=32,
        title="Tile",
        description="Side of the pieces predicted at once (px of the rescaled image).",
    )
    overlap: int = Field(
        64,
        ge=0,
        le=512,
        title="Overlap",
        description="Margin by which neighbouring tiles overlap and are blended (px).",
    )

    @model_validator(mode="after")
    def _tiles_advance(self) -> Self:
        if self.overlap >= self.tile:
            raise ValueError(
                f"overlap ({self.overlap} px) must be below tile ({self.tile} px)"
            )
        return self
