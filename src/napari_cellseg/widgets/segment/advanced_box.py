"""How the system works that a recipe describes: what its paper decides for most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cellseg.widgets.parts.hints import advanced
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.segment.possible import possible
from napari_cellseg.widgets.segment.section_form import SectionForm

if TYPE_CHECKING:
    from napari_cellseg.session import Session


TITLES = 104
"""Width of the titles (px)."""


class AdvancedBox(QWidget):
    """Fields of several sections that few change.

    Attributes
    ----------
    refused : Signal
        Why what was chosen is not taken, in words.
    """

    refused = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.forms: dict[str, SectionForm] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for section in ("scale", "network", "postprocess"):
            names = advanced(type(getattr(session.recipe, section)))
            form = SectionForm(session, section, names)
            form.wrap_titles(TITLES)
            form.refused.connect(self.refused)
            column.addWidget(form)
            self.forms[section] = form

    def show_recipe(self) -> None:
        """Show the session's recipe."""
        self.forms["postprocess"].offer(possible(self.session.recipe))
        for form in self.forms.values():
            form.show_section()
