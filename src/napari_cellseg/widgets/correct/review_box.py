"""The review: find doubtful cells, go from one to the next, say what they are."""

from __future__ import annotations

from math import pi, sqrt
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from napari_cellseg.errors import OutputError
from napari_cellseg.session.engine import EXPECTED, explain
from napari_cellseg.session.review import Review
from napari_cellseg.session.reviewing import Found, find_suspects
from napari_cellseg.widgets.correct.camera import look_at
from napari_cellseg.widgets.correct.checked_line import CheckedLine
from napari_cellseg.widgets.correct.conflicts_box import ConflictsBox
from napari_cellseg.widgets.correct.evidence import evidence_of
from napari_cellseg.widgets.correct.hearing import Hearing
from napari_cellseg.widgets.correct.marker import Marker
from napari_cellseg.widgets.correct.queue_box import QueueBox, button, words_of
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.progress_box import ProgressBox
from napari_cellseg.widgets.parts.qt import Signal
from napari_cellseg.widgets.workers.fault import Fault
from napari_cellseg.widgets.workers.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellseg.correction.review import Suspect
    from napari_cellseg.session import Step
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.widgets.layers.corrected import Corrected

_REVIEWS: WeakKeyDictionary[Corrections, Review] = WeakKeyDictionary()
"""A queue is gone on with when its layer is chosen again."""
LEAST = 24.0
"""Extent that a smaller cell is looked at with (px): what is around it matters."""
NO_OTHER = "No other suspect is left."
CANCELLED = "Cancelled: the queue is as it was."
_FIND = (
    "Look for cells to doubt in all frames: hardly split, undecided outlines, jumps in "
    "time, tracks that begin or end within the field. What was edited is looked at as "
    "it is now."
)
_EXPORT = "Write the suspects, their reasons and what was said of them to a CSV file."


class ReviewBox(QWidget):
    """Suspects one after the other, frames that were checked, and conflicts.

    Attributes
    ----------
    failed : Signal
        What went wrong, in words for the user; empty when all is well again.
    said : Signal
        Why the suspect is doubted that was gone to, in words: the review may be
        scrolled out of sight.
    """

    failed = Signal(str)
    said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.corrected: Corrected | None = None
        self.review: Review | None = None
        self.job = Job()
        self._hearing = Hearing(self)
        self.marker = Marker()
        self._asked: Review | None = None
        self._found: Found | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.refresh()
        # with the whole window
        self.destroyed.connect(self.job.cancel)

    def show(self, corrected: Corrected | None = None) -> None:
        """Review another layer, or none, and listen to it alone."""
        if corrected is self.corrected:
            return
        self.job.cancel()
        self.corrected, self.review = corrected, None
        self._hearing.end()
        if corrected is not None:
            self.review = _review_of(corrected.corrections)
            self.review.choose(self.queue.kinds.chosen)
            signals = corrected.changed, self.review.changed
            self._hearing.to(*((signal, self._on_changed) for signal in signals))
        self.checked.show(corrected)
        self.conflicts.show(corrected)
        self.refresh()

    def start(self) -> None:
        """Look for suspects in the background."""
        corrected = self.corrected
        if corrected is None or corrected.lacking or self.job.running:
            return
        corrected.capture()
        corrections, evidence = corrected.corrections, evidence_of(corrected)
        self._asked = self.review

        def work() -> Iterator[Step | Found | Fault]:
            try:
                yield from find_suspects(corrections, evidence)
            except EXPECTED as error:
                yield Fault(explain(error))

        self.failed.emit("")
        self.job.start("Find suspects", work)
        self.progress.begin("Reviewing…")
        self.refresh()

    def next(self) -> None:
        """Go to the next suspect without a verdict."""
        if self.review is not None:
            self._go(self.review.next())

    def previous(self) -> None:
        """Go to the suspect before."""
        if self.review is not None:
            self._go(self.review.previous())

    def accept(self) -> None:
        """Say that the suspect is right as it is, and go on."""
        if self.review is not None:
            self._go(self.review.judge("accepted"))

    def skip(self) -> None:
        """Say nothing of the suspect, and go on."""
        if self.review is not None:
            self._go(self.review.judge("skipped"))

    def toggle_checked(self) -> None:
        """Say that the frame on screen is done, or is not."""
        self.checked.toggle()

    def export(self, path: Path) -> None:
        """Write the table of the suspects."""
        if self.review is None:
            return
        try:
            self.review.queue.write_csv(path)
        except OutputError as error:
            self.failed.emit(str(error))

    def refresh(self) -> None:
        """Show where the review is."""
        review = self.review
        there = self.corrected is not None and not self.corrected.lacking
        self.search.setEnabled(there and not self.job.running)
        self.table.setEnabled(review is not None and bool(review.queue.suspects))
        self.queue.show(review, there)
        self.marker.show(self.corrected, review)

    def close_down(self) -> None:
        """End the work, and listen no more."""
        self.job.cancel()
        self.show(None)

    def _on_changed(self) -> None:
        # an edit of many frames says so for each of them; its keys are heard, and the
        # suspect is marked, while the review is out of sight
        self._soon.start(0)

    def _go(self, suspect: Suspect | None) -> None:
        """Bring a suspect on screen, and select it."""
        corrected, review = self.corrected, self.review
        if corrected is None or review is None or corrected.lacking:
            return
        if suspect is None:
            self.said.emit(NO_OTHER)
            return
        corrected.go(suspect.t)
        extent = 2 * sqrt(suspect.area / pi)
        look_at(corrected, suspect.place, max(extent, LEAST))
        label = review.number(suspect)
        if label:
            corrected.layer.selected_label = label
        self.said.emit(words_of(review))

    def _on_found(self, found: Found) -> None:
        self._found = found

    def _on_end(self, words: str) -> None:
        self.progress.end()
        found, self._found = self._found, None
        self.failed.emit(CANCELLED if words.startswith("Cancelled") else words)
        # another layer may have been chosen meanwhile
        if found is not None and not words and self.review is self._asked:
            self._take(found)
        self.refresh()

    def _take(self, found: Found) -> None:
        if self.review is not None:
            self.review.take(found)
            self.next()

    def _on_step(self, step: Step) -> None:
        self.progress.step(step.words, step.done, step.total)

    def _on_kinds(self) -> None:
        if self.review is not None:
            self.review.choose(self.queue.kinds.chosen)

    def _on_export(self) -> None:
        assert self.corrected is not None
        name = f"{self.corrected.layer.name} review.csv".replace(" ", "_")
        path, _ = QFileDialog.getSaveFileName(self, "Export table", name, "CSV (*.csv)")
        if path:
            self.export(Path(path))

    def _make_parts(self) -> None:
        self.search = button("Find suspects", _FIND)
        self.table = button("Export table…", _EXPORT)
        self.progress = ProgressBox()
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(False)
        self.progress.setSizePolicy(policy)
        self.progress.button.setToolTip("<p>Stop. The queue stays as it was.</p>")
        self.queue = QueueBox()
        self.checked = CheckedLine()
        self.conflicts = ConflictsBox()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (
            line(self.search, self.table, stretch=-1),
            self.progress,
            self.queue,
            self.checked,
            self.conflicts,
        ):
            column.addWidget(widget)

    def _connect(self) -> None:
        self.search.clicked.connect(self.start)
        self.table.clicked.connect(self._on_export)
        self.queue.previous.clicked.connect(self.previous)
        self.queue.next.clicked.connect(self.next)
        self.queue.accept.clicked.connect(self.accept)
        self.queue.skip.clicked.connect(self.skip)
        self.conflicts.failed.connect(self.failed)
        self.queue.kinds.changed.connect(self._on_kinds)
        self.progress.cancelled.connect(self.job.cancel)
        self.job.stepped.connect(self._on_step)
        self.job.answered.connect(self._on_found)
        self.job.ended.connect(self._on_end)


def _review_of(corrections: Corrections) -> Review:
    review = _REVIEWS.get(corrections)
    if review is None:
        review = _REVIEWS[corrections] = Review(corrections)
    return review
