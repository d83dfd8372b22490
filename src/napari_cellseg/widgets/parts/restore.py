"""The question what becomes of corrections that were made earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtWidgets import QWidget

    from napari_cellseg.session.keeping import Keeping

KINDS = ("cells", "nuclei")


def offer(
    parent: QWidget,
    name: str,
    keepings: Sequence[Keeping],
    restore: Callable[[], None],
) -> QMessageBox | None:
    """Ask whether corrections that were found are to be restored; return at once.

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

    Returns
    -------
    QMessageBox or None
        The question; None if nothing was found.
    """
    if not keepings:
        return None
    found = "; ".join(keeping.found for keeping in keepings)
    box = QMessageBox(parent)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Restore corrections")
    box.setText(f"{name} was corrected before: {found}.")
    box.setInformativeText(
        "Restore lays these corrections over the masks and takes up their recipe. "
        "Start anew keeps them in a file whose name ends in .1."
    )
    again = box.addButton("Restore", QMessageBox.ButtonRole.AcceptRole)
    anew = box.addButton("Start anew", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(again)
    # whoever closes it loses nothing
    box.setEscapeButton(again)

    def answered() -> None:
        if box.clickedButton() is anew:
            for keeping in keepings:
                keeping.anew()
        elif box.clickedButton() is again:
            restore()

    box.finished.connect(answered)
    box.open()
    return box
