"""Which key is which tool's: the defaults, and what the user made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_cellseg.settings import KEY, load_settings, save_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellseg.widgets.correct.tools.tool import Tool

RESERVED = {
    "Escape": "ends a tool",
    "Enter": "ends a split",
    "Space": "moves the picture while it is held",
    "Left": "goes to the frame before",
    "Right": "goes to the frame after",
    "Q": "shows what was before (Segment cells)",
    "M": "selects a free number for napari's brush",
}
"""Keys that no tool can have, and what they do."""
ORDER = ("Ctrl", "Shift", "Alt", "Meta")
SAME = {"Return": "Enter", "Esc": "Escape", "PgUp": "PageUp", "PgDown": "PageDown",
        "Del": "Delete", "Ins": "Insert"}  # fmt: skip
QT = {"PageUp": "PgUp", "PageDown": "PgDown"}
"""Keys that Qt names in no other way."""


class KeyMap:
    """The key of each tool.

    Parameters
    ----------
    tools : mapping of str to Tool
        By name.

    Attributes
    ----------
    changed : Signal
        A tool has another key.
    words : str
        Why keys of the settings cannot be used; empty if all can.
    """

    changed = Signal()

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self.tools = tools
        self._own: dict[str, str] = {}
        self.words = ""
        settings, self.words = load_settings()
        # a tool that another version has is left out without a word
        self._own = {n: normal(key) for n, key in settings.keys.items() if n in tools}
        # all together first: two tools may have changed keys with each other
        for name in list(self._own):
            if refusal := self.refusal(name, self._own[name]):
                self.words = refusal
                del self._own[name]

    def __getitem__(self, name: str) -> str:
        """Key of a tool."""
        return self._own.get(name, self.tools[name].key)

    @property
    def own(self) -> bool:
        """Whether any key is another than by default."""
        return bool(self._own)

    def refusal(self, name: str, key: str) -> str:
        """Return why a tool cannot have a key, in words; empty if it can."""
        key = normal(key)
        if self.tools[name].fixed:
            return f"The key of {self.tools[name].title} cannot be changed."
        if not KEY.fullmatch(key):
            return (
                f"{key or 'Nothing'} is no key: press a letter, a digit or F1 to F12, "
                "alone or with Ctrl, Shift or Alt."
            )
        if key in RESERVED:
            return f"{key} {RESERVED[key]}: choose another key."
        for other, tool in self.tools.items():
            if other != name and self[other] == key:
                return f"{key} is the key of {tool.title}: choose another key."
        return ""

    def set(self, name: str, key: str) -> str:
        """Give a tool a key and keep it; words if that cannot be."""
        key = normal(key)
        words = self.refusal(name, key)
        if words or key == self[name]:
            return words
        self._own[name] = key
        if key == self.tools[name].key:
            del self._own[name]
        return self._changed()

    def reset(self) -> str:
        """Give every tool its default key; words if that cannot be kept."""
        self._own.clear()
        return self._changed()

    def _changed(self) -> str:
        self.changed.emit()
        # other settings may have changed since
        settings, _ = load_settings()
        return save_settings(settings.model_copy(update={"keys": dict(self._own)}))


def normal(key: str) -> str:
    """Write a key as it is compared: modifiers in one order, letters upper-case.

    Examples
    --------
    >>> normal("shift+ctrl+r"), normal("Return"), normal("+")
    ('Ctrl+Shift+R', 'Enter', '+')
    """
    *modifiers, last = key.strip().split("+")
    found = {word.strip().capitalize() for word in modifiers}
    if not last or not found <= set(ORDER):
        return key.strip()
    last = SAME.get(last.strip(), last.strip())
    last = last.upper() if len(last) == 1 else last[0].upper() + last[1:]
    return "+".join([*(word for word in ORDER if word in found), last])


def as_qt(key: str) -> str:
    """Write a key as Qt names it.

    Examples
    --------
    >>> as_qt("Shift+PageUp"), as_qt("R")
    ('Shift+PgUp', 'R')
    """
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, QT.get(last, last)])
