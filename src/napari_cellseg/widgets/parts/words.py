"""Words for the user in a dock."""

from __future__ import annotations

from qtpy.QtWidgets import QLabel

RIGHT, WRONG = "#4f9cf9", "#ff8a65"
"""Colours of what is to be done next, and of what is wrong."""


class Words(QLabel):
    """A label of as many lines as its words need.

    Parameters
    ----------
    tip : str
        What they are for.
    """

    def __init__(self, tip: str = "") -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setToolTip(tip)


class Trouble(Words):
    """Words for what is wrong; not there while nothing is."""

    def __init__(self, tip: str = "") -> None:
        super().__init__(tip)
        self.setStyleSheet(f"color: {WRONG}")
        self.hide()

    def say(self, words: str) -> None:
        """Show words; empty: nothing is wrong."""
        self.setText(words)
        self.setVisible(bool(words))
