"""Where one is in the queue of suspects, and why the cell is doubted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from napari_cellseg.widgets.correct.kinds_box import KindsBox
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.section import Section

if TYPE_CHECKING:
    from napari_cellseg.session.review import Review

LINES = 3
"""Of words that are there always: less moves when the next suspect has more."""
GONE = "not there any more"
OUTDATED = "Found with other settings: find again."
_NEXT = "Go to the next suspect that nothing was said of, the most doubtful first."
_PREVIOUS = "Go back to the suspect before."
_ACCEPT = "It is right as it is: go on. What you edit counts as corrected by itself."
_SKIP = "Leave it undecided: go on."


class QueueBox(QWidget):
    """Words of a review, its buttons, and the kinds of reasons that are listed.

    Hidden until there is a queue. Its buttons do nothing by themselves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.progress, self.words = QLabel(), QLabel()
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(LINES * self.words.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.previous = button("Previous", _PREVIOUS)
        self.next = button("Next", _NEXT)
        self.accept = button("Accept", _ACCEPT)
        self.skip = button("Skip", _SKIP)
        self.kinds = KindsBox()
        folded = Section("Reasons to doubt", True, self.kinds)
        buttons = line(self.previous, self.next, self.accept, self.skip, stretch=-1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        # the words' height differs, and the buttons are clicked again and again
        for widget in (self.progress, buttons, self.words, folded):
            column.addWidget(widget)
        self.hide()

    def show(self, review: Review | None = None, on: bool = False) -> None:
        """Show where a review is; nothing can be pressed if it is not on."""
        self.kinds.show(review)
        if review is None or review.found is None:
            self.hide()
            return
        self.progress.setText(_progress(review))
        self.words.setText(words_of(review) if on else "")
        listed, at = bool(review.queue.suspects), review.current is not None
        self.previous.setEnabled(on and listed and review.position != 1)
        self.next.setEnabled(on and _others_left(review))
        self.accept.setEnabled(on and at)
        self.skip.setEnabled(on and at)
        self.setVisible(True)


def button(words: str, tip: str) -> QPushButton:
    """Make a button with a tooltip of several lines."""
    made = QPushButton(words)
    made.setToolTip(f"<p>{tip}</p>")
    return made


def _others_left(review: Review) -> bool:
    """Whether another suspect than the current one has no verdict."""
    (done, total), at = review.progress, review.current
    here = at is not None and review.queue.verdict(at) is None
    return total - done > int(here)


def words_of(review: Review) -> str:
    """Say which suspect one is at, and why it is doubted; empty if at none."""
    suspect = review.current
    if suspect is None:
        return ""
    said = review.queue.verdict(suspect)
    verdict = f" <b>({said})</b>" if said else ""
    reasons = (r.words for r in suspect.reasons if r.kind in review.kinds)
    words = "; ".join(reasons).removesuffix(".")
    outdated = review.outdated(suspect)
    if outdated and suspect.area and not review.number(suspect):
        words = GONE
    cell = f"Frame {suspect.t}, cell {suspect.label}{verdict}: {words}."
    return f"{cell} {OUTDATED}" if outdated else cell


def _progress(review: Review) -> str:
    done, total = review.progress
    if not total and not review.hidden:
        return "Nothing to doubt was found."
    where = f"<b>{review.position} of {total}</b>" if review.position else ""
    left = total - done
    rest = f"{left} to go" if left else "all done" if total else "0 suspects"
    hidden = f"{review.hidden} hidden" if review.hidden else ""
    return " · ".join(filter(None, (where, rest, hidden)))
