"""What can be moved while one looks: from maps to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.parameters import Area, Microns
from napari_cellseg.session.words import (
    change_words,
    count_words,
    no_before_words,
    unknown_words,
)
from napari_cellseg.widgets.parts.curve import CountCurve
from napari_cellseg.widgets.parts.histogram import AreaHistogram
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.plot import not_known
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.parts.unit import PX, Unit
from napari_cellseg.widgets.segment.look_box import LookBox
from napari_cellseg.widgets.segment.possible import grows_cells, possible
from napari_cellseg.widgets.segment.section_form import SectionForm

if TYPE_CHECKING:
    from napari_cellseg.recipe import Recipe
    from napari_cellseg.session import Session

NO_SIZE = (
    "Sizes can be shown in µm where the image says how large its pixels are, and they "
    "are square."
)


class AdjustBox(QWidget):
    """Live sliders, figures of what they give, undo and redo.

    Attributes
    ----------
    apply_wanted : Signal
        All frames are to follow.
    undo_wanted, redo_wanted : Signal
        A step is to be taken back, or done again.
    look : LookBox
        How the result is looked at.
    """

    apply_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._size: float | None = None
        self._physical = False
        # of recipes in px, and of those in µm
        self._micrometres = {False: False, True: True}
        self.form = SectionForm(session, "postprocess")
        self.cells = SectionForm(session, "cells")
        self.curve = CountCurve()
        self.histogram = AreaHistogram()
        self.count = QLabel()
        self.count.setWordWrap(True)
        self.count.setToolTip("Number of cells in the frame on screen.")
        self.count.setStyleSheet("font-size: 14pt")
        self.fewer = QPushButton("Fewer")
        self.more = QPushButton("More")
        self.units = QComboBox()
        self.units.addItems(["px", "µm"])
        self.look = LookBox(self.units)
        self.undo = QPushButton("Undo")
        self.redo = QPushButton("Redo")
        self.apply = QPushButton("Apply to all frames")
        self.apply.setToolTip(
            "<p>Bring every frame up to date with these settings; frames without a "
            "prediction are predicted.</p>"
        )
        self._lay_out()
        self._connect()
        self.set_pixel_size(None)

    @property
    def unit(self) -> Unit:
        """What lengths and areas are shown in."""
        micrometres = self._micrometres[self._physical]
        return Unit("µm", self._size) if micrometres and self._size else PX

    def set_pixel_size(self, size: float | None) -> None:
        """Offer µm for pixels of a size (µm); None: not known, only px.

        What was chosen before is chosen again where it can be; a recipe in µm is first
        shown so.
        """
        self._size = size
        self.units.setEnabled(bool(size))
        known = f"Sizes in px, or in µm: a pixel is {size:.3g} µm wide." if size else ""
        self.units.setToolTip(f"<p>{known or NO_SIZE}</p>")
        self._show_unit()

    def set_diameter(self, diameter: float | None) -> None:
        """Fit the sliders' ranges to cells of a diameter (px)."""
        self.form.set_diameter(diameter)
        self.cells.set_diameter(diameter)

    def show_recipe(self) -> None:
        """Show the session's parameters."""
        recipe = self.session.recipe
        self._follow_kind(recipe)
        self.form.offer(possible(recipe))
        self.form.let_follow(_has_diameter(recipe))
        self.form.show_section()
        self.cells.show_section()
        self.cells.setVisible(grows_cells(recipe))
        self.cells.widen_titles(self.form.title_width())
        self.form.widen_titles(self.cells.title_width() if grows_cells(recipe) else 0)
        self.histogram.name("Nuclei" if recipe.cells.grow else "Area")
        for part in (self.curve, self.fewer, self.more):
            part.setVisible(recipe.postprocess.uses_h)
        self._mark()
        self._show_history()

    def show_count(self) -> None:
        """Show the number of cells, and of those that changed."""
        self.count.setText(count_words(self.session))
        self._show_look()
        if unknown_words(self.session) != self.curve.why:
            self.show_found()

    def show_found(self) -> None:
        """Show the figures of the frame on screen.

        Cheap: it may be called at every move of a slider.
        """
        session, t = self.session, self.session.frame
        why = unknown_words(session)
        # what was put back is not what was found last
        found = None if why else session.found
        split = found.split if found is not None else None
        h = session.shown[t].postprocess.h if t in session.shown else None
        self.curve.show_split(split, why)
        areas = split.areas(h) if split is not None and h is not None else None
        self.histogram.show_areas(areas, why)
        self._show_steps()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        figures = QHBoxLayout()
        figures.setSpacing(2)
        figures.addWidget(self.curve, 1)
        figures.addWidget(self.histogram, 1)
        column.addWidget(self.form)
        column.addWidget(self.cells)
        column.addLayout(figures)
        for widget in (
            line(self.count, self.fewer, self.more),
            self.look,
            line(self.undo, self.redo, self.apply, stretch=2),
        ):
            column.addWidget(widget)

    def _connect(self) -> None:
        session = self.session
        self.curve.pressed.connect(session.history.hold)
        self.curve.released.connect(session.history.release)
        self.curve.moved.connect(self._set_h)
        self.fewer.clicked.connect(lambda: self._set_h(self.curve.fewer()))
        self.more.clicked.connect(lambda: self._set_h(self.curve.more()))
        self.units.currentTextChanged.connect(self._on_unit)
        self.look.glanced.connect(session.glance)
        session.changes_changed.connect(self._show_look)
        session.glance_changed.connect(self._show_look)
        session.timeline_changed.connect(self._show_history)
        self.undo.clicked.connect(self.undo_wanted)
        self.redo.clicked.connect(self.redo_wanted)
        self.apply.clicked.connect(self.apply_wanted)

    def _show_look(self) -> None:
        session = self.session
        self.look.changes.setText(change_words(session))
        self.look.show_before(session.glancing, no_before_words(session))

    def _on_unit(self, name: str) -> None:
        self._micrometres[self._physical] = name == "µm"
        self._show_unit()

    def _follow_kind(self, recipe: Recipe) -> None:
        """Show a recipe in the unit that was chosen for those of its kind."""
        physical = recipe.has_micrometres
        if physical != self._physical:
            self._physical = physical
            self._show_unit()

    def _show_unit(self) -> None:
        blocked = self.units.blockSignals(True)
        self.units.setCurrentText(self.unit.name)
        self.units.blockSignals(blocked)
        self.form.set_unit(self.unit)
        self.cells.set_unit(self.unit)
        self._mark()

    def _mark(self) -> None:
        """Mark in the figures what is set."""
        resolved = self.session.resolved
        post = resolved.postprocess if resolved else self.session.recipe.postprocess
        self.curve.mark(_in_px(post.h), self.unit)
        self.histogram.mark(_in_px(post.smallest_area), self.unit)
        self._show_steps()

    def _show_steps(self) -> None:
        for button, word, h in (
            (self.fewer, "Raise", self.curve.fewer()),
            (self.more, "Lower", self.curve.more()),
        ):
            button.setEnabled(h is not None)
            words = "No other h gives " + button.text().lower() + " cells."
            if self.curve.split is None:
                words = not_known(self.curve.why)
            elif h is not None:
                words = f"{word} h to the next step: {self.curve.say(h)}."
            button.setToolTip(f"<p>{words}</p>")

    def _show_history(self) -> None:
        timeline = self.session.timeline
        for button, word, step in (
            (self.undo, "Undo", timeline.last),
            (self.redo, "Redo", timeline.next),
        ):
            button.setEnabled(step is not None)
            words = f"Nothing to {word.lower()}."
            if step is not None:
                words = f"{word}: {step.words}"
            button.setToolTip(f"<p>{words}</p>")

    def _set_h(self, h: float | None) -> None:
        if h is not None:
            self.form.write("h", h)


def _has_diameter(recipe: Recipe) -> bool:
    """Whether numbers can follow from the diameter, and leave all else as it is.

    Where the image is not scaled by it and it is not given, one automatic number would
    have it estimated first, and all would wait for that.
    """
    scale = recipe.scale
    return scale.to == "cell diameter" or scale.diameter is not None


def _in_px(value: float | None) -> float | None:
    """Leave out what is in µm: it has no place in a figure until it is in px."""
    return None if isinstance(value, (Microns, Area)) else value
