"""The recipes of the published systems hold the numbers of their papers."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from napari_cellseg.parameters import Area, Microns
from napari_cellseg.postprocess.watershed import build
from napari_cellseg.protocol import Augmentation
from napari_cellseg.recipe import installed_recipes, load_recipe, override

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellseg.recipe import Recipe

PUBLISHED = [name for name in installed_recipes() if name != "nuclei"]
STILL = Augmentation(
    rotation=0,
    flip="none",
    zoom=(1, 1),
    shear=0,
    gamma=(1, 1),
    contrast=0,
    brightness=(0, 0),
    noise=0,
    blur=0,
    cell_brightness=0,
    shading=0,
)
"""No augmentation."""

SAYS: dict[str, dict[str, Any]] = {
    "draghici2025": {
        "preprocess.method": "clahe",
        "preprocess.grid": 8,
        "scale.to": "factor",
        "scale.factor": 1,
        "postprocess.element": "diamond",
        "postprocess.element_size": 3,
        "postprocess.fill_holes": True,
        "postprocess.landscape": "distance transform",
        "training.pretrained": "imagenet",
        "training.split": "sequence",
        "training.sequence": "01",
        "training.loss": "cross-entropy",
        "training.epochs": 10,
        "training.batch": 8,
        "training.optimizer": "adam",
        "training.learning_rate": 1e-3,
        "training.schedule": "constant",
        "training.validate_every": 5,
        "training.architecture.kind": "deeplabv3+",
        "training.architecture.encoder": "resnet18",
        "training.architecture.maps": ("background", "foreground"),
        "training.architecture.activation": "softmax",
        "training.augmentation": STILL.replace(
            rotation=360, flip="both", zoom=(0.7, 1.4), shear=10, translation=50
        ),
    },
    "aydin2022": {
        "preprocess.method": "match",
        "preprocess.median": 3,
        "preprocess.standardize": True,
        "scale.to": "image size",
        "scale.side": 256,
        "training.split": "random",
        "training.test": 0.2,
        "training.validation": 0.1,
        "training.loss": "cross-entropy",
        "training.epochs": 40,
        "training.batch": 4,
        "training.optimizer": "adam",
        "training.learning_rate": 1e-3,
        "training.architecture.kind": "plain-unet",
        "training.architecture.widths": (16, 32, 64, 128, 256),
        "training.architecture.dropout": 0.2,
        "training.augmentation": STILL,
    },
    "alkofahi2018": {
        "preprocess.background": 200,
        "scale.to": "pixel size",
        "scale.pixel_size": 0.65,
        "postprocess.map": "nucleus",
        "postprocess.threshold_by": "blobs",
        "postprocess.sensitivity": 60,
        "postprocess.landscape": "distance transform",
        "postprocess.h": Microns(3),
        "cells.grow": True,
        "training.loss": "rmsd",
        "training.epochs": 30,
        "training.batch": 32,
        "training.learning_rate": 1e-3,
        "training.crop": 160,
        "training.cover": "all",
        "training.architecture.kind": "asymmetric-unet",
        "training.architecture.maps": ("nucleus", "cytoplasm", "background"),
        "training.architecture.widths": (32, 64, 128, 128, 256),
        "training.augmentation": STILL.replace(quarter_turns=True),
    },
    "lin2022": {
        "scale.to": "factor",
        "scale.factor": 1,
        "postprocess.landscape": "instances",
        "postprocess.smallest_area": 0,
        "training.pretrained": "coco",
        "training.initialisation": "kaiming",
        "training.split": "random",
        "training.validation": 0.2,
        "training.test": 0,
        "training.loss": "shape-aware",
        "training.optimizer": "adam",
        "training.learning_rate": 5e-4,
        "training.schedule": "steps",
        "training.step_epochs": 3,
        "training.step_factor": 0.1,
        "training.keep": "best",
        "training.architecture.kind": "mask-rcnn",
        "training.augmentation": STILL.replace(flip="horizontal"),
    },
    "elmokhtari2023": {
        "scale.to": "image size",
        "scale.side": 256,
        "network.test_time": "turned and mirrored",
        "postprocess.threshold_by": "otsu",
        "postprocess.fill_holes": True,
        "postprocess.landscape": "distance transform",
        "postprocess.markers": "spacing",
        "training.split": "random",
        "training.validation": 0.3,
        "training.loss": "jaccard",
        "training.epochs": 100,
        "training.batch": 32,
        "training.optimizer": "adam",
        "training.keep": "best",
        "training.architecture.kind": "encoder-unet",
        "training.architecture.encoder": "resnet152",
        "training.augmentation.rotation": 90,
        "training.augmentation.flip": "both",
    },
}


def test_each_system_has_a_recipe() -> None:
    assert sorted(PUBLISHED) == sorted(SAYS)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        (name, field, value)
        for name, says in SAYS.items()
        for field, value in says.items()
    ],
)
def test_the_recipe_says_what_the_paper_says(name: str, field: str, value: Any) -> None:
    assert at(load_recipe(name), field) == value


def at(recipe: Recipe, field: str) -> Any:
    found: Any = recipe
    for part in field.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", PUBLISHED)
class TestEachRecipe:
    def test_survives_its_file(self, name: str, tmp_path: Path) -> None:
        recipe = load_recipe(name)
        recipe.save(tmp_path / "r.toml")
        assert load_recipe(tmp_path / "r.toml") == recipe

    def test_cites_a_year_and_names_its_model(self, name: str) -> None:
        recipe = load_recipe(name)
        assert recipe.network.model == name
        assert f"({name[-4:]})" in recipe.source

    def test_needs_no_diameter(self, name: str) -> None:
        recipe = load_recipe(name)
        assert recipe.scale.to != "cell diameter"
        assert recipe.postprocess.fit(1) == recipe.postprocess.fit(100)

    def test_leaves_no_default_of_ours_to_the_training(self, name: str) -> None:
        recipe = load_recipe(name)
        assert recipe.training.averaging == recipe.training.weight_decay == 0
        text = installed_recipes()[name].read_text(encoding="utf-8")
        stated = tomllib.loads(text)["training"]["augmentation"]
        unsaid = set(Augmentation.model_fields) - set(stated)
        # of no meaning without noise
        assert unsaid <= {"quarter_turns", "noise_kind"}

    def test_says_what_was_left_open(self, name: str) -> None:
        assert "# OPEN: " in installed_recipes()[name].read_text(encoding="utf-8")


def test_a_large_image_is_four_pieces_without_padding() -> None:
    recipe = load_recipe("alkofahi2018")
    network, stride = recipe.network, recipe.training.architecture.stride
    assert 2 * network.tile - network.overlap == 2048
    assert network.tile % stride == 0


def test_lengths_in_micrometres_become_pixels() -> None:
    recipe = load_recipe("alkofahi2018")
    assert isinstance(recipe.cells.area, Area)
    ready = recipe.postprocess.calibrate(0.65)
    assert ready.h == pytest.approx(3 / 0.65)
    with pytest.raises(ValueError, match="pixel size is not known"):
        recipe.cells.calibrate(None)


def test_the_u_net_rows_of_lin2022_are_settings() -> None:
    recipe = override(
        load_recipe("lin2022"),
        [
            "training.architecture.kind=plain-unet",
            "training.pretrained=no",
            "training.initialisation=xavier",
            "training.learning_rate=1e-3",
            "training.schedule=constant",
            "training.loss=focal",
            "preprocess.standardize=true",
            "network.model=unet.safetensors",
            "postprocess.landscape=distance transform",
        ],
    )
    assert recipe.training.architecture.widths == (64, 128, 256, 512, 1024)
    architecture = recipe.training.architecture
    assert not architecture.has_instances
    assert not recipe.lacks(architecture.maps, architecture.has_instances)


@pytest.mark.realdata
def test_the_u_net_rows_of_lin2022_split_perfect_masks_as_annotated(
    shared_data: Path,
) -> None:
    folder = shared_data / "ctc" / "DIC-C2DH-HeLa" / "01_ST" / "SEG"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    h = load_recipe("lin2022").postprocess.h
    assert h is not None
    for number in (0, 30, 60):
        truth = tifffile.imread(folder / f"man_seg{number:03d}.tif")
        cells = np.unique(truth[truth > 0]).size
        assert abs(build(truth > 0).number(h) - cells) <= 1
