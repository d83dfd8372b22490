"""The recipes of publications in the real window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication

from napari_cellseg.correction.edits import delete
from napari_cellseg.network.files import shipped_models
from napari_cellseg.parameters import Area, Microns
from napari_cellseg.recipe import installed_recipes, load_recipe
from napari_cellseg.widgets.export.work import subject_of
from napari_cellseg.widgets.layers.registry import find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_cellseg.recipe import Recipe
    from napari_cellseg.widgets.export import ExportWidget
    from napari_cellseg.widgets.parts.form import Form
    from napari_cellseg.widgets.segment import SegmentWidget

    Finish = Callable[[SegmentWidget], None]

pytestmark = pytest.mark.gui

CLEANING = {"smallest_area", "element_size", "element", "fill_holes"}
BLOBS = {"sensitivity", "smallest_blob", "largest_blob"}
ADJUST = {
    "nuclei": {"threshold", "landscape", "h"},
    "alkofahi2018": BLOBS | {"h"},
    "aydin2022": {"threshold", "h"},
    "draghici2025": {"threshold", "h"},
    "elmokhtari2023": set(),
    "lin2022": {"threshold", "landscape"},
}
"""Rows that have an effect, by recipe, beside those that clean a mask."""
SCALE = {
    "nuclei": {"diameter"},
    "alkofahi2018": {"pixel_size"},
    "aydin2022": {"side"},
    "draghici2025": {"factor"},
    "elmokhtari2023": {"side"},
    "lin2022": {"factor"},
}


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the models of whoever runs the tests out of them."""
    folder = tmp_path / "models"
    monkeypatch.setenv("NAPARI_CELLSEG_MODELS", str(folder))
    return folder


@pytest.fixture
def grown(tmp_path: Path, recipe: Recipe, movie: NDArray[np.uint8]) -> Recipe:
    """A recipe of an untrained network whose nuclei grow into cells."""
    import torch

    from napari_cellseg.io.images import Stack
    from napari_cellseg.network.architectures import build_network
    from napari_cellseg.network.bundle import save_bundle
    from napari_cellseg.network.parameters import Architecture
    from napari_cellseg.pipeline import Pipeline

    torch.manual_seed(5)
    maps = ("nucleus", "cytoplasm", "background")
    architecture = Architecture(widths=(8, 16), maps=maps)
    path = tmp_path / "compartments.safetensors"
    weights = build_network(architecture).state_dict()
    save_bundle(path, weights, architecture, 12.0, {})
    recipe = recipe.change("network", model=str(path)).replace(name="grown")
    recipe = recipe.change("training", architecture=architecture, loss="rmsd")
    recipe = recipe.change("cells", grow=True, area=30.0, smoothing=0.5)
    changes: dict[str, Any] = {"map": "nucleus", "landscape": "distance transform"}
    recipe = recipe.change("postprocess", **changes)
    found = Pipeline(Stack.from_array(movie), "cpu").maps(0, recipe)["nucleus"]
    return recipe.change("postprocess", threshold=float(np.quantile(found, 0.8)))


@pytest.fixture
def opened(
    dock: SegmentWidget, viewer: Viewer, movie: NDArray[np.uint8]
) -> SegmentWidget:
    """The dock with a movie whose pixels have no size."""
    viewer.add_image(movie, name="noise", axis_labels=("t", "y", "x"))
    viewer.dims.set_current_step(0, 0)
    return dock


def choose(dock: SegmentWidget, name: str) -> None:
    """Choose a recipe in the menu as a click does."""
    names = dock.recipe.names
    names.setCurrentText(name)
    names.textActivated.emit(name)


def rows(form: Form) -> set[str]:
    return {name for name, row in form.controls.items() if not row.isHidden()}


def predict(dock: SegmentWidget, finish: Finish) -> None:
    dock.predict.click()
    finish(dock)
    assert not dock.message.text()


def test_every_recipe_shows_what_has_an_effect_and_how_its_model_is_made(
    opened: SegmentWidget, models: Path
) -> None:
    names = opened.recipe.names
    installed = list(installed_recipes())
    assert installed[0] == "nuclei"
    assert [names.itemText(i) for i in range(len(installed))] == installed
    for i, name in enumerate(installed):
        choose(opened, name)
        tip = names.itemData(i, Qt.ItemDataRole.ToolTipRole)
        assert load_recipe(name).title in tip
        assert rows(opened.adjust.form) == ADJUST[name] | CLEANING
        assert rows(opened.recipe.form) == SCALE[name]
        assert opened.adjust.cells.isHidden() == (name != "alkofahi2018")
        assert opened.recipe._sizes.isHidden() == (name != "nuclei")
        words = opened.recipe.words.text()
        if load_recipe(name).network.model not in shipped_models():
            assert f"train DATA --recipe {name}" in words
            assert str(models) in words
            assert "not here yet" in opened.advice.text()
            opened.predict.click()
            assert not opened.conductor.job.running
            # said once
            assert not opened.message.text()
            assert "images/ and labels/" in words
            opened.recipe.copy.click()
            command = f"napari-cellseg train DATA --recipe {name}"
            assert QGuiApplication.clipboard().text() == command
    choose(opened, "nuclei")
    assert not opened.message.text()
    assert "Predict frame" in opened.advice.text()


def test_lengths_in_micrometres_ask_for_the_pixel_size_and_follow_it(
    opened: SegmentWidget, recipe: Recipe, finish: Finish
) -> None:
    session, controls = opened.session, opened.adjust.form.controls
    physical = {"h": "0.2 µm", "smallest_area": "2 µm²"}
    session.use(recipe.change("postprocess", **physical))
    words = opened.recipe.words.text()
    assert "Smallest area and Split depth h in µm" in words
    assert controls["h"].slider.number.text() == "—"
    assert "or set" not in words
    opened.predict.click()
    assert not opened.conductor.job.running
    field = opened.image.calibration.pixel
    for size in ("0.5", "0.25"):
        field.setText(size)
        field.setModified(True)
        field.editingFinished.emit()
        assert not opened.recipe.words.text()
        # as the recipe has it, whatever a pixel is
        assert opened.adjust.units.currentText() == "µm"
        assert controls["h"].slider.value == 0.2
        assert controls["smallest_area"].slider.value == 2
    assert session.recipe.postprocess.h == Microns(0.2)
    opened.adjust.units.setCurrentText("px")
    assert controls["h"].slider.value == 0.8
    predict(opened, finish)
    assert session.shown[0].postprocess.h == 0.8
    assert opened.adjust.units.currentText() == "px"
    controls["h"].slider.slider.setValue(8)
    assert session.recipe.postprocess.h == Microns(0.1)
    assert session.recipe.postprocess.smallest_area == Area(2)
    finish(opened)
    assert session.shown[0].postprocess.h == 0.4
    opened.adjust.units.setCurrentText("µm")
    for typed in (9.99, 0.3, 0.1):
        controls["h"].slider.number.setValue(typed)
        assert session.recipe.postprocess.h == Microns(typed)


def test_a_recipe_without_a_diameter_offers_no_auto(opened: SegmentWidget) -> None:
    area = opened.adjust.form.controls["smallest_area"]
    assert not area.auto.isHidden()
    assert "from the diameter" in area.toolTip()
    choose(opened, "alkofahi2018")
    assert area.auto.isHidden()
    assert "from the diameter" not in area.toolTip()
    # where it is automatic it can be made a number
    opened.session.change("postprocess", smallest_area=None)
    assert not area.auto.isHidden()
    choose(opened, "nuclei")
    assert not area.auto.isHidden()


def test_sizes_of_blobs_that_cross_are_refused_in_words(opened: SegmentWidget) -> None:
    choose(opened, "alkofahi2018")
    opened.adjust.form.write("smallest_blob", Microns(30))
    assert "(30 µm) must not be larger" in opened.message.text()
    assert opened.session.recipe.postprocess.smallest_blob == Microns(8)
    opened.adjust.form.write("smallest_blob", Microns(20))
    assert not opened.message.text()


def test_the_sample_of_cells_opens_with_the_cells_chosen(
    dock: SegmentWidget, viewer: Viewer, open_dock: Callable[[], SegmentWidget]
) -> None:
    viewer.open_sample("napari-cellseg", "simulated_cells")
    assert dock.image.layer is viewer.layers["Simulated cells"]
    dock.parent().destroyOnClose()
    again = open_dock()
    try:
        assert again.image.layer is viewer.layers["Simulated cells"]
    finally:
        again.close_down()


def test_nuclei_and_their_cells_are_two_layers_that_follow_together(
    opened: SegmentWidget,
    viewer: Viewer,
    grown: Recipe,
    recipe: Recipe,
    finish: Finish,
) -> None:
    session = opened.session
    session.use(grown)
    opened.predict_all.click()
    finish(opened)
    cells, nuclei = viewer.layers["noise cells"], viewer.layers["noise nuclei"]
    assert nuclei.colormap is cells.colormap
    np.testing.assert_array_equal(nuclei.scale, cells.scale)
    inside = nuclei.data > 0
    assert all(np.unique(frame).size > 1 for frame in nuclei.data)
    np.testing.assert_array_equal(nuclei.data[inside], cells.data[inside])
    before = cells.data.copy(), nuclei.data.copy()
    opened.adjust.cells.write("area", 300.0)
    finish(opened)
    for t in range(len(cells.data)):
        assert (cells.data[t] > 0).sum() > (before[0][t] > 0).sum()
    np.testing.assert_array_equal(nuclei.data, before[1])
    opened.adjust.look.outlines.setChecked(True)
    assert cells.contour == nuclei.contour > 0
    nuclei.contour = 5
    assert cells.contour == 5
    assert opened.adjust.histogram.title().startswith("Nuclei: median")
    viewer.layers.remove(cells)
    predict(opened, finish)
    names = [layer.name for layer in viewer.layers]
    assert names.index("noise cells") < names.index("noise nuclei")
    session.use(recipe)
    opened.predict_all.click()
    finish(opened)
    assert "noise nuclei" not in viewer.layers
    assert opened.adjust.cells.isHidden()


def test_a_dock_takes_up_both_layers_of_the_one_before(
    opened: SegmentWidget,
    open_dock: Callable[[], SegmentWidget],
    viewer: Viewer,
    grown: Recipe,
    finish: Finish,
) -> None:
    opened.session.use(grown)
    predict(opened, finish)
    before = list(viewer.layers)
    opened.parent().destroyOnClose()
    again = open_dock()
    assert again is not opened
    try:
        assert again.session.recipe == grown
        predict(again, finish)
        assert [a.name for a in viewer.layers] == [a.name for a in before]
        assert again.conductor.nuclei is viewer.layers["noise nuclei"]
    finally:
        again.close_down()


def test_nuclei_have_the_numbers_of_corrected_cells(
    opened: SegmentWidget, viewer: Viewer, grown: Recipe, finish: Finish
) -> None:
    opened.session.use(grown)
    predict(opened, finish)
    nuclei, cells = viewer.layers["noise nuclei"], viewer.layers["noise cells"]
    before = nuclei.data[0].copy()
    bound = find(cells)
    assert bound is not None
    label = int(before.max())
    shown = bound.corrections.frames.read(0)
    bound.corrections.edit("Delete", {0: delete(shown, [label])})
    assert label not in nuclei.data[0]
    opened.adjust.cells.write("area", 60.0)
    finish(opened)
    assert label not in nuclei.data[0]
    inside = nuclei.data[0] > 0
    np.testing.assert_array_equal(nuclei.data[0][inside], cells.data[0][inside])
    nuclei.paint((0, 5, 5), 77)
    predict(opened, finish)
    assert nuclei.data[0, 5, 5] == 77
    assert "corrections in 1 frame are" in subject_of(cells, "tiff", nuclei).warning
    opened.conductor.undo()
    opened.conductor.undo()
    assert nuclei.data[0, 5, 5] != 77
    opened.conductor.undo()
    finish(opened)
    opened.conductor.undo()
    np.testing.assert_array_equal(nuclei.data[0], before)


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("Label TIFF", "noise_cells.tif", "noise_cells_nuclei.tif"),
        ("Cell Tracking Challenge", "mask001.tif", "nuclei/mask001.tif"),
    ],
)
def test_cells_and_nuclei_are_exported_side_by_side(
    opened: SegmentWidget,
    export: ExportWidget,
    viewer: Viewer,
    grown: Recipe,
    finish: Finish,
    qtbot: Any,
    tmp_path: Path,
    kind: str,
    first: str,
    second: str,
) -> None:
    opened.session.use(grown)
    opened.predict_all.click()
    finish(opened)
    assert export.layers.currentText() == "noise cells"
    export.format.setCurrentText(kind)
    export.folder.setText(str(tmp_path / "out"))
    export.button.click()
    qtbot.waitUntil(lambda: not export.job.running, timeout=60_000)
    assert "their nuclei to" in export.words.text()
    cells, nuclei = (tifffile.imread(tmp_path / "out" / f) for f in (first, second))
    assert nuclei.any()
    np.testing.assert_array_equal(nuclei[nuclei > 0], cells[nuclei > 0])
    if kind == "Label TIFF":
        np.testing.assert_array_equal(nuclei, viewer.layers["noise nuclei"].data)
