"""The question what becomes of corrections that were made earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtWidgets import QAbstractButton, QWidget

    from napari_cellseg.session.keeping import Keeping


def offer(
    parent: QWidget,
    name: str,
    keepings: Sequence[Keeping],
    restore: Callable[[], None],
) -> RestoreBox | None:
    """Ask what becomes of corrections that were found, and return at once.

    Returns
    -------
    RestoreBox or None
        The question, until it is answered; None if nothing was found. The parameters
        are its.
    """
    if not keepings:
        return None
    box = RestoreBox(parent, name, keepings, restore)
    box.finished.connect(box.deleteLater)
    box.open()
    return box


class RestoreBox(QMessageBox):
    """Asks whether corrections that were found are to be restored.

    Shown with `open`, so that nothing else has to wait.

    Parameters
    ----------
    parent : QWidget
        Whose window waits for the answer.
    name : str
        Of the image.
    keepings : sequence of Keeping
        Those that have found something.
    restore : callable
        Called if they are to be restored. Otherwise they begin anew, and the journals
        so far are kept under other names.
    """

    def __init__(
        self,
        parent: QWidget,
        name: str,
        keepings: Sequence[Keeping],
        restore: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._keepings, self._restore = keepings, restore
        found = "; ".join(keeping.found for keeping in keepings)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("Restore corrections")
        self.setText(f"{name} was corrected before: {found}.")
        self.setInformativeText(
            "Restore lays these corrections over the masks and takes up their recipe. "
            "Start anew keeps them in a file whose name ends in .1."
        )
        self.again = self.addButton("Restore", QMessageBox.ButtonRole.AcceptRole)
        self.anew = self.addButton("Start anew", QMessageBox.ButtonRole.ResetRole)
        self.setDefaultButton(self.again)
        # whoever closes it loses nothing
        self.setEscapeButton(self.again)
        self.buttonClicked.connect(self._on_clicked)

    def drop(self) -> None:
        """Ask no more: what was found stays as it is."""
        self.blockSignals(True)
        self.close()
        self.deleteLater()

    def _on_clicked(self, button: QAbstractButton) -> None:
        if button is self.again:
            self._restore()
            return
        for keeping in self._keepings:
            keeping.anew()
