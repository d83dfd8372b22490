"""The table of tools and keys, where a key can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QGridLayout,
    QKeySequenceEdit,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.widgets.correct.keymap import as_qt, normal
from napari_cellseg.widgets.correct.naparis import use_of
from napari_cellseg.widgets.parts.words import WRONG, Trouble

if TYPE_CHECKING:
    from napari_cellseg.widgets.correct.keymap import KeyMap

NOTE = "Click a key, then press another. These keys win over napari's on the masks."


class KeysBox(QWidget):
    """A row a tool: its name and its key.

    Parameters
    ----------
    keys : KeyMap
        What is shown and changed.
    """

    def __init__(self, keys: KeyMap) -> None:
        super().__init__()
        self.keys = keys
        self.fields: dict[str, QKeySequenceEdit] = {}
        self.words = Trouble()
        note = QLabel(NOTE)
        note.setWordWrap(True)
        self.button = QPushButton("Reset all keys")
        self.button.setToolTip("Give every tool its usual key.")
        self.button.clicked.connect(self._on_reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(note)
        column.addWidget(self.words)
        column.addLayout(self._grid())
        column.addWidget(self.button)
        self.say(keys.words)
        self.show_keys()

    def say(self, words: str) -> None:
        """Say what is wrong; empty: nothing is."""
        self.words.setStyleSheet(f"color: {WRONG}")
        self.words.say(words)

    def show_keys(self) -> None:
        """Show the keys as they are now."""
        for name, field in self.fields.items():
            field.blockSignals(True)
            field.setKeySequence(QKeySequence(as_qt(self.keys[name])))
            field.blockSignals(False)
        self.button.setEnabled(self.keys.own)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(3)
        grid.setColumnStretch(0, 1)
        for i, tool in enumerate(self.keys.tools.values()):
            field = QKeySequenceEdit()
            field.setMaximumSequenceLength(1)
            field.setEnabled(not tool.fixed)
            field.setToolTip(
                f"Key of {tool.title}. It cannot be changed."
                if tool.fixed
                else f"Key of {tool.title}: click here and press another."
            )
            field.editingFinished.connect(lambda name=tool.name: self._on_key(name))
            self.fields[tool.name] = field
            grid.addWidget(QLabel(tool.title), i, 0)
            grid.addWidget(field, i, 1)
        return grid

    def _on_key(self, name: str) -> None:
        wanted = self.fields[name].keySequence()
        key = wanted.toString(QKeySequence.SequenceFormat.PortableText)
        if key:
            # where the key stays, it was said already what it is
            change = normal(key) != self.keys[name]
            refused = self._taken(wanted) or self.keys.set(name, key)
            self.say(refused)
            if change and not refused:
                self._note(normal(key))
        self.show_keys()

    def _note(self, key: str) -> None:
        """Say what napari used a key for that is a tool's now."""
        if use := use_of(key):
            self.words.setStyleSheet("")
            self.words.say(f"{key} was napari's key for: {use}. It is the tool's now.")

    def _taken(self, wanted: QKeySequence) -> str:
        """Say which entry of the window's menus has a key: it would go first."""
        fixed = [tool.key for tool in self.keys.tools.values() if tool.fixed]
        key = wanted.toString()
        window = self.window()
        menus = window.findChildren(QMenu) if window is not None else []
        for action in (action for menu in menus for action in menu.actions()):
            if wanted in action.shortcuts() and key not in fixed:
                title = action.text().replace("&", "")
                return f"{key} is a key of the menus ({title}): choose another key."
        return ""

    def _on_reset(self) -> None:
        self.say(self.keys.reset())
        self.show_keys()
