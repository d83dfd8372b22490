"""A form of one section of the session's recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from napari_cellseg.widgets.parts.form import Form
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellseg.session import Session


class SectionForm(Form):
    """Shows a section of a session's recipe, and writes to it; a drag is one step.

    Parameters
    ----------
    session : Session
        The state.
    section : str
        Name of the section.
    names : iterable of str, optional
        As in `Form`.

    Attributes
    ----------
    refused : Signal
        Why what was chosen is not taken, in words.
    """

    refused = Signal(str)

    def __init__(
        self, session: Session, section: str, names: Iterable[str] | None = None
    ) -> None:
        super().__init__(type(getattr(session.recipe, section)), names)
        self.session = session
        self.section = section
        self.changed.connect(self.write)
        self.pressed.connect(session.history.hold)
        self.released.connect(session.history.release)

    def show_section(self) -> None:
        """Show what the session's recipe says."""
        resolved = self.session.resolved
        fitted = getattr(resolved, self.section) if resolved else None
        self.show_values(getattr(self.session.recipe, self.section), fitted)

    def write(self, name: str, value: Any) -> None:
        """Change a field; one that is not allowed stays, and is shown again."""
        try:
            self.session.change(self.section, **{name: value})
        except ValidationError as error:
            self.refused.emit(error.errors()[0]["msg"].removeprefix("Value error, "))
            self.show_section()
