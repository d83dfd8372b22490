"""Which recipe, and how large the cells are expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.errors import RecipeError
from napari_cellseg.pipeline.needs import trained_otherwise
from napari_cellseg.recipe import installed_recipes, load_recipe
from napari_cellseg.session.words import lacking_words, training_command
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.segment.section_form import SectionForm

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session import Session

FILES = "Recipes (*.toml)"
_RECIPE = "Settings of all steps for one kind of image."
_CIRCLE = "<p>Lay a circle of the expected diameter on the image.</p>"
_NO_CIRCLE = (
    "<p>The diameter is not known yet: press Estimate or Predict frame, or set it.</p>"
)


class RecipeBox(QWidget):
    """Choice of a recipe and of the expected diameter.

    Attributes
    ----------
    estimate_wanted : Signal
        The user asks for an estimate of the diameter.
    circle_toggled : Signal
        Whether a circle of that size is to be shown.
    failed, told : Signal
        What went wrong, and what was done, in words.
    """

    estimate_wanted = Signal()
    circle_toggled = Signal(bool)
    failed = Signal(str)
    told = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._files: dict[str, Path] = {}
        self.names = QComboBox()
        self.names.addItems(list(installed_recipes()))
        for i, name in enumerate(installed_recipes()):
            tip = f"<p>{load_recipe(name).title}</p>"
            self.names.setItemData(i, tip, Qt.ItemDataRole.ToolTipRole)
        self.open = _button("Open…", "Open a recipe from a file (.toml).")
        self.save = _button(
            "Save…",
            "Save all settings as a recipe file (.toml): the command line makes the "
            "same masks from it.",
        )
        self.copy = _button("Copy the command", "Copy it, to be run in a terminal.")
        self.form = SectionForm(session, "scale")
        self.estimate = _button(
            "Estimate", "Measure the diameter of the cells in a few frames (px)."
        )
        self.circle = QCheckBox("Show as circle")
        self.words = QLabel()
        self.words.setWordWrap(True)
        # a command that it names is to be copied
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        self.words.setTextInteractionFlags(selectable)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line(self.names, self.open, self.save))
        column.addWidget(self.form)
        self._sizes = line(self.estimate, self.circle, stretch=1)
        column.addWidget(self._sizes)
        column.addWidget(self.words)
        column.addWidget(self.copy)
        self._connect()
        self.show_recipe()

    def show_recipe(self) -> None:
        """Show the session's recipe."""
        recipe, resolved = self.session.recipe, self.session.resolved
        if self.names.findText(recipe.name) < 0:
            self.names.addItem(recipe.name)
        self.names.setCurrentText(recipe.name)
        self.names.setToolTip(f"<p>{recipe.title or _RECIPE} {_source(recipe)}</p>")
        known = resolved is not None and resolved.scale.diameter is not None
        self.form.show_section()
        self.form.show_row("diameter", recipe.uses_diameter)
        self._sizes.setVisible(recipe.uses_diameter)
        self._show_words()
        self.circle.setEnabled(known)
        self.circle.setToolTip(_CIRCLE if known else _NO_CIRCLE)

    def load(self, name: str | Path) -> None:
        """Use an installed recipe, or one from a file."""
        try:
            recipe = load_recipe(self._files.get(str(name), name))
            if isinstance(name, Path):
                recipe = self._named_after(name, recipe)
            self.session.use(recipe)
        except RecipeError as error:
            self.failed.emit(str(error))
        self.show_recipe()

    def store(self, path: Path) -> None:
        """Write the session's recipe to a file."""
        path = path if path.suffix else path.with_suffix(".toml")
        # writing comes with much that takes time to import
        from napari_cellseg.io.results import staged

        recipe = self.session.recipe.replace(name=_name(path))
        try:
            with staged(path, overwrite=True) as beside:
                recipe.save(beside)
        except OSError as error:
            self.failed.emit(f"{path} cannot be written: {error.strerror or error}.")
            return
        self.session.use(self._named_after(path, recipe))
        self.told.emit(f"Saved to {path}.")

    def _named_after(self, path: Path, recipe: Recipe) -> Recipe:
        """Name a recipe after its file; the installed ones stay what they are."""
        name = _name(path)
        if name not in installed_recipes():
            self._files[name] = path
        return recipe.replace(name=name)

    def _show_words(self) -> None:
        lacking = lacking_words(self.session)
        odd = lacking or trained_otherwise(self.session.recipe)
        self.words.setText(odd or self._diameter_words())
        style = "color: #ff8a65" if odd else ""
        if style != self.words.styleSheet():
            # Qt lays out anew, even where nothing changes
            self.words.setStyleSheet(style)
        self.words.setVisible(bool(self.words.text()))
        self.copy.setVisible(bool(training_command(self.session.recipe)))

    def _diameter_words(self) -> str:
        if not self.session.recipe.uses_diameter:
            return ""
        engine = self.session.engine
        found = engine.estimate_for(self.session.recipe) if engine else None
        if found is None:
            automatic = self.session.recipe.scale.diameter is None
            return "It is estimated with the first prediction." if automatic else ""
        if not found.cells:
            return (
                f"No cells found to estimate from: {found.diameter:.1f} px is used. "
                "Set it by hand."
            )
        return f"Estimated: {found.diameter:.1f} px, from {found.cells} cells."

    def _connect(self) -> None:
        self.names.textActivated.connect(self.load)
        self.open.clicked.connect(self._on_open)
        self.save.clicked.connect(self._on_save)
        self.estimate.clicked.connect(self.estimate_wanted)
        self.circle.toggled.connect(self.circle_toggled)
        self.copy.clicked.connect(self._on_copy)

    def _on_copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(training_command(self.session.recipe))

    def _on_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a recipe", "", FILES)
        if path:
            self.load(Path(path))

    def _on_save(self) -> None:
        name = f"{self.session.recipe.name}.toml"
        path, _ = QFileDialog.getSaveFileName(self, "Save the recipe", name, FILES)
        if path:
            self.store(Path(path))


def _source(recipe: Recipe) -> str:
    """Say where a recipe comes from."""
    return f"({recipe.source})" if recipe.source else ""


def _name(path: Path) -> str:
    """Name of a recipe from its file: letters, digits, hyphens."""
    return re.sub(r"[^\w-]+", "-", path.stem).strip("-") or "recipe"


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(f"<p>{tip}</p>")
    return button
