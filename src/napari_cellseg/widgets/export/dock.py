"""The Export dock: from a Labels layer to files that others read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellseg.errors import CellsegError, ImageError
from napari_cellseg.session.engine import EXPECTED, explain
from napari_cellseg.widgets.export.work import nuclei_of, subject_of, write
from napari_cellseg.widgets.layers.choice import LayerChoice
from napari_cellseg.widgets.parts.dock import Dock
from napari_cellseg.widgets.parts.line import line
from napari_cellseg.widgets.parts.progress_box import ProgressBox
from napari_cellseg.widgets.parts.words import Words
from napari_cellseg.widgets.workers.fault import Fault
from napari_cellseg.widgets.workers.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

    from napari_cellseg.session import Step
    from napari_cellseg.widgets.export.work import Subject

FORMATS = {
    "Cell Tracking Challenge": (
        "ctc",
        "mask000.tif … linked over time, and res_track.txt with the lineage.",
    ),
    "Label TIFF": ("tiff", "One TIFF file, a page a frame; ids as they are."),
    "OME-Zarr": ("zarr", "One OME-Zarr folder, in chunks; ids as they are."),
}
NOTHING = "Nothing to export yet: make masks with Segment cells first."


class ExportWidget(Dock):
    """Choose labels, a format and a folder, and write them.

    Parameters
    ----------
    napari_viewer : Viewer
        The viewer that the dock belongs to.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(napari_viewer)
        self.job = Job()
        self._written = ""
        self._make_parts()
        self._lay_out()
        self._connect()
        self._on_layer()
        # with the whole window
        self._end_with_window(self.job.cancel, self.layers.close_down)

    def event(self, event: QEvent | None) -> bool:
        """Qt's: any event."""
        done = bool(super().event(event))
        kinds = (QEvent.Type.LayoutRequest, QEvent.Type.Resize)
        if event is not None and event.type() in kinds:
            # a dock is else made as low as words in a single line would let it be
            layout = self.layout()
            assert layout is not None
            # -1 where no words are shown
            height = layout.minimumHeightForWidth(self.width())
            self.setMinimumHeight(max(0, height))
        return done

    def _end(self) -> None:
        self.job.cancel()
        self.layers.close_down()

    def start(self) -> None:
        """Write what is chosen to the folder chosen."""
        layer, folder = self.layers.layer, self.folder.text().strip()
        if layer is None:
            self._say(NOTHING)
            return
        if not folder or "\0" in folder:
            # a pasted name may hold the one character that no name may hold
            self._say("Choose a folder to write to first.")
            return
        kind = FORMATS[self.format.currentText()][0]
        try:
            nuclei = nuclei_of(layer, self.viewer.layers)
            subject = subject_of(layer, kind, nuclei)
        except ImageError as error:
            self._say(str(error))
            return
        self.empty.setVisible(bool(subject.refusal))
        if subject.refusal and not self.empty.isChecked():
            self._say(subject.refusal)
            return
        to, overwrite = Path(folder).expanduser(), self.replace.isChecked()
        self._written = ""
        self.job.start("Export masks", lambda: _safely(subject, to, kind, overwrite))
        self.progress.begin("Starting…")
        self.button.setEnabled(False)
        self._say("")

    def _make_parts(self) -> None:
        self.layers = LayerChoice(self.viewer, "labels", previews=True)
        self.layers.setToolTip("The masks to write.")
        self.format = QComboBox()
        self.format.addItems(list(FORMATS))
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("Folder to write to")
        self.folder.setToolTip("Folder to write to; it is made if it is not there.")
        self.browse = QPushButton("Browse…")
        self.browse.setToolTip("Choose the folder to write to.")
        self.replace = QCheckBox("Replace what is there")
        self.replace.setToolTip(
            "<p>Otherwise a folder that holds results is left as it is. The old result "
            "stays until the new one is complete.</p>"
        )
        self.empty = QCheckBox("Write them empty")
        self.empty.setToolTip(
            "<p>Export although frames have no result: their masks are empty.</p>"
        )
        self.empty.hide()
        self.button = QPushButton("Export")
        self.button.setToolTip("Write the masks.")
        self.progress = ProgressBox()
        self.words = Words()
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        self.words.setTextInteractionFlags(selectable)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setSpacing(4)
        rows: list[tuple[str, QWidget]] = [
            ("Masks", self.layers),
            ("Format", self.format),
            ("Folder", line(self.folder, self.browse)),
        ]
        for i, (title, widget) in enumerate(rows):
            grid.addWidget(QLabel(title), i, 0)
            grid.addWidget(widget, i, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(grid)
        column.addWidget(line(self.replace, self.button))
        for widget in (self.empty, self.progress, self.words):
            column.addWidget(widget)
        column.addStretch(1)
        # what is left of the window's height is for the dock above
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _connect(self) -> None:
        self.layers.chosen.connect(self._on_layer)
        self.format.currentTextChanged.connect(self._on_format)
        self.browse.clicked.connect(self._on_browse)
        self.button.clicked.connect(self.start)
        self.progress.cancelled.connect(self.job.cancel)
        self.job.stepped.connect(self._on_step)
        self.job.answered.connect(self._on_written)
        self.job.ended.connect(self._on_end)
        self._on_format(self.format.currentText())

    def _on_layer(self, layer: Any = None) -> None:
        there = self.layers.layer is not None
        self.button.setEnabled(there and not self.job.running)
        self._say("" if there else NOTHING)
        # allowed for the labels that it was said of, not for others
        self.empty.setChecked(False)
        self.empty.hide()

    def _on_format(self, name: str) -> None:
        self.format.setToolTip(f"<p>{FORMATS[name][1]}</p>")

    def _on_browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder to write to")
        if folder:
            self.folder.setText(folder)

    def _on_step(self, step: Step) -> None:
        self.progress.step(step.words, step.done, step.total)

    def _on_written(self, words: str) -> None:
        self._written = words

    def _on_end(self, words: str) -> None:
        self.progress.end()
        self.button.setEnabled(self.layers.layer is not None)
        self._say(words or self._written)


def _safely(
    subject: Subject, folder: Path, kind: str, overwrite: bool
) -> Iterator[Step | str | Fault]:
    """Write; errors come back as words."""
    try:
        yield from write(subject, folder, kind, overwrite)
    except EXPECTED as error:
        said = _explain(error, folder)
        notes = " ".join(getattr(error, "__notes__", []))
        yield Fault(f"{said} {notes}".strip())


def _explain(error: BaseException, folder: Path) -> str:
    if isinstance(error, OSError) and not isinstance(error, CellsegError):
        why = error.strerror or str(error)
        return f"{folder} cannot be written to ({why}): choose another folder."
    return explain(error).replace("replace them with --overwrite", "tick Replace")
