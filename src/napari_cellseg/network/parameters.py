"""What a recipe says of its network; free of torch, so that recipes load fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from napari_cellseg.parameters import Parameters

if TYPE_CHECKING:
    from typing import Self


Kind = Literal[
    "unet", "plain-unet", "asymmetric-unet", "deeplabv3+", "encoder-unet", "mask-rcnn"
]
MapName = Literal["foreground", "distance", "nucleus", "cytoplasm", "background"]
Encoder = Literal["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


class Architecture(Parameters):
    """Shape of a network, kept in its bundle."""

    kind: Kind = Field(
        "unet",
        title="Kind",
        description=(
            "unet: ours, residual and normalised; plain-unet: convolutions, dropout "
            "and nothing else; asymmetric-unet: transposed convolutions; deeplabv3+ "
            "and encoder-unet: on a residual encoder; mask-rcnn: instances."
        ),
    )
    inputs: Literal[1, 3] = Field(
        1,
        title="Inputs",
        description="Channels of the image; of three, each is the grey image.",
    )
    maps: tuple[MapName, ...] = Field(
        ("foreground", "distance"),
        min_length=1,
        max_length=5,
        title="Maps",
        description="Channels predicted.",
    )
    activation: Literal["logistic", "softmax"] = Field(
        "logistic",
        title="Activation",
        description="logistic: each map by itself; softmax: the maps add up to 1.",
    )
    widths: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (16, 32, 64, 128, 256),
        min_length=2,
        max_length=8,
        title="Widths",
        description="Features at full resolution, a half, a quarter, and so on; of no "
        "meaning with an encoder.",
    )
    encoder: Encoder = Field(
        "resnet18",
        title="Encoder",
        description="Residual encoder of deeplabv3+, encoder-unet and mask-rcnn.",
    )
    dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Dropout",
        description="Share of features dropped in training, plain-unet and "
        "asymmetric-unet.",
    )

    @property
    def stride(self) -> int:
        """Number that the sides of the network's input are multiples of (px)."""
        if self.kind in ("unet", "plain-unet"):
            return int(2 ** (len(self.widths) - 1))
        if self.kind == "asymmetric-unet":
            return int(2 ** len(self.widths))
        return 32

    @property
    def has_encoder(self) -> bool:
        """Whether it stands on a residual encoder."""
        return self.kind in ("deeplabv3+", "encoder-unet", "mask-rcnn")

    @property
    def has_instances(self) -> bool:
        """Whether the network tells the cells apart itself."""
        return self.kind == "mask-rcnn"


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
        multiple_of=16,
        title="Tile",
        description="Side of the pieces predicted at once (px of the rescaled image); "
        "a Mask R-CNN sees any image in one piece.",
    )
    overlap: int = Field(
        64,
        ge=0,
        le=512,
        title="Overlap",
        description="Margin by which neighbouring tiles overlap and are blended (px).",
    )
    test_time: Literal["none", "turned and mirrored"] = Field(
        "none",
        title="Test-time augmentation",
        description="turned and mirrored: the mean over the four quarter turns and "
        "both mirror images, six predictions instead of one.",
    )

    @model_validator(mode="after")
    def _tiles_advance(self) -> Self:
        if self.overlap >= self.tile:
            raise ValueError(
                f"overlap ({self.overlap} px) must be below tile ({self.tile} px)"
            )
        return self
