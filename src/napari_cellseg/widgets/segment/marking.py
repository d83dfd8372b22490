"""What changed in the frame on screen: asked once, and outlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellseg.session import Request, Session
    from napari_cellseg.widgets.layers.changes import ChangesLayer


class Marking:
    """Outlines what the session knows of, and nothing else.

    Parameters
    ----------
    session : Session
        The state.

    Attributes
    ----------
    layer : ChangesLayer or None
        Where it is outlined; None while there is no stack.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.layer: ChangesLayer | None = None
        self._on = True
        self._asked: object = None

    def switch(self, on: bool) -> None:
        """Outline the cells that changed with the last setting, or do not."""
        self._on = on
        self.draw()

    def question(self) -> Request | None:
        """Ask what changed; None if that was asked, is known, or cannot be known."""
        session = self.session
        if session.glancing or not self._on or session.comparison is not None:
            return None
        asked = session.frame, session.recipe, session.before
        if self._asked == asked:
            return None
        request = session.ask_for_changes()
        if request is not None:
            self._asked = asked
        return request

    def ask_again(self) -> None:
        """Let `question` ask even what it asked before: the answer may be lost."""
        self._asked = None

    def draw(self) -> None:
        """Outline what is known now."""
        session = self.session
        if session.comparison is None:
            self.ask_again()
        if self.layer is None:
            return
        if self._on and not session.glancing and session.comparison is not None:
            self.layer.show(session.frame, session.comparison.outlines)
        else:
            self.layer.hide()

    def lift(self) -> None:
        """Lie above all other layers."""
        if self.layer is not None:
            self.layer.lift()

    def remove(self) -> None:
        """Take the layer away."""
        if self.layer is not None:
            self.layer.remove()
            self.layer = None
