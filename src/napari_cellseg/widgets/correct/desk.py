"""What the tools work on: the layer, its corrections, the scope, one piece of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject

from napari_cellseg.correction.edits import label_at
from napari_cellseg.errors import CellsegError, EditError
from napari_cellseg.session import Step
from napari_cellseg.widgets.correct.tools.over import (
    Cells,
    Found,
    cells_over,
    patches_over,
    refuse_stale,
)
from napari_cellseg.widgets.correct.turns import Turns
from napari_cellseg.widgets.parts.qt import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_cellseg.correction.patch import Patch
    from napari_cellseg.session.corrections import Corrections
    from napari_cellseg.widgets.correct.tools.over import Make
    from napari_cellseg.widgets.correct.tools.tool import Place
    from napari_cellseg.widgets.layers.corrected import Corrected

    Labels = NDArray[np.unsignedinteger]

CANCELLED = "Cancelled: nothing was changed."
NONE = "Choose masks to correct first."
BUSY = "Other frames are being worked on: wait, or cancel."


class Desk(QObject):
    """What tools read and write; what they refuse is told in words.

    Attributes
    ----------
    corrected : Corrected or None
        The layer that is corrected.
    scope : callable
        Of the number of frames, the frames to work on; None: the one on screen.
    told : Signal
        What was refused, in words for the user; empty when all is well.
    hinted : Signal
        What to do next, in words.
    asked : Signal
        A question, a number to begin with, and who takes the answer.
    reviewed : Signal
        What to do in the review: "next", "accept", "skip" or "check".
    sheet_wanted : Signal
        The cheat sheet is to be shown, or hidden.
    busied : Signal
        Work on many frames begins or ends.
    """

    told = Signal(str)
    hinted = Signal(str)
    asked = Signal(str, int, object)
    reviewed = Signal(str)
    sheet_wanted = Signal()
    busied = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.corrected: Corrected | None = None
        self.scope: Callable[[int], range | None] = lambda count: None
        self.turns = Turns()
        self._nothing = ""
        self.turns.ended.connect(self._on_end)

    @property
    def corrections(self) -> Corrections:
        """Those of the layer."""
        return self._there().corrections

    @property
    def layer(self) -> Any:
        """The Labels layer."""
        return self._there().layer

    @property
    def t(self) -> int:
        """The frame on screen."""
        return self._there().t

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.corrections.frames.shape[0]

    @property
    def wide(self) -> bool:
        """Whether other frames are chosen than the one on screen."""
        return self.corrected is not None and self.scope(self.count) is not None

    def frame(self, t: int) -> Labels:
        """Frame t as it is shown."""
        return self.corrections.frames.read(t)

    def label(self, place: Place) -> int:
        """Return the number of the cell at a place, 0 if there is none."""
        t, y, x = place
        return label_at(self.frame(t), y, x)

    def cell(self, place: Place) -> int:
        """Return the number of the cell at a place.

        Raises
        ------
        EditError
            If there is none.
        """
        label = self.label(place)
        if not label:
            raise EditError("There is no cell under the pointer.")
        return label

    def reach(self, t: int, step: int) -> range:
        """Frames beyond frame t that may be changed, one way, the nearest first."""
        frames = self.scope(self.count) or range(self.count)
        end = frames.stop if step > 0 else frames.start - 1
        return range(t + step, end, step)

    def do(self, act: Callable[..., object], *args: object) -> None:
        """Let a tool act: painted pixels are captured first, refusals told."""
        try:
            corrected = self._there()
            if corrected.lacking:
                raise EditError(corrected.lacking)
            if self.turns.running:
                raise EditError(BUSY)
            corrected.capture()
            self.told.emit("")
            act(*args)
        except CellsegError as error:
            self.told.emit(_sentence(error))

    def edit(self, words: str, patches: Mapping[int, Patch], nothing: str = "") -> None:
        """Change pixels, in one step that can be undone.

        Raises
        ------
        EditError
            If a cell is locked, or a frame has changed.
        """
        refuse_stale(self.corrections, patches)
        if self.corrections.edit(words, patches) is None:
            self.hinted.emit(nothing or "There is nothing to change here.")

    def over(
        self, words: str, t: int, ids: list[int], make: Make, nothing: str = ""
    ) -> None:
        """Change cells of frame t, and the same ones in the scope's other frames."""
        frames = self._frames(t)
        corrections = self.corrections
        work = patches_over(corrections, words, t, ids, frames, make)
        self._do(work, frames, nothing)

    def lock(self, t: int, label: int, on: bool) -> None:
        """Lock a cell in the frames of the scope, or unlock it; one step."""
        frames, words = self._frames(t), f"{'Lock' if on else 'Unlock'} {label}"
        work = cells_over(self.corrections, words, t, label, frames, on)
        self._do(work, frames)

    def work(self, work: Iterator[Step | Found | Cells], nothing: str = "") -> None:
        """Do what work finds, once it has; in the meantime the window stays alive."""
        self._nothing = nothing
        self.busied.emit(True)
        self.turns.start(work)

    def cancel(self) -> None:
        """Give up what is worked on: nothing is changed."""
        if self.turns.running:
            self.turns.cancel()
            self.busied.emit(False)
            self.hinted.emit(CANCELLED)

    def new_label(self) -> int:
        """Select a free number for napari's brush."""
        return self._there().new_label()

    def undo(self) -> None:
        """Take the last step back, and bring it on screen."""
        self._there().undo()

    def redo(self) -> None:
        """Do the step again that was undone last, and bring it on screen."""
        self._there().redo()

    def _there(self) -> Corrected:
        if self.corrected is None:
            raise EditError(NONE)
        return self.corrected

    def _frames(self, t: int) -> range:
        frames = self.scope(self.count)
        if frames is None:
            return range(t, t + 1)
        if t not in frames:
            raise EditError(
                f"Frame {t} is not among frames {frames.start} to {frames.stop - 1}: "
                "change the frames, or go to one of them."
            )
        return frames

    def _do(
        self, work: Iterator[Step | Found | Cells], frames: range, nothing: str = ""
    ) -> None:
        """Do what work finds: at once in one frame."""
        if len(frames) > 1:
            self.work(work, nothing)
            return
        *_, found = work
        assert not isinstance(found, Step)
        self._nothing = nothing
        self._apply(found)

    def _on_end(self, found: Found | Cells | CellsegError | None) -> None:
        self.busied.emit(False)
        if isinstance(found, CellsegError):
            self.told.emit(_sentence(found))
        elif found is not None:
            self.do(self._apply, found)

    def _apply(self, found: Found | Cells) -> None:
        if isinstance(found, Cells):
            self.corrections.lock(found.cells, found.on, found.words)
            return
        self.edit(found.words, found.patches, self._nothing)


def _sentence(error: CellsegError) -> str:
    """Write what went wrong as a sentence."""
    words = str(error)
    return words[:1].upper() + words[1:].rstrip(".") + "."
