"""What can be moved while one looks: from maps to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from qtpy.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from napari_cellseg.postprocess import Postprocess
from napari_cellseg.session import count_words, difference
from napari_cellseg.widgets._form import Form
from napari_cellseg.widgets._qt import Signal
from napari_cellseg.widgets._recipe_box import line

if TYPE_CHECKING:
    from napari_cellseg.session import Session


class AdjustBox(QWidget):
    """Live sliders, the number of cells, undo and redo.

    Attributes
    ----------
    apply_wanted : Signal
        All frames are to follow.
    """

    apply_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.form = Form(Postprocess)
        self.count = QLabel()
        self.count.setWordWrap(True)
        self.count.setToolTip("Number of cells in the frame on screen.")
        self.count.setStyleSheet("font-size: 14pt")
        self.undo = QPushButton("Undo")
        self.redo = QPushButton("Redo")
        self.apply = QPushButton("Apply to all frames")
        self.apply.setToolTip(
            "<p>Bring every frame up to date with these settings; frames without a "
            "prediction are predicted.</p>"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (
            self.form,
            self.count,
            line(self.undo, self.redo, self.apply, stretch=2),
        ):
            column.addWidget(widget)
        self.form.changed.connect(self._on_changed)
        self.form.pressed.connect(session.history.hold)
        self.form.released.connect(session.history.release)
        self.undo.clicked.connect(session.undo)
        self.redo.clicked.connect(session.redo)
        self.apply.clicked.connect(self.apply_wanted)

    def show_recipe(self) -> None:
        """Show the session's parameters."""
        recipe, resolved = self.session.recipe, self.session.resolved
        fitted = resolved.postprocess if resolved else None
        self.form.show_values(recipe.postprocess, fitted)
        self._show_history()

    def show_count(self) -> None:
        """Show the number of cells."""
        self.count.setText(count_words(self.session))

    def _show_history(self) -> None:
        history = self.session.history
        for button, word, other in (
            (self.undo, "Undo", history.previous),
            (self.redo, "Redo", history.next),
        ):
            button.setEnabled(other is not None)
            words = difference(history.value, other) if other else "nothing"
            button.setToolTip(f"<p>{word}: {words}</p>")

    def _on_changed(self, name: str, value: Any) -> None:
        try:
            self.session.change("postprocess", **{name: value})
        except ValidationError:
            # typed beyond what is allowed: show what is in use instead
            self.show_recipe()
