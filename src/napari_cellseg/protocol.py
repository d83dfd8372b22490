"""How a recipe's network is trained: the settings that a paper reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from napari_cellseg.network.parameters import Architecture
from napari_cellseg.parameters import Parameters

if TYPE_CHECKING:
    from typing import Self


def _ordered(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError(f"its start ({ends[0]}) is above its end ({ends[1]})")
    return ends


def _digits(sequence: Any) -> Any:
    """Write a whole number as the challenge numbers its folders: 1 is "01"."""
    whole = isinstance(sequence, int) and not isinstance(sequence, bool)
    return f"{sequence:02}" if whole else sequence


_Factor = Annotated[float, Field(ge=0.1, le=10)]
_Range = Annotated[tuple[_Factor, _Factor], AfterValidator(_ordered)]
_Shift = Annotated[float, Field(ge=-1, le=1)]
_Shifts = Annotated[tuple[_Shift, _Shift], AfterValidator(_ordered)]


class Augmentation(Parameters):
    """Random changes of a training image; each range is drawn anew for every crop."""

    rotation: float = Field(
        360.0,
        ge=0,
        le=360,
        title="Rotation",
        description="Greatest angle of a turn (degrees); 360: any.",
    )
    quarter_turns: bool = Field(
        False, title="Quarter turns", description="Turns by 90 degrees (yes or no)."
    )
    flip: Literal["none", "horizontal", "both"] = Field(
        "both", title="Flip", description="Which mirror images are drawn, each half."
    )
    zoom: _Range = Field(
        (0.6, 1.6),
        title="Zoom",
        description="Factor on the cells' diameter; its logarithm is drawn evenly, so "
        "that 1/2 is as likely as 2.",
    )
    shear: float = Field(
        8.0, ge=0, le=45, title="Shear", description="Largest shear angle (degrees)."
    )
    translation: float = Field(
        0.0,
        ge=0,
        le=1000,
        title="Translation",
        description="Largest shift along each axis of a whole image (px); crops lie "
        "anywhere.",
    )
    gamma: _Range = Field(
        (0.5, 1.6), title="Gamma", description="Exponent on the normalised intensity."
    )
    contrast: float = Field(
        0.3, ge=0, le=1, title="Contrast", description="Largest relative gain change."
    )
    brightness: _Shifts = Field(
        (-0.05, 0.1),
        title="Brightness",
        description="What is added to the normalised intensity.",
    )
    noise: float = Field(
        0.08, ge=0, le=1, title="Noise", description="Largest sigma of added noise."
    )
    noise_kind: Literal["varied", "gaussian"] = Field(
        "varied",
        title="Noise kind",
        description="varied: on half of the crops, of any sigma up to the largest, "
        "some of it blurred or growing with the signal; gaussian: on every crop, of "
        "that sigma.",
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
    pretrained: Literal["no", "imagenet", "coco"] = Field(
        "no",
        title="Pretrained",
        description="Weights to begin with: of the encoder by ImageNet, or of the "
        "whole Mask R-CNN by COCO.",
    )
    initialisation: Literal["default", "xavier", "kaiming"] = Field(
        "default",
        title="Initialisation",
        description="How weights that are not pretrained are drawn: as torch does, or "
        "normal after Xavier Glorot or Kaiming He; of a Mask R-CNN, those of the heads "
        "that say class, box and mask.",
    )
    split: Literal["index", "random", "sequence"] = Field(
        "index",
        title="Split",
        description="index: by the column split of index.csv, at random without one; "
        "random: shuffled; sequence: one sequence of a challenge folder validates.",
    )
    validation: float = Field(
        0.1,
        ge=0,
        lt=1,
        title="Validation",
        description="Share of the images that are not for tests, which validates.",
    )
    test: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Test",
        description="Share of all images that is never looked at, where the split is "
        "random; the card names them.",
    )
    sequence: Annotated[str, BeforeValidator(_digits)] = Field(
        "01",
        pattern=r"^\d+$",
        title="Sequence",
        description="The sequence that validates, where the split is by sequence.",
    )
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
        ge=0,
        title="Crop",
        description="Side of a training crop (px), a multiple of the architecture's "
        "stride; 0: whole images.",
    )
    cover: Literal["sparse", "all"] = Field(
        "sparse",
        title="Cover",
        description="Crops of an image an epoch. sparse: as many at random places as "
        "its side is longer than a crop's; all: tiles, which cover all of it.",
    )
    simulated: int = Field(
        0, ge=0, title="Simulated", description="Number of simulated images added."
    )
    loss: Literal[
        "foreground and distance",
        "cross-entropy",
        "focal",
        "shape-aware",
        "jaccard",
        "rmsd",
    ] = Field(
        "foreground and distance",
        title="Loss",
        description="What training minimises; of a Mask R-CNN, on its mask branch.",
    )
    epochs: int = Field(
        60, ge=1, title="Epochs", description="Passes over the training images."
    )
    batch: int = Field(8, ge=1, title="Batch", description="Crops a step.")
    optimizer: Literal["adamw", "adam"] = Field(
        "adamw", title="Optimizer", description="Adam, or with decoupled weight decay."
    )
    learning_rate: float = Field(
        2e-3, gt=0, title="Learning rate", description="Peak of the schedule."
    )
    schedule: Literal["one-cycle", "constant", "steps"] = Field(
        "one-cycle",
        title="Schedule",
        description="one-cycle: a short rise and a long fall; steps: times the step "
        "factor every so many epochs.",
    )
    step_epochs: int = Field(
        3, ge=1, title="Step epochs", description="Epochs from one step to the next."
    )
    step_factor: float = Field(
        0.1, gt=0, le=1, title="Step factor", description="Factor at every step."
    )
    weight_decay: float = Field(
        1e-2, ge=0, title="Weight decay", description="AdamW's decoupled weight decay."
    )
    clip: float = Field(
        1.0,
        ge=0,
        title="Clip",
        description="Norm that a step's gradient is cut to; 0: never.",
    )
    averaging: float = Field(
        0.998,
        ge=0,
        lt=1,
        title="Averaging",
        description="Decay of the running mean of the weights that is kept; 0: none.",
    )
    keep: Literal["last", "best"] = Field(
        "last",
        title="Keep",
        description="Which epoch's model is kept: the last, or the one of the lowest "
        "validation loss.",
    )
    patience: int = Field(
        0,
        ge=0,
        title="Patience",
        description="Epochs without a lower validation loss after which training "
        "stops; 0: never.",
    )
    validate_every: int = Field(
        0,
        ge=0,
        title="Validate every",
        description="Steps from one look at the validation images to the next, beside "
        "the one after each epoch; 0: that alone.",
    )
    seed: int = Field(0, ge=0, title="Seed", description="Of every random choice.")

    @model_validator(mode="after")
    def _crop_halves(self) -> Self:
        stride = self.architecture.stride
        if self.crop % stride:
            raise ValueError(
                f"crop ({self.crop} px) must be a multiple of {stride} px, the "
                "architecture's stride"
            )
        return self

    @model_validator(mode="after")
    def _loss_has_its_maps(self) -> Self:
        kind, maps = self.architecture.kind, self.architecture.maps
        if self.architecture.has_instances:
            if self.loss not in ("cross-entropy", "focal", "shape-aware"):
                raise ValueError(
                    f"loss = {self.loss!r} is none of the masks of architecture.kind = "
                    f"{kind!r}: set loss to 'cross-entropy', 'focal' or 'shape-aware'"
                )
        elif self.loss == "foreground and distance":
            if maps != ("foreground", "distance"):
                raise ValueError(
                    f"loss = {self.loss!r} needs architecture.maps = foreground, "
                    f"distance; they are {', '.join(maps)}"
                )
        elif "distance" in maps:
            raise ValueError(
                f"loss = {self.loss!r} has no distance: leave it out of "
                "architecture.maps"
            )
        elif self.loss == "rmsd" and "background" not in maps:
            raise ValueError(
                "loss = 'rmsd' holds the maps to a sum of 1: add background to "
                "architecture.maps"
            )
        return self

    @model_validator(mode="after")
    def _classes_cover_the_image(self) -> Self:
        maps = self.architecture.maps
        if self.architecture.activation == "softmax" and "background" not in maps:
            raise ValueError(
                "with architecture.activation = 'softmax' each pixel is of one of "
                "architecture.maps: add background to them, or set activation to "
                "'logistic'"
            )
        return self

    @model_validator(mode="after")
    def _pretrained_fits(self) -> Self:
        kind, encoder = self.architecture.kind, self.architecture.encoder
        if self.pretrained == "coco" and (kind, encoder) != ("mask-rcnn", "resnet50"):
            raise ValueError(
                "pretrained = 'coco' are weights of architecture.kind = 'mask-rcnn' "
                "with architecture.encoder = 'resnet50'; these are "
                f"{kind!r} and {encoder!r}: set pretrained to "
                + ("'imagenet' or 'no'" if self.architecture.has_encoder else "'no'")
            )
        if self.pretrained == "imagenet" and not self.architecture.has_encoder:
            raise ValueError(
                "pretrained = 'imagenet' are weights of an encoder, and "
                f"architecture.kind = {kind!r} has none: set pretrained to 'no'"
            )
        return self

    @model_validator(mode="after")
    def _split_has_its_tests(self) -> Self:
        if self.test and self.split != "random":
            raise ValueError(
                f"test = {self.test:g} is drawn where split = 'random', and split is "
                f"{self.split!r}: set test to 0"
                + (
                    ", and name the tests in the column split of index.csv"
                    if self.split == "index"
                    else ""
                )
            )
        return self

    @model_validator(mode="after")
    def _crops_cover(self) -> Self:
        if self.cover == "all" and not self.crop:
            raise ValueError(
                "cover = 'all' is of crops, and crop = 0 takes whole images: set cover "
                "to 'sparse'"
            )
        return self
